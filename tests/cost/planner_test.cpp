#include "random_graphs.h"
#include "row_simulation.h"
#include "support/catch.h"
#include "support/schedule_simulator.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/plan.h"
#include "tinynas/cost/play.h"
#include "tinynas/cost/row_times.h"

using namespace tinynas;
using namespace tinynas::cost;
using tinynas::test::check_schedule;
using tinynas::test::GraphBuilder;
using tinynas::test::RandomGraph;

namespace {

/// Every way to plan: pushed or held input, with and without overlap, each kind of kernels.
template <typename Check>
void for_each_plan(Check check) {
  for (const InputMode input : {InputMode::kRows, InputMode::kFrame})
    for (const Overlap overlap : {Overlap::kAllowed, Overlap::kForbidden})
      for (const KernelIsa isa : {KernelIsa::kPortable, KernelIsa::kDsp, KernelIsa::kMve}) {
        CAPTURE(int(input), int(overlap), int(isa));
        check(PlanOptions{.input = input, .isa = isa, .overlap = overlap});
      }
}

}  // namespace

TEST_CASE("nothing live is overwritten in plans of random networks") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const ir::Graph graph = RandomGraph(Rng(seed)).network(6, seed % 2 == 0);
    CAPTURE(seed, ir::dump(graph));
    for_each_plan([&](const PlanOptions& options) {
      const Schedule schedule = plan(graph, options);
      REQUIRE(check_schedule(graph, schedule, options.isa) == "");
      REQUIRE(schedule.activation_bytes + schedule.scratch_bytes == schedule.arena_bytes);
      REQUIRE(schedule.scratch_bytes >= 0);
    });
  }
}

TEST_CASE("an addition writes over the very row that it reads, or over none that is alive") {
  // In these an addition and its input are at the low end of the arena, where the output would do anywhere
  // below its input: a few bytes below, it would write over the row that it reads.
  for (const std::uint64_t seed : {1249, 4874}) {
    const ir::Graph graph = RandomGraph(Rng(seed)).network(8, true);
    CAPTURE(seed);
    for_each_plan([&](const PlanOptions& options) {
      REQUIRE(check_schedule(graph, plan(graph, options), options.isa) == "");
    });
  }
}

TEST_CASE("nothing live is overwritten in plans of networks with several inputs and outputs") {
  int inputs = 0, outputs = 0, dma = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const ir::Graph graph = RandomGraph(Rng(seed)).several_ends(5, seed % 4 > 0);
    CAPTURE(seed, ir::dump(graph));
    for_each_plan([&](const PlanOptions& options) {
      const Schedule schedule = plan(graph, options);
      REQUIRE(check_schedule(graph, schedule, options.isa) == "");
      REQUIRE(schedule.activation_bytes + schedule.scratch_bytes == schedule.arena_bytes);
      REQUIRE(schedule.scratch_bytes >= 0);
    });
    inputs += graph.input_count() - 1;
    outputs += graph.output_count() - 1;
    if (plan(graph, {}).tensors[at(graph.input)].rows == graph.tensor(graph.input).h) continue;
    const Schedule schedule = plan(graph, {.input = InputMode::kDma});
    REQUIRE(check_schedule(graph, schedule, KernelIsa::kDsp) == "");
    ++dma;
  }
  CHECK(inputs > 150);
  CHECK(outputs > 400);
  CHECK(dma > 50);
}

TEST_CASE("outputs on the way of a network cost their own bytes and nothing else") {
  constexpr int kAligned = 4;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const ir::Graph graph = RandomGraph(Rng(seed), kAligned).several_ends(3, false);
    CAPTURE(seed, ir::dump(graph));
    Bytes own = 0;
    for (int i = 0; i < graph.output_count(); ++i)
      if (const int t = graph.output_tensor(i); t != graph.layers.back().output)
        own += (graph.tensor(t).bytes() + 3) / 4 * 4;
    for (const InputMode input : {InputMode::kRows, InputMode::kFrame}) {
      const PlanOptions options{.input = input};
      const auto cuts = test::cut_layers(graph);
      const auto segments = test::all_segments(graph, options);
      const Bytes planned = plan(graph, options).activation_bytes - own;
      const Bytes least = test::least_peak(cuts, segments);
      CHECK(planned >= least);
      if (planned > least) CHECK_FALSE(test::can_be_placed(cuts, segments, planned - 4));
    }
  }
}

TEST_CASE("a network runs what needs its other inputs alone when it begins") {
  // t0 pushed [8,4,2]; t1 [8,4,2] -> conv t2; t0 -> conv t3; add t4. Portable: no scratch counted here.
  GraphBuilder b({.h = 8, .w = 4, .c = 4}, Rng(1));
  const int other = b.other_input({.h = 8, .w = 4, .c = 4});
  const int made = b.conv(other, 8, 1), stem = b.conv(0, 8, 1);
  const ir::Graph graph = b.finish(b.add(stem, made));
  const Schedule schedule = plan(graph, {});
  CHECK(schedule.tensors[at(other)].rows == 8);
  CHECK(schedule.tensors[at(graph.input)].rows == 1);
  CHECK(schedule.tensors[at(stem)].rows == 1);
  // The first row of t2 waits for one of t3; nothing holds up the other seven, which it makes next.
  CHECK(schedule.tensors[at(made)].rows == 7);
  CHECK(schedule.input_bytes == 16 + 8 * 16);
  CHECK(check_schedule(graph, schedule, KernelIsa::kDsp) == "");
}

TEST_CASE("a DMA may write the next row while a planned network computes") {
  int planned = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const ir::Graph graph = RandomGraph(Rng(seed)).network(6, seed % 2 == 0);
    CAPTURE(seed, ir::dump(graph));
    const Schedule rows = plan(graph, {});
    const int ring = rows.tensors[at(graph.input)].rows, height = graph.tensor(graph.input).h;
    if (ring == height) {  // no row is dead before the last has come
      CHECK_THROWS_AS(plan(graph, {.input = InputMode::kDma}), UnsupportedError);
      continue;
    }
    const Schedule dma = plan(graph, {.input = InputMode::kDma});
    REQUIRE(check_schedule(graph, dma, KernelIsa::kDsp) == "");
    CHECK(dma.activation_bytes + dma.scratch_bytes == dma.arena_bytes);
    CHECK(dma.tensors[at(graph.input)].rows > ring);
    CHECK(height % dma.tensors[at(graph.input)].rows == 0);
    CHECK(dma.input_bytes == dma.tensors[at(graph.input)].rows * dma_row_bytes(graph.tensor(graph.input)));
    ++planned;
  }
  CHECK(planned > 100);
}

TEST_CASE("the rows of a pushed image take the latency of the network, the last one most") {
  GraphBuilder b({24, 20, 3}, Rng(3));
  const ir::Graph graph = b.finish(b.dense(b.global_pool(b.conv(b.conv(0, 8, 3, 2), 16, 1)), 10));
  const Device device = load_device("stm32f746", "test");
  const Schedule schedule = plan(graph, {});
  const auto layers = layer_costs(graph, schedule, device);
  const RowTimes times = row_times(graph, schedule, layers);
  CHECK(times.worst_row == 23);  // pool and dense come after it
  CHECK(times.median <= times.worst_before_last);
  CHECK(times.worst_before_last < times.worst);
  int rows = 0, steps = 0;
  play(graph, schedule,
       {.pushed = [&](int row) { CHECK(row == rows++); }, .step = [&](int, int) { ++steps; }});
  CHECK(rows == 24);
  CHECK(steps == 12 + 12 + 12 + 1);  // two convolutions, what the pool takes in, the dense layer
  // Rows with work alternate with rows without any.
  CHECK(times.worst < footprint(graph, schedule, device).latency_ms);
  CHECK(24 * times.worst > footprint(graph, schedule, device).latency_ms);
}

TEST_CASE("layers on other inputs run with the first row of the pushed one") {
  ir::Graph graph = {.tensors = std::vector<ir::Shape>(4, {2, 2, 1}), .input = 0, .output = 3};
  graph.other_inputs = {1};
  graph.layers = {{.op = ir::OpKind::kMaxPool, .inputs = {1, -1}, .output = 2},
                  {.op = ir::OpKind::kAdd, .inputs = {0, 2}, .output = 3}};
  const Device device = load_device("stm32f746", "test");
  const Schedule schedule = plan(graph, {});
  const RowTimes times = row_times(graph, schedule, layer_costs(graph, schedule, device));
  CHECK(times.worst_row == 0);
  CHECK(times.worst > times.median / 2);
}

TEST_CASE("layers that read another input alone run when a row has come") {
  GraphBuilder b({6, 6, 3}, Rng(3));
  const int other = b.conv(b.other_input({6, 6, 5}), 8, 1);
  const ir::Graph graph = b.finish(b.add(b.conv(0, 8, 1), other));
  const Device device = load_device("stm32f746", "test");
  const Schedule schedule = plan(graph, {});
  int rows = 0, steps = 0;
  play(graph, schedule,
       {.pushed = [&](int) { ++rows; }, .step = [&](int, int) { steps += rows > 0 ? 1 : 0; }});
  CHECK(rows == 6);
  CHECK(steps == 3 * 6);
  CHECK(row_times(graph, schedule, layer_costs(graph, schedule, device)).worst > 0);
}

TEST_CASE("a ring of a DMA has one row more, or what divides the height") {
  const auto rows_of = [](int height) {
    GraphBuilder b({height, 10, 3}, Rng(1));
    const ir::Graph graph = b.finish(b.global_pool(b.conv(0, 8, 3, 2)));
    return plan(graph, {.input = InputMode::kDma}).tensors[at(graph.input)].rows;
  };
  CHECK(rows_of(96) == 4);
  CHECK(rows_of(50) == 5);
  CHECK(rows_of(98) == 7);
  CHECK(rows_of(97) == 97);
}

TEST_CASE("overlap never costs memory") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const ir::Graph graph = RandomGraph(Rng(seed)).network(8, false);
    CAPTURE(seed);
    CHECK(plan(graph, {.overlap = Overlap::kAllowed}).arena_bytes <=
          plan(graph, {.overlap = Overlap::kForbidden}).arena_bytes);
  }
}

TEST_CASE("plans of small networks are optimal") {
  constexpr int kAligned = 4;  // rows of whole words, so that alignment costs nothing
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const ir::Graph graph = RandomGraph(Rng(seed), kAligned).network(3, false);
    CAPTURE(seed, ir::dump(graph));
    for (const InputMode input : {InputMode::kRows, InputMode::kFrame})
      for (const Overlap overlap : {Overlap::kAllowed, Overlap::kForbidden}) {
        const PlanOptions options{.input = input, .overlap = overlap};
        CAPTURE(int(input), int(overlap));
        const Bytes planned = plan(graph, options).activation_bytes;
        const auto cuts = test::cut_layers(graph);
        const auto segments = test::all_segments(graph, options);
        const Bytes least = test::least_peak(cuts, segments);
        CHECK(planned >= least);
        if (planned > least) CHECK_FALSE(test::can_be_placed(cuts, segments, planned - 4));
      }
  }
}

TEST_CASE("a network whose best cuts leave a wider gap at the top has a plan") {
  // The cut tensor that stands highest leaves a gap into which a ring no longer fits, so that the search over
  // all cuts finds no places in the bytes that suffice for the cuts of the lower bound.
  GraphBuilder b({31, 9, 12}, Rng(1));
  const int narrow = b.depthwise(b.conv(b.conv(0, 8, 1, 2), 24, 1), 3, 2);
  const ir::Graph graph = b.finish(b.conv(b.depthwise(b.conv(narrow, 48, 1), 7, 2), 16, 1));
  const PlanOptions options{.isa = KernelIsa::kPortable};
  CHECK(check_schedule(graph, plan(graph, options), options.isa) == "");
}

TEST_CASE("a graph with a wrong tensor index is refused, not planned") {
  GraphBuilder builder({.h = 8, .w = 8, .c = 4}, Rng(1));
  const ir::Graph graph = builder.finish(builder.conv(0, 8, 3));
  CHECK_NOTHROW(plan(graph, {}));
  ir::Graph wrong = graph;
  wrong.layers[0].inputs[0] = 7;
  CHECK_THROWS_WITH(plan(wrong, {}), Catch::Contains("input 0 is tensor 7, but there are 2"));
  wrong = graph;
  wrong.output = -1;
  CHECK_THROWS_AS(plan(wrong, {}), GraphError);
}
