#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "tinynas/cost/instructions.h"

namespace tinynas::emulator {

/// One instruction of a program.
struct Instruction {
  std::uint64_t address = 0;
  cost::Event kind = cost::Event::kOther;  ///< its class
  int words = 0;                           ///< registers beyond the first that it moves
  bool loop_end = false;                   ///< of a hardware loop: going back costs nothing
  /// Loads one register: right behind another such, it is pipelined.
  bool single_load() const { return kind == cost::Event::kLoad && words == 0; }
};

/// From a mnemonic and its operands, as objdump prints them: "ldmia.w", "lr!, {r9-r11}".
Instruction classify(cost::Architecture architecture, std::string_view mnemonic, std::string_view operands);
/// A line of objdump's listing is an instruction "  1a2: smlad r0, r1, r2, r0", or something else.
bool parse_listing_line(cost::Architecture architecture, std::string_view line, Instruction& instruction);

/// All instructions of a program for a core in the order of their addresses, by the core's objdump.
std::vector<Instruction> list_instructions(const std::filesystem::path& elf, cost::Core core);

/// Adds what `executions` of a block of code do; `jumps` of them end in a branch that is taken.
struct BlockRuns {
  std::int64_t executions = 0, jumps = 0;
};
void add_block(std::span<const Instruction> block, BlockRuns runs, cost::EventCounts& counts);

}  // namespace tinynas::emulator
