#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/cost/core.h"

namespace tinynas::engine {

/// An emulated board for a core: ARM's MPS2 and MPS3 FPGA images as qemu-system-arm models them (Arm AN386,
/// AN500, AN505, AN547), the board "virt" of qemu-system-riscv32.
struct Board {
  cost::Core core;
  std::string_view machine;          ///< for QEMU's -M
  std::uint32_t vectors, code, ram;  ///< addresses
  std::uint32_t code_bytes, ram_bytes;
  std::uint32_t uart;            ///< address of the first one: Arm's CMSDK, or a 16550
  double instructions_per_tick;  ///< of SysTick or minstret, at one instruction per ns (-icount shift=0)
};

/// The board that runs a core's code: a Cortex-M0+ or M3 program runs on the Cortex-M4, which executes all of
/// their instructions.
const Board& board_for(cost::Core core);

/// The program that emulates the boards of an architecture.
struct Emulator {
  cost::Architecture architecture;
  std::string_view program, package;  ///< "qemu-system-arm", and Debian's package that brings it
  std::vector<std::string> options;   ///< beside those that all have
  std::string_view start;             ///< start-up code, beside start.c in engine/c/emulator
};
const Emulator& emulator_for(cost::Core core);

/// memory.ld: where the linker finds the board's memory (engine/c/emulator/board.ld includes it).
std::string memory_script(const Board& board);

}  // namespace tinynas::engine
