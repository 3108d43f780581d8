// Instructions of the row kernels on an emulated core, layer by layer, beside the counts of two other
// engines.
// Emulated, not timed: -icount counts instructions, not cycles. Needs the core's compiler and emulator.

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "benchmark.h"
#include "support/fixtures.h"
#include "support/kernel_program.h"
#include "support/known_layers.h"
#include "tinynas/engine/board.h"

namespace tinynas::test {
namespace {

/// CMSIS-NN built for a Cortex-M55 uses its vectors: its counts there, layer by layer as in kKnownLayers.
constexpr std::array kCmsisNnVectors = {1.356, 1.054, 0.322, 2.172, 1.707, 1.470,
                                        0.231, 0.201, 13.8,  1.37,  0.548};
static_assert(kCmsisNnVectors.size() == kKnownLayers.size());

/// Beside the only engine that was measured on this core.
void print_vectors(const std::vector<LayerCase>& cases, const std::vector<KernelProgram::Result>& results) {
  fmt::print("{:32} {:>8} {:>9}  {:>9}\n", "layer", "tinynas", "CMSIS-NN", "x fewer");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const double ours = results[i].ticks * engine::board_for(cost::Core::kCortexM55).instructions_per_tick /
                        work_of(cases[i]);
    fmt::print("{:32} {:8.3f} {:9.3f}  {:9.1f}{}\n", kKnownLayers[i].name, ours, kCmsisNnVectors[i],
               kCmsisNnVectors[i] / ours, results[i].wrong_bytes == 0 ? "" : "  WRONG OUTPUT");
  }
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
      "CMSIS-NN and TinyEngine: published counts for {}, not of this run.\n\n",
      core.name, core.core == cost::Core::kCortexM55 ? "Cortex-M55" : "Cortex-M4");
  if (core.core == cost::Core::kCortexM55) return print_vectors(cases, results);
  fmt::print("{:32} {:>8} {:>9} {:>11}  {:>9} {:>11}\n", "layer", "tinynas", "CMSIS-NN", "TinyEngine",
             "x fewer", "x fewer");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const double ours =
        results[i].ticks * engine::board_for(core.core).instructions_per_tick / work_of(cases[i]);
    const KnownLayer& known = kKnownLayers[i];
    fmt::print("{:32} {:8.3f} {:9.3f} {:11.3f}  {:9.1f} {:11.1f}{}\n", known.name, ours, known.cmsis_nn,
               known.tinyengine, known.cmsis_nn / ours, known.tinyengine / ours,
               results[i].wrong_bytes == 0 ? "" : "  WRONG OUTPUT");
  }
}

}  // namespace
}  // namespace tinynas::test

int main(int argc, char** argv) {
  using namespace tinynas::cost;
  CLI::App app{
      "Instructions of the row kernels on an emulated core, layer by layer, beside published counts of "
      "other engines.",
      "bench_mcu_kernels"};
  std::string core = "cortex-m4";
  app.add_option("core", core, "that is emulated: cortex-m4 (default), cortex-m55, ...")->type_name("CORE");
  app.footer("Needs the core's compiler and emulator.\nExample:\n  bench_mcu_kernels cortex-m55");
  return tinynas::bench::run(app, argc, argv,
                             [&] { tinynas::test::run(core_info(parse_core(core, app.get_name()))); });
}
