#include "tinynas/cost/patches.h"

#include "random_graphs.h"
#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/plan.h"
#include "tinynas/cost/rows.h"

using namespace tinynas;
using namespace tinynas::cost;

namespace {

PlanOptions patched(Bytes limit, int columns) {
  return {.input = InputMode::kFrame, .arena_limit = limit, .most_columns = columns};
}

/// Rings of many channels between a small frame and a small tensor: stem 3x3, depthwise 3x3, pointwise; pool,
/// classifier.
ir::Graph small_network() {
  test::GraphBuilder b({16, 16, 1}, Rng(1));
  const int t = b.conv(b.depthwise(b.conv(0, 32, 3), 3), 2, 1);
  ir::Graph graph = b.finish(b.dense(b.global_pool(b.depthwise(t, 3)), 4));
  graph.parameters.clear();
  return graph;
}

}  // namespace

TEST_CASE("strips compute what their windows share twice") {
  const ir::Graph graph = small_network();
  const Patches patches{.columns = 2, .layers = 3};
  // The left strip makes 8 of 16 columns of the 1x1's output; its depthwise input is the stem's columns 0 to
  // 8: 9.
  const ir::Graph left = strip_graph(graph, patches, 0), right = strip_graph(graph, patches, 1);
  CHECK(left.tensors[3].w == 8);
  CHECK(left.tensors[2].w == 8);
  CHECK(left.tensors[1].w == 9);
  CHECK(right.tensors[1].w == 9);
  CHECK(left.tensors[0].w == 16);  // the frame is held whole
  // Two columns of 16 rows, 32 channels, 3 x 3 MACs each, are computed twice.
  CHECK(patch_extra_macs(graph, patches) == 2 * 16 * 32 * 9);
}

TEST_CASE("patches are only planned where rings exceed the limit") {
  const ir::Graph graph = small_network();
  const Schedule rings = plan(graph, {.input = InputMode::kFrame});
  CHECK(rings.patches.columns == 1);
  CHECK(plan(graph, patched(rings.arena_bytes, 8)) == rings);
  const Schedule schedule = plan(graph, patched(rings.arena_bytes - 4, 8));
  CHECK(schedule.patches.columns > 1);
  CHECK(schedule.arena_bytes < rings.arena_bytes);
  CHECK(schedule.patches.extra_macs > 0);
  CHECK(schedule.segments.front() == Segment{0, schedule.patches.layers - 1});
}

TEST_CASE("rows that are pushed are never patched: a strip would need them again") {
  const ir::Graph graph = small_network();
  CHECK(plan(graph, {.input = InputMode::kRows, .arena_limit = 1, .most_columns = 8}).patches.columns == 1);
}

TEST_CASE("the fewest extra MACs within the limit, the smallest arena if none keeps it") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const ir::Graph graph = test::RandomGraph(Rng(seed)).network(6, seed % 2 == 0);
    const Schedule rings = plan(graph, {.input = InputMode::kFrame});
    const Schedule least = plan(graph, patched(0, 4));
    CHECK(least.arena_bytes <= rings.arena_bytes);
    Macs before = -1;
    for (const Bytes limit :
         {rings.arena_bytes, (rings.arena_bytes + least.arena_bytes) / 2, least.arena_bytes}) {
      const Schedule schedule = plan(graph, patched(limit, 4));
      CHECK(schedule.arena_bytes <= limit);
      CHECK(schedule.patches.extra_macs >= before);  // a tighter limit costs more
      before = schedule.patches.extra_macs;
    }
  }
}

TEST_CASE("in a patched plan the frame, a strip's rings and the output lie apart") {
  int seen = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const ir::Graph graph = test::RandomGraph(Rng(seed)).network(6, false);
    const Schedule schedule = plan(graph, patched(0, 4));
    if (schedule.patches.columns == 1) continue;
    ++seen;
    std::vector<std::pair<Bytes, Bytes>> used;
    const auto use = [&](int tensor) {
      const TensorPlace& place = schedule.tensors[static_cast<std::size_t>(tensor)];
      used.emplace_back(place.offset, place.offset + place.rows * held_row_bytes(graph, schedule, tensor));
    };
    use(graph.input);
    for (int l = 0; l < schedule.patches.layers; ++l) use(graph.layers[static_cast<std::size_t>(l)].output);
    std::sort(used.begin(), used.end());
    for (std::size_t i = 1; i < used.size(); ++i) CHECK(used[i - 1].second <= used[i].first);
    CHECK(used.back().second <= schedule.arena_bytes);
  }
  CHECK(seen > 20);
}

TEST_CASE("a footprint counts the extra MACs of patches, and their time") {
  const ir::Graph graph = small_network();
  const Device device = load_device("stm32f746", "test");
  const Schedule schedule = plan(graph, patched(0, 4));
  REQUIRE(schedule.patches.columns > 1);
  const Footprint with = footprint(graph, schedule, device);
  const Footprint without = footprint(graph, plan(graph, {.input = InputMode::kFrame}), device);
  CHECK(with.macs == without.macs);
  CHECK(with.extra_macs == schedule.patches.extra_macs);
  CHECK(with.latency_ms > without.latency_ms);
  double sum = 0;
  for (const LayerCost& layer : layer_costs(graph, schedule, device)) sum += layer.latency_ms;
  CHECK(sum == Approx(with.latency_ms));
}
