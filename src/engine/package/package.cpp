// Lays the generated files out for a tool chain: sources and headers to src/, examples of the plain folder to
// extras/, its Makefile and CMakeLists.txt nowhere.
#include "tinynas/engine/package.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <set>

#include "engine/package/kinds.h"
#include "engine/package/zip.h"
#include "tinynas/core/error.h"
#include "tinynas/core/version.h"

namespace tinynas::engine {
namespace {

namespace fs = std::filesystem;

const std::array kKinds = {&kArduino, &kPlatformio, &kZephyr, &kEspIdf, &kCmsis};

const PackageKind& find_kind(const std::string& name) {
  const auto found =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const PackageKind* kind) { return kind->name == name; });
  if (found != kKinds.end()) return **found;
  const auto known = package_kinds();
  throw ConfigError(fmt::format("package '{}': unknown; did you mean '{}'? Known: {}", name,
                                nearest_word(name, known), fmt::join(known, ", ")));
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// A number without leading zeros, at most five digits.
bool is_version_part(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit) &&
         (text.size() == 1 || text[0] != '0');
}

void check_version(const std::string& version) {
  const auto first = version.find('.'), last = version.rfind('.');
  const std::string_view text = version;
  if (first == std::string::npos || first == last || !is_version_part(text.substr(0, first)) ||
      !is_version_part(text.substr(first + 1, last - first - 1)) || !is_version_part(text.substr(last + 1)))
    throw ConfigError(fmt::format(
        "package version '{}': expected three numbers without leading zeros, as in 1.0.0", version));
}

/// The name is that of a folder, a library, a component and a configuration symbol: what all tools take.
void check_name(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool edges = name.starts_with('_') || name.ends_with('_') || name.find("__") != std::string::npos;
  if (name.size() < 2 || name.size() > 32 || edges || lower.starts_with("arduino"))
    throw ConfigError(
        fmt::format("name '{}': a package's name has 2 to 32 letters, digits and single underscores, begins "
                    "with a letter, ends without an underscore and does not begin with 'arduino'; choose "
                    "another with --name",
                    name));
}

/// Where a file of the plain folder lies in a package; empty: not there.
std::string place_in_package(const std::string& path) {
  const fs::path file(path);
  const bool code = file.extension() == ".c" || file.extension() == ".h";
  if (!code) return {};
  if (!file.has_parent_path()) return "src/" + path;
  return file.parent_path() == "examples" ? "extras/" + file.filename().string() : std::string();
}

constexpr std::string_view kInstructions =
    R"(- It was planned for the instructions of a @core@. On a core without them `@n@.c` does not compile, unless the whole
  project is compiled with `-DTN_PORTABLE`: plain C, which is slower.
)";
constexpr std::string_view kPlainC =
    R"(- It was planned for plain C, as a @core@ runs it. On a core with DSP instructions or vectors `@n@.c` does not compile,
  unless the whole project is compiled with `-DTN_PORTABLE`; better plan it for that core, with `--device`.
)";

constexpr std::string_view kExtras = R"(- `extras/` holds programs, which the package itself does not compile:
  @programs@`benchmark.c` (what an image, each row and each layer take), `mlperf_tiny.c` (answers the runner of MLPerf
  Tiny) and `image.c` (for a computer: reads an image from a file); and their headers `board.h`, `cycles.h`,
  `benchmark_layers.h` and `model_binding.h`. To run one on a board, compile it with the C files of `src/`, every file
  with `-D@U@_TRACE -Isrc -Iextras`, and write the four functions of `board.h`: `board_init()`, `board_put()`,
  `board_get()` and `board_exit()`, a UART in all. `image.c` needs none of them.
)";

std::string building(const PackageKind& kind, const PackageSource& source) {
  const bool plain = cost::core_info(source.model.options.device.core).isa == cost::KernelIsa::kPortable;
  return fill(kind.install, source) + (kind.note != nullptr ? kind.note(source) : std::string()) +
         fill(plain ? kPlainC : kInstructions, source) +
         fill(kExtras, source,
              {{"programs",
                source.model.has_self_test() ? "`self_test.c` (what the self-test finds), " : ""}});
}

std::vector<GeneratedFile> with_prefix(std::vector<GeneratedFile> files, const std::string& prefix) {
  for (GeneratedFile& file : files) file.path = prefix + file.path;
  return files;
}

}  // namespace

std::vector<std::string_view> package_kinds() {
  std::vector<std::string_view> names;
  for (const PackageKind* kind : kKinds) names.push_back(kind->name);
  return names;
}

std::vector<Filling> package_fillings(const PackageSource& source) {
  const FirmwareModel& model = source.model;
  const ir::Shape& in = model.shape(model.graph.input);
  const std::string core(cost::core_info(model.options.device.core).name);
  return {{"n", model.name()},
          {"U", model.upper},
          {"version", source.version},
          {"origin", origin_line(model)},
          {"description",
           fmt::format("Neural network in int8: {} x {} x {} values in, {} out; made by tinynas for {}", in.h,
                       in.w, in.c, model.shape(model.graph.output).bytes(), core)},
          {"core", core},
          {"tinynas", std::string(kVersion)},
          {"url", "https://example.com/" + model.name()}};
}

std::string fill(std::string_view text, const PackageSource& source, const std::vector<Filling>& more) {
  std::vector<Filling> fillings = package_fillings(source);
  fillings.insert(fillings.end(), more.begin(), more.end());
  return fill_template(text, fillings);
}

std::string each_source(const PackageSource& source, std::string_view before, std::string_view after) {
  std::string text;
  for (const std::string& file : source.sources) text += fmt::format("{}{}{}", before, file, after);
  return text;
}

std::vector<GeneratedFile> generate_package(const ir::Graph& graph, const cost::Schedule& schedule,
                                            const FirmwareOptions& options, const PackageOptions& package) {
  const PackageKind& kind = find_kind(package.kind);
  check_version(package.version);
  check_name(options.name);
  const FirmwareModel model = make_firmware_model(graph, schedule, options);

  PackageSource source{.model = model, .version = package.version, .sources = {}};
  std::vector<GeneratedFile> files;
  for (GeneratedFile& file : generate_firmware(graph, schedule, options)) {
    const std::string place = place_in_package(file.path);
    if (place.starts_with("src/") && place.ends_with(".c")) source.sources.push_back(file.path);
    if (!place.empty()) files.push_back({place, std::move(file.text)});
  }
  for (GeneratedFile& file : kind.write(source)) files.push_back(std::move(file));
  files.push_back(
      {"README.md", write_readme(model, {.building = building(kind, source), .examples = "extras"})});
  std::sort(files.begin(), files.end(),
            [](const GeneratedFile& a, const GeneratedFile& b) { return a.path < b.path; });

  std::vector<GeneratedFile> result = with_prefix(files, options.name + "/");
  if (kind.archive != Archive::kNone)
    result.push_back(
        {fill(kind.archive_name, source), zip(kind.archive == Archive::kFolder ? result : files)});
  return result;
}

void write_package(const std::vector<GeneratedFile>& files, const fs::path& folder) {
  write_firmware(files, folder);
  std::set<fs::path> written, sources;
  for (const GeneratedFile& file : files) {
    written.insert(folder / file.path);
    if (file.path.find("/src/tinynas_") != std::string::npos)
      sources.insert((folder / file.path).parent_path());
  }
  std::error_code ignored;
  for (const fs::path& source : sources)
    for (const auto& entry : fs::directory_iterator(source))
      if (entry.path().filename().string().starts_with("tinynas_") && written.count(entry.path()) == 0)
        fs::remove(entry.path(), ignored);
}

}  // namespace tinynas::engine
