#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <sstream>

#include "emulator/build.h"
#include "emulator/listing.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/index.h"
#include "tinynas/core/process.h"

namespace tinynas::emulator {
namespace fs = std::filesystem;
namespace {

/// Slots of count_plugin.c; the layers' own follow.
constexpr int kNotCounted = 0, kBetweenLayers = 1, kFirstLayer = 2;

/// A function of the ELF file.
struct Symbol {
  std::string address, size, name;
};

std::vector<Symbol> functions_of(const fs::path& elf, cost::Core core) {
  const ProcessResult nm = run_process({binary_tool(core, "nm"), "-S", "--numeric-sort", elf.string()}, {});
  std::vector<Symbol> symbols;
  std::istringstream in(nm.output);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    Symbol symbol;
    std::string type;
    if (words >> symbol.address >> symbol.size >> type >> symbol.name && (type == "t" || type == "T"))
      symbols.push_back(symbol);
  }
  return symbols;
}

/// "t12_step" -> 12, also for a copy that the compiler specialised ("t12_step.constprop.0").
std::optional<int> tensor_of_step(std::string_view name) {
  int tensor = 0;
  if (!name.starts_with('t')) return std::nullopt;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), tensor);
  if (error != std::errc() || !std::string_view(end, name.data() + name.size()).starts_with("_step"))
    return std::nullopt;
  return tensor;
}

/// ranges.txt for the plugin, and which tensor stands behind each slot.
struct Slots {
  std::string ranges;
  std::vector<int> tensors;  ///< of slot kFirstLayer + i
};

Slots slots_of(const fs::path& elf, cost::Core core, const std::string& model) {
  Slots slots;
  std::map<int, int> slot_of_tensor;
  for (const Symbol& symbol : functions_of(elf, core)) {
    std::optional<int> slot;
    if (symbol.name == "main" || symbol.name == "start") slot = kNotCounted;
    if (symbol.name == "infer" || symbol.name.starts_with("segment_") || symbol.name.starts_with(model + "_"))
      slot = kBetweenLayers;
    if (const auto tensor = tensor_of_step(symbol.name)) {
      const int next = kFirstLayer + static_cast<int>(slots.tensors.size());
      const auto [place, added] = slot_of_tensor.emplace(*tensor, next);
      if (added) slots.tensors.push_back(*tensor);
      slot = place->second;
    }
    if (slot) slots.ranges += fmt::format("{} {} {}\n", symbol.address, symbol.size, *slot);
  }
  return slots;
}

fs::path build_plugin(const fs::path& build_folder) {
  const std::string compiler = require_program("cc", "gcc");
  const fs::path source = fs::absolute(find_resource("src/engine/c/emulator/count_plugin.c"));
  const fs::path plugin = build_folder / "count_plugin.so";
  std::error_code missing;
  if (fs::last_write_time(plugin, missing) > fs::last_write_time(source) && !missing) return plugin;
  const ProcessResult result =
      run_process({compiler, "-O2", "-fPIC", "-shared", source.string(), "-o", plugin.string()}, {});
  if (result.exit_status != 0)
    throw IoError(fmt::format("{}: cannot be built: {}", source.string(), result.output));
  return plugin;
}

/// Reads what count_plugin.c wrote: how often each block of code ran for each slot.
std::vector<StepInstructions> read_counts(const std::string& text, const Slots& slots,
                                          const std::vector<Instruction>& program) {
  std::vector<StepInstructions> steps(slots.tensors.size() + 1);
  for (std::size_t i = 0; i < slots.tensors.size(); ++i) steps[i].tensor = slots.tensors[i];
  std::istringstream in(text);
  int slot = 0;
  std::uint64_t address = 0;
  std::size_t length = 0;
  std::int64_t split = 0;
  BlockRuns runs;
  while (in >> std::dec >> slot >> std::hex >> address >> std::dec >> length >> runs.executions >>
         runs.jumps >> split) {
    const auto first =
        std::lower_bound(program.begin(), program.end(), address,
                         [](const Instruction& i, std::uint64_t at) { return i.address < at; });
    TINYNAS_CHECK(first != program.end() && first->address == address, "the emulator ran what objdump lists");
    const auto left = at(program.end() - first);
    cost::EventCounts& events =
        (slot == kBetweenLayers ? steps.back() : steps.at(at(slot - kFirstLayer))).events;
    add_block({first, std::min(length, left)}, runs, events);
    events[cost::Event::kSplit] += split;
  }
  return steps;
}

}  // namespace

std::vector<StepInstructions> count_step_instructions(const fs::path& folder, const EmulateOptions& options,
                                                      const std::vector<std::int8_t>& image,
                                                      const fs::path& build_folder, const StopToken& stop) {
  const fs::path build = fs::absolute(build_folder);
  const BuiltFirmware firmware =
      build_for_board(folder, options.name, options.core, build, StepCode::kSeparate);
  const Slots slots = slots_of(firmware.elf, options.core, options.name);
  TINYNAS_CHECK(!slots.tensors.empty(), "the steps of the model are functions");
  write_file(build / "ranges.txt", slots.ranges);
  const fs::path plugin = build_plugin(build);
  run_on_board(firmware, options.core, {image},
               {.folder = build,
                .extra_arguments = {"-plugin",
                                    fmt::format("file={},ranges=ranges.txt,out=counts.txt", plugin.string())},
                .stop = stop});
  return read_counts(read_file(build / "counts.txt"), slots, list_instructions(firmware.elf, options.core));
}

}  // namespace tinynas::emulator
