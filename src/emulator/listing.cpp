#include "emulator/listing.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string>

#include "emulator/build.h"
#include "tinynas/core/error.h"
#include "tinynas/core/process.h"
#include "tinynas/engine/toolchain.h"

namespace tinynas::emulator {
namespace {

using cost::Event;

struct Prefix {
  std::string_view text;
  Event kind;
};
/// The first that a mnemonic begins with decides.
constexpr std::array kArmPrefixes = {
    Prefix{"vldmia", Event::kLoad},
    Prefix{"vpop", Event::kLoad},
    Prefix{"vldr", Event::kVectorMemory},  // a scalar one has no element size: see vector_of()
    Prefix{"vstr", Event::kVectorMemory},
    Prefix{"vld", Event::kVectorMemory},
    Prefix{"vstm", Event::kStore},
    Prefix{"vpush", Event::kStore},
    Prefix{"vst", Event::kVectorMemory},
    Prefix{"v", Event::kVector},
    Prefix{"ldr", Event::kLoad},
    Prefix{"ldm", Event::kLoad},
    Prefix{"pop", Event::kLoad},
    Prefix{"str", Event::kStore},
    Prefix{"stm", Event::kStore},
    Prefix{"push", Event::kStore},
    Prefix{"smull", Event::kLongMultiply},
    Prefix{"smlal", Event::kLongMultiply},
    Prefix{"smlsld", Event::kLongMultiply},
    Prefix{"umull", Event::kLongMultiply},
    Prefix{"umlal", Event::kLongMultiply},
    Prefix{"umaal", Event::kLongMultiply},
    Prefix{"sdiv", Event::kDivide},
    Prefix{"udiv", Event::kDivide},
    Prefix{"mul", Event::kMultiply},
    Prefix{"mla", Event::kMultiply},
    Prefix{"mls", Event::kMultiply},
    Prefix{"smul", Event::kMultiply},
    Prefix{"smla", Event::kMultiply},
    Prefix{"smls", Event::kMultiply},
    Prefix{"smu", Event::kMultiply},
    Prefix{"smml", Event::kMultiply},
    Prefix{"cbz", Event::kBranch},
    Prefix{"cbnz", Event::kBranch},
    Prefix{"tbb", Event::kBranch},
    Prefix{"tbh", Event::kBranch},
    Prefix{"bic", Event::kOther},
    Prefix{"bf", Event::kOther},
    Prefix{"b", Event::kBranch},
    Prefix{"le", Event::kBranch},
    Prefix{"dls", Event::kOther},
    Prefix{"wls", Event::kBranch},
};
constexpr std::array kRiscvPrefixes = {
    Prefix{"lb", Event::kLoad},  // lbu
    Prefix{"lh", Event::kLoad},  // lhu
    Prefix{"lw", Event::kLoad},
    Prefix{"sb", Event::kStore},
    Prefix{"sh", Event::kStore},
    Prefix{"sw", Event::kStore},
    Prefix{"mulh", Event::kLongMultiply},  // the high half of a product:
                                           // mulhsu, mulhu
    Prefix{"mul", Event::kMultiply},
    Prefix{"div", Event::kDivide},
    Prefix{"rem", Event::kDivide},
    Prefix{"b", Event::kBranch},
    Prefix{"j", Event::kBranch},
    Prefix{"ret", Event::kBranch},
};

std::span<const Prefix> prefixes_of(cost::Architecture architecture) {
  if (architecture == cost::Architecture::kRiscv) return kRiscvPrefixes;
  return kArmPrefixes;
}

int register_number(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, int>, 6> kNamed = {
      {{"sl", 10}, {"fp", 11}, {"ip", 12}, {"sp", 13}, {"lr", 14}, {"pc", 15}}};
  for (const auto& [text, number] : kNamed)
    if (name == text) return number;
  int number = 0;
  if (name.size() > 1) std::from_chars(name.data() + 1, name.data() + name.size(), number);
  return number;
}

/// Registers of a list "{r4-r7, pc}".
int listed_registers(std::string_view operands) {
  const auto open = operands.find('{'), close = operands.find('}');
  if (open == std::string_view::npos || close == std::string_view::npos) return 1;
  std::istringstream items(std::string(operands.substr(open + 1, close - open - 1)));
  int count = 0;
  for (std::string item; std::getline(items, item, ',');) {
    item.erase(std::remove(item.begin(), item.end(), ' '), item.end());
    const auto dash = item.find('-');
    count += dash == std::string::npos
                 ? 1
                 : register_number(item.substr(dash + 1)) - register_number(item.substr(0, dash)) + 1;
  }
  return count;
}

}  // namespace

Instruction classify(cost::Architecture architecture, std::string_view mnemonic, std::string_view operands) {
  Instruction instruction;
  for (const Prefix& prefix : prefixes_of(architecture))
    if (mnemonic.starts_with(prefix.text)) {
      instruction.kind = prefix.kind;
      break;
    }
  const bool vector = instruction.kind == Event::kVectorMemory;
  if (vector && operands.starts_with('s'))
    instruction.kind = mnemonic[1] == 'l' ? Event::kLoad : Event::kStore;
  if (mnemonic.starts_with("ldrd") || mnemonic.starts_with("strd")) {
    instruction.words = 1;
  } else if (instruction.kind == Event::kLoad || instruction.kind == Event::kStore) {
    instruction.words = listed_registers(operands) - 1;
  }
  instruction.loop_end = mnemonic == "le" || mnemonic == "letp";
  return instruction;
}

bool parse_listing_line(cost::Architecture architecture, std::string_view line, Instruction& instruction) {
  const auto first = line.find_first_not_of(' ');
  const auto colon = line.find(':');
  if (first == std::string_view::npos || colon == std::string_view::npos || colon < first) return false;
  std::uint64_t address = 0;
  const auto [end, error] = std::from_chars(line.data() + first, line.data() + colon, address, 16);
  if (error != std::errc() || end != line.data() + colon) return false;
  const auto mnemonic = line.find_first_not_of(" \t", colon + 1);
  if (mnemonic == std::string_view::npos) return false;
  const auto after = std::min(line.find_first_of(" \t", mnemonic), line.size());
  const auto operands = std::min(line.find_first_not_of(" \t", after), line.size());
  instruction = classify(architecture, line.substr(mnemonic, after - mnemonic), line.substr(operands));
  instruction.address = address;
  return true;
}

std::vector<Instruction> list_instructions(const std::filesystem::path& elf, cost::Core core) {
  const cost::Architecture architecture = cost::core_info(core).architecture;
  std::vector<std::string> command = {binary_tool(core, "objdump"), "-d", "--no-show-raw-insn"};
  if (architecture == cost::Architecture::kArm)  // a Cortex-M55 has the instructions of all the others
    command.insert(command.end(), {"-m", "armv8.1-m.main"});
  command.push_back(elf.string());
  const ProcessResult listing = run_process(command, {});
  std::vector<Instruction> instructions;
  std::istringstream lines(listing.output);
  Instruction instruction;
  for (std::string line; std::getline(lines, line);)
    if (parse_listing_line(architecture, line, instruction)) instructions.push_back(instruction);
  if (instructions.empty()) throw IoError(elf.string() + ": objdump lists no instructions");
  return instructions;
}

void add_block(std::span<const Instruction> block, BlockRuns runs, cost::EventCounts& counts) {
  const Instruction* before = nullptr;
  for (const Instruction& instruction : block) {
    counts[instruction.kind] += runs.executions;
    counts[Event::kWords] += runs.executions * instruction.words;
    const auto is = [&](const Instruction* i, Event kind) { return i != nullptr && i->kind == kind; };
    if (before != nullptr && before->single_load() && instruction.single_load())
      counts[Event::kPipelined] += runs.executions;
    if ((is(before, Event::kVector) && instruction.kind == Event::kVectorMemory) ||
        (is(before, Event::kVectorMemory) && instruction.kind == Event::kVector))
      counts[Event::kOverlapped] += runs.executions;
    before = &instruction;
  }
  if (before != nullptr && !before->loop_end) counts[Event::kTaken] += runs.jumps;
}

}  // namespace tinynas::emulator
