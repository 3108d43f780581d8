// Instructions of the row kernels on an emulated Cortex-M, layer by layer, beside the counts of two other
// engines.
//   bench_mcu_kernels [cortex-m4]
// Emulated, not timed: -icount counts instructions, not cycles. Needs arm-none-eabi-gcc and qemu-system-arm.

#include <fmt/format.h>

#include <filesystem>

#include "support/fixtures.h"
#include "support/kernel_program.h"
#include "support/known_layers.h"
#include "tinynas/core/error.h"

namespace tinynas::test {
namespace {

/// SysTick's ticks to instructions at one instruction per ns: clocks of AN386, AN500 25 MHz, AN505 20,
/// AN547 32.
double instructions_per_tick(cost::Core core) {
  return core == cost::Core::kCortexM55 ? 31.25 : core == cost::Core::kCortexM33 ? 50 : 40;
}

void run(const cost::CoreInfo& core) {
  KernelProgram program(core.isa);
  std::vector<LayerCase> cases;
  for (const KnownLayer& known : kKnownLayers) {
    cases.push_back(known_layer_case(known));
    program.add(cases.back());
  }
  const TemporaryFolder folder;
  const auto results = program.run(core.core, folder.path());
  fmt::print(
      "Instructions per multiply-accumulate (add: per output, pool: per input) on {}.\n"
      "CMSIS-NN and TinyEngine: published counts for Cortex-M4, not of this run.\n\n"
      "{:32} {:>8} {:>9} {:>11}  {:>9} {:>11}\n",
      core.name, "layer", "tinynas", "CMSIS-NN", "TinyEngine", "x fewer", "x fewer");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const double ours = results[i].ticks * instructions_per_tick(core.core) / work_of(cases[i]);
    const KnownLayer& known = kKnownLayers[i];
    fmt::print("{:32} {:8.3f} {:9.3f} {:11.3f}  {:9.1f} {:11.1f}{}\n", known.name, ours, known.cmsis_nn,
               known.tinyengine, known.cmsis_nn / ours, known.tinyengine / ours,
               results[i].wrong_bytes == 0 ? "" : "  WRONG OUTPUT");
  }
}

}  // namespace
}  // namespace tinynas::test

int main(int argc, char** argv) {
  try {
    const tinynas::cost::Core core =
        tinynas::cost::parse_core(argc > 1 ? argv[1] : "cortex-m4", "bench_mcu_kernels");
    tinynas::test::run(tinynas::cost::core_info(core));
  } catch (const tinynas::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.code());
  }
}
