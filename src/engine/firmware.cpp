#include "tinynas/engine/firmware.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "engine/write/firmware_model.h"
#include "tinynas/core/files.h"
#include "tinynas/engine/board.h"

namespace tinynas::engine {
namespace {

const std::filesystem::path kEngineFolder = "src/engine/c";

std::string engine_file(std::string_view name) { return read_file(find_resource(kEngineFolder / name)); }

/// Names in `#include "..."` lines.
std::vector<std::string> included_files(const std::string& text) {
  constexpr std::string_view kDirective = "#include \"";
  std::vector<std::string> names;
  for (std::size_t at = text.find(kDirective); at != std::string::npos; at = text.find(kDirective, at + 1)) {
    const std::size_t begin = at + kDirective.size();
    names.push_back(text.substr(begin, text.find('"', begin) - begin));
  }
  return names;
}

/// Adds a file of the engine and, recursively, the ones it includes.
void add_with_includes(const std::string& name, std::set<std::string>& files) {
  if (!files.insert(name).second) return;
  for (const std::string& included : included_files(engine_file(name))) add_with_includes(included, files);
}

/// The engine's sources that this model links: the runtime and the files of the kernels in use; and what its
/// application may want.
std::set<std::string> engine_files(const FirmwareModel& model) {
  std::set<std::string> files;
  add_with_includes("tinynas_runtime.c", files);
  add_with_includes("tinynas_pixels.h", files);
  for (const cost::Kernel* kernel : model.kernels) add_with_includes(std::string(kernel->file), files);
  return files;
}

/// What stands in examples/ for every model, and where it comes from.
constexpr std::pair<std::string_view, std::string_view> kExamples[] = {
    {"examples/board.h", "examples/board.h"},           {"examples/cycles.h", "examples/cycles.h"},
    {"examples/benchmark.c", "examples/benchmark.c"},   {"examples/mlperf_tiny.c", "examples/mlperf_tiny.c"},
    {"examples/qemu/board.c", "examples/qemu/board.c"}, {"examples/qemu/start.c", "emulator/start.c"},
    {"examples/qemu/start.h", "emulator/start.h"},      {"examples/qemu/board.ld", "emulator/board.ld"},
};

}  // namespace

std::string macro_prefix(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

std::vector<GeneratedFile> generate_firmware(const ir::Graph& graph, const cost::Schedule& schedule,
                                             const FirmwareOptions& options) {
  const FirmwareModel model = make_firmware_model(graph, schedule, options);
  const std::set<std::string> engine = engine_files(model);
  std::vector<std::string> sources;
  std::copy_if(engine.begin(), engine.end(), std::back_inserter(sources),
               [](const std::string& file) { return file.ends_with(".c"); });

  const std::string& name = options.name;
  std::vector<GeneratedFile> files = {
      {name + ".h", write_model_h(model)},
      {name + ".c", write_model_c(model)},
      {name + "_weights.h", write_weights_h(model)},
      {name + "_weights.c", write_weights_c(model)},
      {"examples/image.c", write_image_c(model)},
      {"examples/benchmark_layers.h", write_benchmark_layers_h(model)},
      {"examples/model_binding.h", model_binding(name)},
      {"examples/qemu/memory.ld", memory_script(board_for(options.device.core))},
      {"Makefile", write_makefile(model, sources)},
      {"CMakeLists.txt", write_cmakelists(model, sources)},
      {"README.md", write_readme(model)},
  };
  for (const auto& [path, source] : kExamples) files.push_back({std::string(path), engine_file(source)});
  const std::string start(emulator_for(options.device.core).start);
  files.push_back({"examples/qemu/" + start, engine_file("emulator/" + start)});
  if (model.has_self_test()) {
    files.push_back({name + "_self_test.h", write_self_test_h(model)});
    files.push_back({name + "_self_test.c", write_self_test_c(model)});
    files.push_back({name + "_vectors.h", write_vectors_h(model)});
    files.push_back({name + "_vectors.c", write_vectors_c(model)});
    files.push_back({"examples/self_test.c", write_self_test_example(model)});
  }
  for (const std::string& file : engine) files.push_back({file, engine_file(file)});
  return files;
}

namespace {

/// A self-test that was left by an earlier model of this name, and is none of this one.
void remove_old_self_test(const std::vector<GeneratedFile>& files, const std::filesystem::path& folder) {
  constexpr std::string_view kWeights = "_weights.c";
  std::set<std::filesystem::path> written, old;
  for (const GeneratedFile& file : files) {
    const std::filesystem::path path = folder / file.path;
    written.insert(path);
    if (!file.path.ends_with(kWeights)) continue;
    const std::string stem = path.string().substr(0, path.string().size() - kWeights.size());
    for (const char* end : {"_self_test.c", "_self_test.h", "_vectors.c", "_vectors.h"})
      old.insert(stem + end);
    for (const char* examples : {"examples", "../extras"})
      old.insert((path.parent_path() / examples / "self_test.c").lexically_normal());
  }
  std::error_code ignored;
  for (const std::filesystem::path& path : old)
    if (!written.contains(path.lexically_normal()) && !written.contains(path))
      std::filesystem::remove(path, ignored);
}

}  // namespace

void write_firmware(const std::vector<GeneratedFile>& files, const std::filesystem::path& folder) {
  require_writable_folder(folder);
  remove_old_self_test(files, folder);
  for (const GeneratedFile& file : files) write_file(folder / file.path, file.text);
}

}  // namespace tinynas::engine
