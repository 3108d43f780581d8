#include "tinynas/cost/footprint.h"

#include "random_graphs.h"
#include "support/catch.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/cost/evaluator.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/cost/plan.h"

using namespace tinynas;
using namespace tinynas::cost;
using tinynas::test::RandomGraph;

TEST_CASE("every kernel of the register says what it takes and what it does") {
  for (const Kernel& kernel : kernel_register()) {
    CAPTURE(kernel.name);
    CHECK(kernel.matches != nullptr);
    CHECK(kernel.scratch_bytes != nullptr);
    CHECK(kernel.constant_bytes != nullptr);
    CHECK(kernel.work != nullptr);
    CHECK(kernel.step < Step::kCount);
  }
}

TEST_CASE("the evaluator says what plan and footprint say") {
  for (const char* name : {"stm32f746", "rp2040", "alif-e3-hp"})
    for (const InputMode input : {InputMode::kRows, InputMode::kFrame}) {
      const Device device = load_device(name, "test");
      Evaluator evaluate(device, input);
      for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const ir::Graph graph = RandomGraph(Rng(seed)).network(6, seed % 2 == 0);
        CAPTURE(name, int(input), seed);
        const Schedule schedule = plan(graph, {.input = input, .isa = core_info(device.core).isa});
        Footprint expected = footprint(graph, schedule, device);
        expected.activation_bytes = expected.scratch_bytes = 0;
        CHECK(evaluate(graph) == expected);
      }
    }
}

TEST_CASE("the sums of a footprint are the sums of its table") {
  const Device device = load_device("stm32f746", "test");
  const ir::Graph graph = RandomGraph(Rng(7)).network(6, false);
  const Schedule schedule = plan(graph, {});
  const Footprint sum = footprint(graph, schedule, device);
  Macs macs = 0;
  Millis latency = 0;
  for (const LayerCost& layer : layer_costs(graph, schedule, device)) {
    macs += layer.macs;
    latency += layer.latency_ms;
  }
  CHECK(sum.macs == macs);
  CHECK(sum.latency_ms == Approx(latency));
  CHECK(sum.macs == ir::graph_macs(graph));
  CHECK(sum.code_bytes < sum.flash_bytes);
  CHECK(sum.sram_bytes == sum.arena_bytes + engine_state_bytes(graph));
}

TEST_CASE("layers of equal widths share their unrolled code") {
  const Device device = load_device("stm32f746", "test");
  Bytes unrolled = 0;  // of the last layer
  const auto code_bytes = [&](std::initializer_list<int> strides) {
    test::GraphBuilder builder({9, 9, 3}, Rng(1));
    int t = builder.conv(0, 4, 3);
    for (const int stride : strides) t = builder.depthwise(t, 5, stride);
    const ir::Graph graph = builder.finish(t);
    const ir::Layer& last = graph.layers.back();
    unrolled = kernel_for(graph, last).unrolled(graph, last, KernelIsa::kDsp).value().bytes();
    return footprint(graph, plan(graph, {}), device).code_bytes;
  };
  const Bytes one = code_bytes({1});
  CHECK(code_bytes({1, 1}) - one < unrolled);  // a step
  CHECK(code_bytes({1, 2}) - one > unrolled);
}

TEST_CASE("cycles are the sum of counts times terms") {
  test::GraphBuilder builder({4, 5, 3}, Rng(1));
  const ir::Graph graph = builder.finish(builder.conv(0, 8, 3));
  CycleTerms terms;
  terms[Term::kRow] = 1000;
  terms[Term::kOutput] = 10;
  terms[Term::kMac] = 0.5;
  // 4 rows, 5 outputs in each, 4 pairs of channels, 27 inputs in groups of four.
  const CycleTable table(kCycleRows * kernel_register().size(), terms);
  CHECK(layer_cycles(table, graph, graph.layers[0], KernelIsa::kDsp) == 4 * 1000 + 80 * 10 + 80 * 7 * 0.5);
}

TEST_CASE("energy is power times latency, and not stated without a power") {
  Device device = load_device("nano-33-ble", "test");
  const ir::Graph graph = RandomGraph(Rng(3)).network(3, false);
  const Schedule schedule = plan(graph, {});
  const Footprint with = footprint(graph, schedule, device);
  CHECK(with.energy_mj == Approx(with.latency_ms * 0.0099));  // 3.3 mA at 3 V
  device.active_power_w = 0;
  CHECK(footprint(graph, schedule, device).energy_mj == 0);
}

TEST_CASE("a budget binds only where it states a limit, and equality fits") {
  const Footprint needs{.macs = 5, .sram_bytes = 100, .flash_bytes = 1000, .latency_ms = 2.5, .energy_mj = 1};
  CHECK(fits(needs, {}));
  CHECK(
      fits(needs, {.sram_bytes = 100, .flash_bytes = 1000, .macs = 5, .latency_ms = 2.5, .energy_mj = 1.0}));
  CHECK_FALSE(fits(needs, {.sram_bytes = 99}));
  CHECK_FALSE(fits(needs, {.flash_bytes = 999}));
  CHECK_FALSE(fits(needs, {.macs = 4}));
  CHECK_FALSE(fits(needs, {.latency_ms = 2.4}));
  CHECK_FALSE(fits(needs, {.energy_mj = 0.9}));
}

TEST_CASE("misses come largest excess first and say by how much") {
  const Footprint needs{.sram_bytes = 16384, .flash_bytes = 2000, .latency_ms = 10};
  const auto missed = misses(needs, {.sram_bytes = 12000, .flash_bytes = 1000, .latency_ms = 20.0});
  REQUIRE(missed.size() == 2);
  CHECK(missed[0].limit == "flash");  // twice the limit, SRAM 1.37 times
  CHECK(describe(missed) == "flash 2000 of 1000 bytes, sram 16384 of 12000 bytes");
  CHECK(misses(needs, {}).empty());
}
