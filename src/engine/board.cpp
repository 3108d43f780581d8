#include "tinynas/engine/board.h"

#include <fmt/format.h>

#include <array>

#include "tinynas/core/error.h"

namespace tinynas::engine {
namespace {

using cost::Core;
constexpr std::uint32_t kMiB = 1U << 20;

/// Clocks of SysTick: 25 MHz on AN386 and AN500, 20 MHz on AN505, 32 MHz on AN547. RISC-V: instructions.
const std::array<Board, cost::kCores.size()> kBoards = {
    Board{Core::kCortexM0Plus, "mps2-an386", 0x00000000, 0x00000400, 0x20000000, 4 * kMiB - 0x400, 4 * kMiB,
          0x40004000, 40},
    Board{Core::kCortexM3, "mps2-an386", 0x00000000, 0x00000400, 0x20000000, 4 * kMiB - 0x400, 4 * kMiB,
          0x40004000, 40},
    Board{Core::kCortexM4, "mps2-an386", 0x00000000, 0x00000400, 0x20000000, 4 * kMiB - 0x400, 4 * kMiB,
          0x40004000, 40},
    Board{Core::kCortexM7, "mps2-an500", 0x00000000, 0x00000400, 0x20000000, 4 * kMiB - 0x400, 4 * kMiB,
          0x40004000, 40},
    // M33 and M55 boot Secure: these are the secure aliases of code, RAM and UART.
    Board{Core::kCortexM33, "mps2-an505", 0x10000000, 0x10000400, 0x38000000, 4 * kMiB - 0x400, 2 * kMiB,
          0x50200000, 50},
    Board{Core::kCortexM55, "mps3-an547", 0x10000000, 0x11000000, 0x31000000, 2 * kMiB, 4 * kMiB, 0x59303000,
          31.25},
    Board{Core::kRiscv32, "virt", 0x80000000, 0x80000400, 0x80400000, 4 * kMiB - 0x400, 4 * kMiB, 0x10000000,
          1},
};

const std::array<Emulator, static_cast<std::size_t>(cost::Architecture::kCount)> kEmulators = {
    Emulator{cost::Architecture::kArm, "qemu-system-arm", "qemu-system-arm", {}, "start_arm.c"},
    Emulator{cost::Architecture::kRiscv,
             "qemu-system-riscv32",
             "qemu-system-misc",
             {"-bios", "none"},
             "start_riscv.c"},
};

}  // namespace

const Board& board_for(cost::Core core) {
  const Board& board = kBoards[static_cast<std::size_t>(core)];
  TINYNAS_CHECK(board.core == core, "boards stand in the order of cores");
  return board;
}

const Emulator& emulator_for(cost::Core core) {
  const cost::Architecture architecture = cost::core_info(core).architecture;
  const Emulator& emulator = kEmulators[static_cast<std::size_t>(architecture)];
  TINYNAS_CHECK(emulator.architecture == architecture, "emulators stand in the order of architectures");
  return emulator;
}

std::string memory_script(const Board& board) {
  return fmt::format(
      "MEMORY {{\n  VECTORS (rx) : ORIGIN = {:#x}, LENGTH = 0x400\n  CODE (rx) : ORIGIN = {:#x}, LENGTH = "
      "{:#x}\n"
      "  RAM (rwx) : ORIGIN = {:#x}, LENGTH = {:#x}\n}}\n",
      board.vectors, board.code, board.code_bytes, board.ram, board.ram_bytes);
}

}  // namespace tinynas::engine
