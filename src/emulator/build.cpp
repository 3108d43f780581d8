#include "emulator/build.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "emulator/linker_map.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"
#include "tinynas/core/parallel.h"
#include "tinynas/core/process.h"
#include "tinynas/engine/board.h"
#include "tinynas/engine/firmware.h"
#include "tinynas/engine/toolchain.h"

namespace tinynas::emulator {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kArenaSection = ".bss.tinynas_arena";
const fs::path kEmulatorFolder = "src/engine/c/emulator";

/// Keeps every tN_step a function of its own.
const std::vector<std::string> kSeparateSteps = {"-fno-inline-functions-called-once",
                                                 "-fno-inline-small-functions", "-fno-inline-functions",
                                                 "-fno-partial-inlining", "-fno-ipa-icf"};

struct Source {
  fs::path path;
  bool of_model;  ///< counted in the sizes
  std::string object() const { return path.stem().string() + ".o"; }
  /// Its text does not change with the model.
  bool of_engine() const { return path.stem().string().starts_with("tinynas_"); }
};

/// The C files of a model and its kernels in a firmware folder, and the emulator's own. What else lies in the
/// folder is its owner's.
std::vector<Source> sources_of(const fs::path& folder, const std::string& name, cost::Core core) {
  std::error_code error;
  std::vector<Source> sources;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string stem = entry.path().stem().string();
    const bool ours = stem.starts_with("tinynas_") || stem == name || stem == name + "_weights" ||
                      stem == name + "_self_test" || stem == name + "_vectors";
    if (ours && entry.path().extension() == ".c") sources.push_back({fs::absolute(entry.path()), true});
  }
  if (sources.empty())
    throw IoError(
        fmt::format("{}: no {}.c here; expected a folder made by `tinynas compile`", folder.string(), name));
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
  for (const std::string_view own :
       {std::string_view("start.c"), engine::emulator_for(core).start, std::string_view("emulate.c")})
    sources.push_back({fs::absolute(find_resource(kEmulatorFolder / own)), false});
  return sources;
}

/// The first line of a compiler's or linker's output that says what is wrong.
std::string first_error(const std::string& output) {
  std::istringstream in(output);
  std::string first;
  for (std::string line; std::getline(in, line);) {
    if (first.empty()) first = line;
    if (line.starts_with("collect2")) continue;  // there was an error: not which
    for (const char* word : {"error", "overflowed", "multiple definition", "undefined reference"})
      if (line.find(word) != std::string::npos) return line;
  }
  return first;
}

std::string board_text(const engine::Board& board) {
  return fmt::format("the emulated board {} has {} bytes for code and constants, {} of RAM", board.machine,
                     board.code_bytes, board.ram_bytes);
}

void run_linker(const std::vector<std::string>& arguments, const fs::path& build_folder,
                const engine::Board& board) {
  const ProcessResult result = run_process(arguments, {.folder = build_folder});
  if (result.exit_status == 0) return;
  const std::string error = first_error(result.output);
  if (const auto found = error.find("region `"); found != std::string::npos)
    throw UnsupportedError(fmt::format("{}, which the firmware does not fit: {}; try another --core",
                                       board_text(board), error.substr(found)));
  throw IoError(fmt::format("{} failed in {}: {}", arguments[0], build_folder.string(), error));
}

void run_compiler(const std::vector<std::string>& arguments, const fs::path& build_folder) {
  const ProcessResult result = run_process(arguments, {.folder = build_folder});
  if (result.exit_status != 0)
    throw IoError(
        fmt::format("{} failed in {}: {}", arguments[0], build_folder.string(), first_error(result.output)));
}

/// The text of the headers in a firmware folder that are not the model's own.
std::string engine_headers(const fs::path& folder, const std::string& name) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".h" && !entry.path().stem().string().starts_with(name))
      paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::string text;
  for (const fs::path& path : paths) text += read_file(path);
  return text;
}

/// Compiles unless the object was made by the same command from the same text: the engine's own sources stay
/// the same when many models are built in one folder.
void compile_once(const std::vector<std::string>& command, const std::string& text, const fs::path& object) {
  const std::string key = hex(fnv1a(fmt::format("{}\n{}", fmt::join(command, " "), text)));
  const fs::path made_from = object.string() + ".key";
  std::error_code error;
  if (fs::exists(object, error) && fs::exists(made_from, error) && read_file(made_from) == key) return;
  fs::remove(made_from, error);
  run_compiler(command, object.parent_path());
  write_file(made_from, key);
}

}  // namespace

std::string require_program(std::string_view program, std::string_view package) {
  if (find_program(std::string(program)).empty())
    throw UnsupportedError(fmt::format(
        "{} is not installed; it comes with the package {}: apt-get install {}", program, package, package));
  return std::string(program);
}

void require_board(cost::Core core, Bytes flash, Bytes sram, const fs::path& model) {
  const engine::Board& board = engine::board_for(core);
  if (flash > Bytes{board.code_bytes} || sram > Bytes{board.ram_bytes})
    throw UnsupportedError(fmt::format("{}: needs {} bytes of Flash and {} of SRAM; {}", model.string(),
                                       flash, sram, board_text(board)));
}

std::string require_emulator(cost::Core core) {
  const engine::Emulator& emulator = engine::emulator_for(core);
  return require_program(emulator.program, emulator.package);
}

std::string binary_tool(cost::Core core, std::string_view tool) {
  const std::string prefix(engine::toolchain_for(core).prefix);  // "arm-none-eabi-"
  return require_program(fmt::format("{}{}", prefix, tool),
                         "binutils-" + prefix.substr(0, prefix.size() - 1));
}

BuiltFirmware build_for_board(const fs::path& folder, const std::string& name, cost::Core core,
                              const fs::path& build_folder, StepCode steps) {
  const engine::Toolchain& toolchain = engine::toolchain_for(core);
  const std::string compiler = require_program(fmt::format("{}gcc", toolchain.prefix), toolchain.packages);
  const engine::Board& board = engine::board_for(core);
  const std::vector<Source> sources = sources_of(folder, name, core);
  const fs::path build = fs::absolute(build_folder);
  write_file(build / "model_binding.h", engine::model_binding(name));
  write_file(build / "memory.ld", engine::memory_script(board));

  std::vector<std::string> common = {compiler};
  common.insert(common.end(), toolchain.flags.begin(), toolchain.flags.end());
  common.insert(common.end(), {std::string(engine::kLanguage), std::string(engine::kOptimization)});
  common.insert(common.end(), engine::kSections.begin(), engine::kSections.end());
  const std::string headers = engine_headers(folder, name);
  parallel_for_index(sources.size(), [&](std::size_t i) {
    std::vector<std::string> command = common;
    if (steps == StepCode::kSeparate && sources[i].path.stem() == name)
      command.insert(command.end(), kSeparateSteps.begin(), kSeparateSteps.end());
    command.insert(command.end(), {"-I", build.string(), "-I", fs::absolute(folder).string(),
                                   fmt::format("-D{}_ARENA_PLACE=__attribute__((section(\"{}\")))",
                                               engine::macro_prefix(name), kArenaSection),
                                   "-c", sources[i].path.string(), "-o", sources[i].object()});
    if (sources[i].of_engine())
      compile_once(command, read_file(sources[i].path) + headers, build / sources[i].object());
    else
      run_compiler(command, build);
  });

  std::vector<std::string> link = common;
  link.insert(link.end(), toolchain.linking.begin(), toolchain.linking.end());
  link.insert(link.end(),
              {"-Wl,-Map=firmware.map", "-L", ".", "-T",
               fs::absolute(find_resource(kEmulatorFolder / "board.ld")).string(), "-o", "firmware.elf"});
  std::set<std::string> counted;
  for (const Source& source : sources) {
    link.push_back(source.object());
    if (source.of_model) counted.insert(source.object());
  }
  run_linker(link, build, board);
  return {.elf = build / "firmware.elf",
          .sizes = sizes_from_map(read_file(build / "firmware.map"), counted, kArenaSection)};
}

LinkedSizes build_firmware(const fs::path& folder, const std::string& name, cost::Core core,
                           const fs::path& build_folder) {
  return build_for_board(folder, name, core, build_folder).sizes;
}

}  // namespace tinynas::emulator
