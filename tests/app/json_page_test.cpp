// docs/json.md is complete: every key of every document that a command prints, with its type, and no other.
#include <sys/wait.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "app/support.h"
#include "support/catch.h"
#include "tinynas/app/convert.h"
#include "tinynas/app/emulation.h"
#include "tinynas/app/model.h"
#include "tinynas/app/pipeline.h"
#include "tinynas/core/json_document.h"
#include "tinynas/cost/device.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/report/ranking.h"

namespace tinynas {
namespace {

using Json = nlohmann::json;
using test::TemporaryFolder;

/// The tables of docs/json.md, and what of them was seen in documents.
class JsonPage {
 public:
  JsonPage() {
    std::istringstream lines(read_file(std::filesystem::path(TINYNAS_SOURCE_TREE) / "docs/json.md"));
    const std::regex row(R"(^\| `([^`]+)` \| ([^|]+) \|)");
    std::string schema;
    for (std::string line; std::getline(lines, line);) {
      std::smatch found;
      if (line.starts_with("## ")) schema = line.substr(3);
      if (!schema.empty() && std::regex_search(line, found, row)) types_[schema][found[1]] = found[2];
    }
  }

  /// Every key of the document stands under its schema, with its type.
  void check(const std::string& document) {
    const Json json = Json::parse(document);
    REQUIRE(json.contains("schema"));
    schema_ = json.at("schema");
    CAPTURE(schema_);
    CHECK(document.starts_with("{\n  \"schema\": \"" + schema_ + "\""));
    REQUIRE(types_.contains(schema_));
    walk("", json);
  }

  std::set<std::string> schemas() const {
    std::set<std::string> names;
    for (const auto& [schema, types] : types_) names.insert(schema);
    return names;
  }
  /// Keys that no document had so far.
  std::set<std::string> unseen(const std::string& schema) const {
    std::set<std::string> keys;
    for (const auto& [key, type] : types_.at(schema))
      if (!seen_.contains(schema) || !seen_.at(schema).contains(key)) keys.insert(key);
    return keys;
  }

 private:
  static bool is(const std::string& type, const Json& value) {
    if (value.is_null()) return type.find("null") != std::string::npos;
    const auto one_of = [&](const char* word) { return type.starts_with(word); };
    return (one_of("text") && value.is_string()) || (one_of("integer") && value.is_number_integer()) ||
           (one_of("number") && value.is_number()) || (one_of("true, false") && value.is_boolean()) ||
           (one_of("list") && value.is_array()) || (one_of("object") && value.is_object());
  }

  void walk(const std::string& path, const Json& value) {
    if (value.is_array())
      for (const Json& item : value) walk(path == "also" ? "" : path + "[]", item);  // results in a result
    if (!value.is_object()) return;
    const auto& types = types_.at(schema_);
    for (const auto& [name, inner] : value.items()) {
      const std::string any = path + ".*";
      const std::string key = types.contains(any) ? any : path.empty() ? name : path + "." + name;
      CAPTURE(key, inner.dump());
      const auto documented = types.find(key);
      CHECK(documented != types.end());
      if (documented == types.end()) continue;
      CHECK(is(documented->second, inner));
      seen_[schema_].insert(key);
      walk(key, inner);
    }
  }

  std::map<std::string, std::map<std::string, std::string>> types_;
  std::map<std::string, std::set<std::string>> seen_;
  std::string schema_;  ///< of the document at hand
};

/// What `tinynas --quiet arguments` prints, in `folder`.
std::string output_of(const std::filesystem::path& folder, const std::string& arguments) {
  const std::string out = folder / ".stdout", err = folder / ".stderr";
  const int status = std::system(("cd '" + folder.string() + "' && '" TINYNAS_EXECUTABLE "' --quiet " +
                                  arguments + " >" + out + " 2>" + err)
                                     .c_str());
  INFO(arguments << ": " << read_file(err));
  REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  return read_file(out);
}

/// A finished run for two devices, and one that has got to the end of its search.
void make_runs(const std::filesystem::path& folder) {
  app::Experiment experiment = test::tiny_experiment(folder);
  test::FakeTraining training;
  app::run_pipeline(app::start_run(folder / "begun", experiment), training.stages(), "search", {}, {});
  experiment.also = {{.device = "rp2040", .budget = {.sram_bytes = 32 * kKiB}}};
  app::run_pipeline(app::start_run(folder / "run", experiment), training.stages(), "", {}, {});
}

/// Costs on a core whose kernels nobody fitted, which miss a limit.
report::Profile unfitted_profile(const std::filesystem::path& model) {
  app::Target target{.device = cost::load_device("stm32f746", "test")};
  target.budget.sram_bytes = 100;
  report::Profile profile = app::profile(onnx::import_onnx(model).graph, target, "model");
  for (cost::CycleTerms& terms : profile.device.cycles) terms.fitted = false;
  profile.schedule.stream_bytes = 8;
  profile.quantization = report::Quantization{.source = "pictures", .inputs = 1, .clipping = "mse"};
  profile.quantization->layers.resize(profile.graph.layers.size(), {.alone = 30, .through = 20});
  return profile;
}

app::EmulationCheck emulated() {
  app::EmulatedLayer layer{.name = "stem", .op = "conv2d", .macs = 10};
  layer.step.tensor = 1;
  return {.images = 1, .output_bytes = 10, .equal_bytes = 10, .accuracy = 100, .layers = {layer}};
}

/// A sheet as one who measured would fill it in: 1000 cycles for every layer.
void fill_in(const std::filesystem::path& sheet, const std::string& empty) {
  std::string filled;
  std::istringstream lines(empty);
  for (std::string line; std::getline(lines, line);)
    filled += line + (line.ends_with(',') ? "1000" : "") + "\n";
  write_file(sheet, filled);
}

TEST_CASE("docs/json.md has every key that a command prints as JSON, with its type, and no other") {
  const TemporaryFolder folder;
  make_runs(folder.path());
  JsonPage page;
  const auto check = [&](const std::string& arguments) {
    CAPTURE(arguments);
    page.check(output_of(folder.path(), arguments + " --json"));
  };
  check("resume run");
  check("report run");
  for (const char* command : {"search", "train", "evolve", "tune", "export"})
    check(std::string(command) + " run/config.yaml --run run");
  for (const char* command : {"train", "evolve"})
    check(std::string(command) + " begun/config.yaml --run begun");
  for (const char* file : {"result.json", "eval.json", "emulate.json", "compile.json"}) {
    CAPTURE(file);
    page.check(read_file(folder / "run" / file));
  }
  check("rank begun/config.yaml");
  check("rank begun/config.yaml --set rank.resolution=8 --sweep 1K,64Kx256K");
  page.check(report::ranking_json({{.resolution = 32, .smallest_resolution = 16, .width = 1}}));
  check("profile run --sram 1K");
  check("profile run --engine tinyengine");
  const std::filesystem::path model = folder / "run/model.onnx";
  const report::Profile unfitted = unfitted_profile(model);
  page.check(report::profile_json(unfitted));
  check("compile run -o firmware");
  check("eval run --data images");
  page.check(app::to_json(
      app::Evaluated{.quantization = report::quantization_json(*unfitted.quantization, unfitted.graph)}));
  page.check(app::conversion_json({.graph = unfitted.graph, .quantization = unfitted.quantization}, model));
  write_file(folder / "picture.bin",
             std::string(static_cast<std::size_t>(ir::input_elements(unfitted.graph)), 'x'));
  check("run run picture.bin");
  check("convert run/model.onnx -o again.onnx");
  page.check(app::to_json(emulated()));
  check("devices");
  fill_in(folder / "sheet.csv", output_of(folder.path(), "calibrate --sheet run"));
  check("calibrate --csv sheet.csv");

  for (const std::string& schema : page.schemas()) {
    CAPTURE(schema);
    if (schema == "tinynas.calibrate/1") continue;  // see below
    CHECK(page.unseen(schema) == std::set<std::string>{});
  }
}

TEST_CASE("docs/json.md has a section for every kind of document, of its version") {
  std::set<std::string> expected;
  for (const JsonSchema& schema : kJsonSchemas)
    expected.insert("tinynas." + std::string(schema.name) + "/" + std::to_string(schema.version));
  CHECK(JsonPage().schemas() == expected);
}

TEST_CASE("docs/json.md has the keys of a calibration in the emulator", "[slow]") {
  if (std::system("command -v qemu-system-arm arm-none-eabi-gcc cc >/dev/null") != 0) {
    std::cout << "skipped: JSON of a calibration: qemu-system-arm or arm-none-eabi-gcc is not installed\n";
    return;
  }
  const TemporaryFolder folder;
  JsonPage page;
  page.check(output_of(folder.path(), "calibrate --core cortex-m4 --networks 1 --json"));
  for (const std::string& key : page.unseen("tinynas.calibrate/1"))
    CHECK((key.starts_with("fit") || key.starts_with("before")));
}

}  // namespace
}  // namespace tinynas
