// What the tools demand of a package's files, said again as code. Sources of the rules stand beside them.
#include "tinynas/engine/package.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "engine/packages.h"
#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/core/yaml.h"

using namespace tinynas;
using Catch::Matchers::Contains;

namespace {

/// The packages of one small network, by kind; for ESP-IDF, planned for a core without instructions of Arm's.
class Made {
 public:
  explicit Made(const std::string& kind, const std::string& name = "front_door",
                cost::Core core = cost::Core::kCortexM3)
      : oracle_(81, 1),
        name_(name),
        files_(test::package_of(oracle_, test::labelled_options(name, oracle_, core), kind, "1.2.3")) {}
  /// Text of a file below NAME/.
  const std::string& file(const std::string& path) const { return any(name_ + "/" + path); }
  const std::string& any(const std::string& path) const {
    const auto found =
        std::find_if(files_.begin(), files_.end(), [&](const auto& f) { return f.path == path; });
    if (found == files_.end()) throw std::runtime_error("no " + path + " in the package");
    return found->text;
  }
  bool has(const std::string& path) const {
    return std::any_of(files_.begin(), files_.end(),
                       [&](const auto& f) { return f.path == name_ + "/" + path; });
  }
  const std::vector<engine::GeneratedFile>& files() const { return files_; }
  const test::Oracle& oracle() const { return oracle_; }

 private:
  test::Oracle oracle_;
  std::string name_;
  std::vector<engine::GeneratedFile> files_;
};

bool matches(const std::string& text, const std::string& pattern) {
  return std::regex_match(text, std::regex(pattern));
}

const char* const kSemver = R"((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*))";
const char* const kUri = R"(https?://[A-Za-z0-9.-]+(/[A-Za-z0-9._/-]*)?)";

}  // namespace

TEST_CASE(
    "every package has all sources and headers in src, its example apart, and no main() beside the sources") {
  const test::Oracle oracle(81, 1);
  const auto options = test::labelled_options("front_door", oracle, cost::Core::kCortexM3);
  const auto plain = test::generate(oracle, options);
  for (const auto kind : engine::package_kinds()) {
    INFO(kind);
    const Made made{std::string(kind)};
    int mains = 0;
    for (const auto& file : plain) {
      const bool code = file.path.ends_with(".c") || file.path.ends_with(".h");
      if (code && file.path.find('/') == std::string::npos) CHECK(made.file("src/" + file.path) == file.text);
    }
    for (const auto& file : made.files()) {
      INFO(file.path);
      CHECK((file.path.starts_with("front_door/") || kind == "arduino" || kind == "cmsis"));
      CHECK(file.path.find("Makefile") == std::string::npos);
      const bool source =
          file.path.ends_with(".c") || file.path.ends_with(".cpp") || file.path.ends_with(".ino");
      if (!source) continue;
      const bool entry =
          std::regex_search(file.text, std::regex(R"((^|\n)(int main|void app_main|void setup)\()"));
      if (file.path.starts_with("front_door/src/")) CHECK_FALSE(entry);
      if (entry && !file.path.starts_with("front_door/extras/")) ++mains;
    }
    CHECK(mains == 1);
    CHECK_THAT(made.file("README.md"), Contains("## Layers") && !Contains("make lib"));
    for (const auto& file : made.files())  // the README says what every file of extras/ is
      if (const std::string extras = "front_door/extras/"; file.path.starts_with(extras))
        CHECK_THAT(made.file("README.md"), Contains("`" + file.path.substr(extras.size()) + "`"));
    CHECK(made.files().size() == Made(std::string(kind)).files().size());
    for (std::size_t i = 0; i < made.files().size(); ++i)
      CHECK(made.files()[i].text == Made(std::string(kind)).files()[i].text);
  }
}

TEST_CASE("a package's kind, version and name are refused with what is right") {
  const test::Oracle oracle(81, 1);
  const auto made = [&](const std::string& name, const std::string& kind, const std::string& version,
                        cost::Core core = cost::Core::kCortexM4) {
    test::package_of(oracle, test::labelled_options(name, oracle, core), kind, version);
  };
  CHECK_THROWS_WITH(
      made("door", "arduin", "1.0.0"),
      "package 'arduin': unknown; did you mean 'arduino'? Known: arduino, platformio, zephyr, esp-idf, "
      "cmsis");
  for (const char* version :
       {"1", "1.0", "1.0.0.0", "v1.0.0", "1.00.0", "1..0", "1.0.0-beta", "", "1.0.123456"})
    CHECK_THROWS_WITH(made("door", "arduino", version),
                      Contains("expected three numbers without leading zeros, as in 1.0.0"));
  for (const char* name :
       {"x", "_door", "door_", "front__door", "Arduino_door", "a23456789012345678901234567890123"})
    CHECK_THROWS_WITH(made(name, "arduino", "1.0.0"), Contains("2 to 32 letters") && Contains("--name"));
  CHECK_THROWS_AS(made("7door", "arduino", "1.0.0"), ConfigError);
  CHECK_THROWS_WITH(
      made("door", "esp-idf", "1.0.0", cost::Core::kCortexM7),
      Contains("do not have the instructions of cortex-m7") && Contains("cortex-m0plus, cortex-m3"));
  CHECK_NOTHROW(made("a2345678901234567890123456789012", "cmsis", "10.20.99999"));
}

// https://docs.arduino.cc/arduino-cli/library-specification and the schemas of
// https://github.com/arduino/arduino-lint/tree/main/etc/schemas ("specification" and, where met, "strict").
TEST_CASE("library.properties keeps to Arduino's specification") {
  const Made made("arduino");
  std::map<std::string, std::string> fields;
  std::istringstream in(made.file("library.properties"));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#') || line.empty()) continue;
    const auto equals = line.find('=');
    REQUIRE(equals != std::string::npos);  // any other line is an error of every compilation
    CHECK(fields.emplace(line.substr(0, equals), line.substr(equals + 1)).second);
  }
  for (const char* required : {"name", "version", "author", "maintainer", "sentence", "paragraph", "category",
                               "url", "architectures"}) {
    INFO(required);
    CHECK(!fields[required].empty());
  }
  CHECK(matches(fields["name"], R"([A-Za-z0-9][A-Za-z0-9 _.-]{0,62})"));
  CHECK(matches(fields["version"], kSemver));
  CHECK(!matches(fields["maintainer"], "[Aa]rduino.*"));
  const std::set<std::string> categories = {"Display",      "Communication",   "Signal Input/Output",
                                            "Sensors",      "Device Control",  "Timing",
                                            "Data Storage", "Data Processing", "Other"};
  CHECK(categories.count(fields["category"]) == 1);
  CHECK(matches(fields["url"], kUri));
  CHECK(fields["includes"] == "front_door.h");
  CHECK(made.has("src/front_door.h"));
  CHECK(made.has("examples/front_door/front_door.ino"));  // a sketch has the name of its folder
  for (const auto& file : made.files()) {
    CHECK(file.path.find(".development") == std::string::npos);
    CHECK(file.path.find("/utility/") == std::string::npos);
  }
}

// https://docs.platformio.org/en/latest/manifests/library-json/ and its schema,
// platformio/assets/schema/library.json in https://github.com/platformio/platformio-core.
TEST_CASE("library.json keeps to PlatformIO's schema") {
  const Made made("platformio");
  const auto library = nlohmann::json::parse(made.file("library.json"));
  const std::set<std::string> known = {"$schema",      "name",    "version",  "description", "keywords",
                                       "homepage",     "authors", "license",  "repository",  "frameworks",
                                       "platforms",    "headers", "examples", "build",       "export",
                                       "dependencies", "scripts"};
  for (const auto& [key, value] : library.items()) CHECK(known.count(key) == 1);
  CHECK(matches(library.at("name"), "[a-z0-9]+(-[a-z0-9]+)*"));
  CHECK(library.at("name").get<std::string>().size() <= 50);
  CHECK(matches(library.at("version"), kSemver));
  CHECK(library.at("version").get<std::string>().size() <= 20);
  CHECK(library.at("description").get<std::string>().size() <= 255);
  CHECK(matches(library.at("keywords"), "[a-z0-9-]+(, [a-z0-9-]+)*"));
  CHECK(library.at("frameworks") == "*");
  CHECK(library.at("platforms") == "*");
  CHECK(made.has("src/" + library.at("headers").get<std::string>()));
  const auto& build = library.at("build");
  CHECK(build.at("srcDir") == "src");
  CHECK(build.at("includeDir") == "src");
  CHECK(build.at("flags").is_string());
  REQUIRE(library.at("examples").size() == 1);
  const auto& example = library.at("examples")[0];
  for (const auto& file : example.at("files"))
    CHECK(made.has(example.at("base").get<std::string>() + "/" + file.get<std::string>()));
}

// boards/BOARD.json in https://github.com/platformio/platform-raspberrypi, -ststm32 and -espressif32: "cpu"
// (of an ESP32-C3, "mcu") and "frameworks".
TEST_CASE("PlatformIO's example names a board with the core that was planned for, or says what to fill in") {
  for (const auto& [core, name, lines] :
       {std::tuple{cost::Core::kCortexM0Plus, "cortex-m0plus", "platform = raspberrypi\nboard = pico\n"},
        std::tuple{cost::Core::kCortexM3, "cortex-m3", "platform = ststm32\nboard = nucleo_f103rb\n"},
        std::tuple{cost::Core::kCortexM4, "cortex-m4", "platform = ststm32\nboard = nucleo_l4r5zi\n"},
        std::tuple{cost::Core::kCortexM7, "cortex-m7", "platform = ststm32\nboard = nucleo_f746zg\n"},
        std::tuple{cost::Core::kCortexM33, "cortex-m33", "platform = ststm32\nboard = nucleo_u575zi_q\n"},
        std::tuple{cost::Core::kRiscv32, "riscv32",
                   "platform = espressif32\nboard = esp32-c3-devkitm-1\n"}}) {
    const Made made("platformio", "front_door", core);
    CHECK_THAT(made.file("examples/front_door/platformio.ini"),
               Contains("[env:example]\n; A board with a " + std::string(name)) &&
                   Contains("\n" + std::string(lines) + "framework = arduino\n"));
    CHECK_THAT(made.file("README.md"), Contains("a board with a " + std::string(name)));
  }
  const Made made("platformio", "front_door", cost::Core::kCortexM55);
  CHECK_THAT(made.file("examples/front_door/platformio.ini"),
             Contains("\n; board = ...") && !Contains("\nboard =") && !Contains("\nplatform ="));
  CHECK_THAT(made.file("README.md"), Contains("PlatformIO knows no board with a cortex-m55"));
}

// METADATA_SCHEMA of scripts/zephyr_module.py in https://github.com/zephyrproject-rtos/zephyr.
TEST_CASE("module.yml has Zephyr's keys and names files that are there") {
  const Made made("zephyr");
  const auto module = yaml::Node::parse(made.file("zephyr/module.yml"), "module.yml");
  CHECK(module.at("name").text() == "front_door");
  const auto build = module.at("build");
  CHECK(made.has(build.at("cmake").text() + "/CMakeLists.txt"));
  CHECK(made.has(build.at("kconfig").text()));
  CHECK_NOTHROW(module.finish());  // no other keys
  CHECK(made.file("samples/front_door/prj.conf") == "CONFIG_TINYNAS_FRONT_DOOR=y\n");
}

// scripts/schemas/twister/testsuite-schema.yaml there; a scenario's name has a section and a subsection.
TEST_CASE("sample.yaml has Twister's keys, and its test is only built") {
  const auto file = yaml::Node::parse(Made("zephyr").file("samples/front_door/sample.yaml"), "sample.yaml");
  const auto sample = file.at("sample"), test = file.at("tests").at("sample.tinynas.front_door");
  CHECK(sample.at("name").text() == "front_door");
  CHECK(!sample.at("description").text().empty());
  CHECK(test.at("build_only").boolean());
  CHECK_NOTHROW(file.finish());  // no other keys
}

TEST_CASE("Zephyr's own parser reads Kconfig, and the option is off unless it is set") {
  const test::TemporaryFolder folder;
  write_file(folder / "Kconfig", Made("zephyr").file("zephyr/Kconfig"));
  write_file(folder / "prj.conf", Made("zephyr").file("samples/front_door/prj.conf"));
  constexpr const char* kPython = "/usr/bin/python3";  // Debian's own, which sees Debian's modules
  if (find_program(kPython).empty() ||
      run_process({kPython, "-c", "import kconfiglib"}, {}).exit_status != 0) {
    std::cout << "skipped: python3-kconfiglib is not installed (tools/install-deps --tests)\n";
    return;
  }
  const auto output = test::run_in(
      folder.path(),
      {kPython, "-c",
       "import kconfiglib\n"
       "k = kconfiglib.Kconfig('Kconfig', warn_to_stderr=False)\n"
       "print(sorted(s.name for s in k.unique_defined_syms), k.syms['TINYNAS_FRONT_DOOR'].str_value)\n"
       "k.load_config('prj.conf')\n"
       "print(k.syms['TINYNAS_FRONT_DOOR'].str_value, k.warnings)\n"});
  CHECK(output == "['TINYNAS_FRONT_DOOR'] n\ny []\n");
}

// https://docs.espressif.com/projects/idf-component-manager/en/latest/reference/manifest_file.html; names:
// idf_component_tools/manifest in https://github.com/espressif/idf-component-manager.
TEST_CASE("idf_component.yml has the component manager's keys and a semantic version") {
  const Made made("esp-idf");
  const auto manifest = yaml::Node::parse(made.file("idf_component.yml"), "idf_component.yml");
  CHECK(matches(manifest.at("version").text(), kSemver));
  CHECK(!manifest.at("description").text().empty());
  CHECK(matches(manifest.at("url").text(), kUri));
  CHECK_NOTHROW(manifest.finish());                                 // all others are optional and not there
  CHECK(matches("front_door", "[a-zA-Z0-9]+([_-][a-zA-Z0-9]+)*"));  // the folder is the component's name
  CHECK(made.has("CMakeLists.txt"));
  CHECK(made.has("examples/front_door/main/CMakeLists.txt"));
}

namespace {

/// The value of an XPath expression.
class Xml {
 public:
  explicit Xml(const std::string& text) { write_file(folder_ / "file.xml", text); }
  std::string value(const std::string& path) const {
    auto output = test::run_in(folder_.path(), {"xmllint", "--xpath", path, "file.xml"});
    if (output.ends_with('\n')) output.pop_back();
    return output;
  }
  std::string string(const std::string& path) const { return value("string(" + path + ")"); }
  int count(const std::string& path) const { return std::stoi(value("count(" + path + ")")); }

 private:
  test::TemporaryFolder folder_;
};

}  // namespace

// schema/PACK.xsd in https://github.com/Open-CMSIS-Pack/Open-CMSIS-Pack-Spec; file names:
// https://open-cmsis-pack.github.io/Open-CMSIS-Pack-Spec/main/html/packFormat.html.
TEST_CASE("the .pdsc keeps to the schema of CMSIS-Pack") {
  if (!test::has_program("xmllint", "the .pdsc")) return;
  const Made made("cmsis", "front_door", cost::Core::kCortexM33);
  const Xml pdsc(made.file("tinynas.front_door.pdsc"));
  CHECK(matches(pdsc.string("/package/@schemaVersion"), R"([0-9]+\.[0-9]+(\.[0-9]+)?)"));
  for (const char* required : {"name", "vendor", "description", "url", "releases"}) {
    INFO(required);
    CHECK(pdsc.count(fmt::format("/package/{}", required)) == 1);
  }
  const std::set<std::string> known = {"vendor",   "name",         "description", "url",       "releases",
                                       "keywords", "requirements", "conditions",  "components"};
  const int children = pdsc.count("/package/*");
  CHECK(children == static_cast<int>(known.size()));
  for (int i = 1; i <= children; ++i)
    CHECK(known.count(pdsc.value(fmt::format("name(/package/*[{}])", i))) == 1);
  CHECK(matches(pdsc.string("/package/name"), "[-_A-Za-z0-9]+"));
  CHECK(matches(pdsc.string("/package/vendor"), "[-_A-Za-z0-9]+"));
  CHECK(matches(pdsc.string("/package/url"), kUri));
  CHECK(matches(pdsc.string("/package/releases/release[1]/@version"), R"([0-9]+\.[0-9]+\.[0-9]+)"));

  const std::set<std::string> cores = {"Cortex-M0+", "Cortex-M3",  "Cortex-M4",
                                       "Cortex-M7",  "Cortex-M33", "Cortex-M55"};
  const int accepted = pdsc.count("/package/conditions/condition/accept");
  CHECK(accepted == 3);  // M4, M7 and M33 have the DSP instructions
  for (int i = 1; i <= accepted; ++i)
    CHECK(cores.count(pdsc.string(fmt::format("//accept[{}]/@Dcore", i))) == 1);
  CHECK(pdsc.string("//accept[@Dcore='Cortex-M33']/@Ddsp") == "DSP");

  const std::string component = "/package/components/component";
  CHECK(pdsc.count(component) == 1);
  for (const char* id : {"Cclass", "Cgroup"})
    CHECK(matches(pdsc.string(component + "/@" + id), R"([A-Za-z0-9][A-Za-z0-9_+()'/\-\s.]{1,31})"));
  CHECK(matches(pdsc.string(component + "/@Csub"), R"([A-Za-z0-9][A-Za-z0-9_+():/\- .]{0,31})"));
  CHECK(pdsc.string(component + "/@Cversion") == "1.2.3");
  CHECK(pdsc.string(component + "/@condition") == pdsc.string("/package/conditions/condition/@id"));
  CHECK(pdsc.count(component + "/description") == 1);
  CHECK(pdsc.count(component + "/files") == 1);
  const std::set<std::string> categories = {"doc", "header", "include", "source"};
  const int files = pdsc.count("//file");
  for (int i = 1; i <= files; ++i) {
    const std::string file = fmt::format("//file[{}]", i);
    const std::string category = pdsc.string(file + "/@category"), name = pdsc.string(file + "/@name");
    INFO(name);
    CHECK(categories.count(category) == 1);
    if (category == "include")
      CHECK(name.ends_with('/'));
    else
      CHECK(made.has(name));
  }
  for (const auto& file : made.files())
    if (file.path.starts_with("front_door/src/") && file.path.ends_with(".c"))
      CHECK(pdsc.count("//file[@category='source' and @name='" + file.path.substr(11) + "']") == 1);

  const Xml portable(Made("cmsis").file("tinynas.front_door.pdsc"));
  CHECK(portable.count("//accept") == 2);
  CHECK(portable.count("//accept[@Dcore='Cortex-M0+']") == 1);
}

TEST_CASE("archives unpack to the folder that lies beside them") {
  if (!test::has_program("unzip", "archives")) return;
  for (const auto& [kind, archive, root] :
       {std::tuple{"arduino", "front_door.zip", ""},
        std::tuple{"cmsis", "tinynas.front_door.1.2.3.pack", "front_door"}}) {
    const Made made(kind);
    const test::TemporaryFolder folder;
    write_file(folder / archive, made.any(archive));
    INFO(test::run_in(folder.path(), {"unzip", "-t", archive}));
    test::run_in(folder.path(), {"unzip", "-q", archive, "-d", "unpacked"});
    const auto unpacked = folder.path() / "unpacked";
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(unpacked))
      if (entry.is_regular_file()) {
        ++files;
        CHECK(read_file(entry.path()) ==
              made.any((std::filesystem::path(root) / entry.path().lexically_relative(unpacked)).string()));
        CHECK((entry.status().permissions() & std::filesystem::perms::owner_read) !=
              std::filesystem::perms::none);
      }
    CHECK(files + 1 == made.files().size());
    const auto top = std::distance(std::filesystem::directory_iterator(unpacked), {});
    if (kind == std::string("arduino")) CHECK(top == 1);  // the IDE wants one folder
    if (kind == std::string("cmsis")) CHECK(std::filesystem::exists(unpacked / "tinynas.front_door.pdsc"));
    if (!find_program("python3").empty())
      CHECK_THAT(test::run_in(folder.path(), {"python3", "-m", "zipfile", "-t", archive}),
                 Contains("Done testing"));
  }
}

TEST_CASE("a package written over an older one leaves no kernel of that, and no other file is touched") {
  const test::TemporaryFolder folder;
  const Made made("arduino");
  const std::string source = "front_door/src/";
  for (const char* name : {"tinynas_conv_old.c", "tinynas_old.h", "notes.txt", "mine.c"})
    write_file(folder / (source + name), "older");
  write_file(folder / (source + "tinynas_runtime.c"), "older");
  engine::write_package(made.files(), folder.path());
  for (const char* name : {"tinynas_conv_old.c", "tinynas_old.h"})
    CHECK_FALSE(std::filesystem::exists(folder / (source + name)));
  for (const char* name : {"notes.txt", "mine.c"}) CHECK(read_file(folder / (source + name)) == "older");
  for (const auto& file : made.files()) CHECK(read_file(folder / file.path) == file.text);
}
