// Instructions of the operations without weights on an emulated core, in the form for the core and in
// portable C.
// Emulated, not timed: -icount counts instructions, not cycles. Needs the core's compiler and emulator.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "benchmark.h"
#include "support/fixtures.h"
#include "support/kernel_program.h"
#include "tinynas/engine/board.h"

namespace tinynas::test {
namespace {

struct Operation {
  const char* name;
  ir::OpKind op;
  ir::Shape in;
  int kernel = 1, stride = 1;
  CaseOptions options = {};
  ir::Function function = ir::Function::kNone;
};

const std::vector<Operation>& operations() {
  using enum ir::OpKind;
  static const std::vector<Operation> all = {
      {"average pool 2x2 s2, 24x24x24", kAveragePool, {24, 24, 24}, 2, 2},
      {"average pool 3x3 s1, 12x12x48", kAveragePool, {12, 12, 48}, 3, 1},
      {"average pool 5x5 s2, 12x12x48", kAveragePool, {12, 12, 48}, 5, 2},
      {"max pool 2x2 s2, 24x24x24", kMaxPool, {24, 24, 24}, 2, 2},
      {"max pool 3x3 s2, 24x24x24", kMaxPool, {24, 24, 24}, 3, 2},
      {"max pool 3x3 s1, 12x12x48", kMaxPool, {12, 12, 48}, 3, 1},
      {"product of two, 12x12x48", kMul, {12, 12, 48}},
      {"product by channel, 12x12x48", kMul, {12, 12, 48}, 1, 1, {.factor_per_channel = true}},
      {"concat 12x12x(48+24)", kConcat, {12, 12, 48}, 1, 1, {.second_channels = 24}},
      {"resize to twice, 12x12x24", kResizeNearest, {12, 12, 24}, 1, 2},
      {"softmax 1x1x100", kSoftmax, {1, 1, 100}},
      {"hard_swish 12x12x48", kFunction, {12, 12, 48}, 1, 1, {}, ir::Function::kHardSwish},
  };
  return all;
}

LayerCase case_of(const Operation& operation) {
  ir::Layer layer{.op = operation.op, .function = operation.function};
  layer.kernel_h = layer.kernel_w = static_cast<std::int16_t>(operation.kernel);
  layer.stride_h = layer.stride_w = static_cast<std::int16_t>(operation.stride);
  layer.pad_top = layer.pad_left = layer.pad_bottom = layer.pad_right =
      static_cast<std::int16_t>((operation.kernel - 1) / 2);
  return layer_case(layer, operation.in, 0, Rng(3), operation.options);
}

/// Ticks of the board, layer by layer; wrong outputs end the program.
std::vector<std::int32_t> ticks(const std::vector<LayerCase>& cases, cost::Core core, cost::KernelIsa isa) {
  KernelProgram program(isa);
  for (const LayerCase& c : cases) program.add(c);
  const TemporaryFolder folder;
  std::vector<std::int32_t> result;
  for (const KernelProgram::Result& one : program.run(core, folder.path())) {
    if (one.wrong_bytes != 0)
      throw InternalError(fmt::format("{}: wrong output", operations()[result.size()].name));
    result.push_back(one.ticks);
  }
  return result;
}

void run(const cost::CoreInfo& core) {
  std::vector<LayerCase> cases;
  for (const Operation& operation : operations()) cases.push_back(case_of(operation));
  const auto own = ticks(cases, core.core, core.isa);
  const auto portable = ticks(cases, core.core, cost::KernelIsa::kPortable);
  fmt::print("Instructions per output on {}.\n\n{:32} {:>8} {:>11} {:>8}\n", core.name, "operation",
             "own form", "portable C", "x fewer");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto outputs = static_cast<double>(cases[i].expected.size());
    const auto per_output = [&](std::int32_t count) {
      return count * engine::board_for(core.core).instructions_per_tick / outputs;
    };
    fmt::print("{:32} {:8.2f} {:11.2f} {:8.1f}\n", operations()[i].name, per_output(own[i]),
               per_output(portable[i]), static_cast<double>(portable[i]) / own[i]);
  }
}

}  // namespace
}  // namespace tinynas::test

int main(int argc, char** argv) {
  using namespace tinynas::cost;
  CLI::App app{
      "Instructions of the operations without weights on an emulated core, in the form for the core and "
      "in portable C.",
      "bench_mcu_operations"};
  std::string core = "cortex-m4";
  app.add_option("core", core, "that is emulated: cortex-m4 (default), cortex-m55, ...")->type_name("CORE");
  app.footer("Needs the core's compiler and emulator.\nExample:\n  bench_mcu_operations cortex-m55");
  return tinynas::bench::run(app, argc, argv,
                             [&] { tinynas::test::run(core_info(parse_core(core, app.get_name()))); });
}
