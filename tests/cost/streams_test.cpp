#include "cost/scratch.h"
#include "support/catch.h"
#include "support/streaming_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/cost/plan.h"

using namespace tinynas;
using namespace tinynas::cost;
using Catch::Matchers::Contains;

namespace {

struct Extent {
  Bytes begin = 0, end = 0;
  bool meets(const Extent& other) const { return begin < other.end && other.begin < end; }
};

Extent ring_of(const ir::Graph& graph, const Schedule& schedule, int tensor) {
  const TensorPlace& place = schedule.tensors[at(tensor)];
  return {place.offset, place.offset + place.rows * graph.tensor(tensor).row_bytes()};
}

}  // namespace

TEST_CASE("nothing shares the bytes of rows that live from call to call") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const test::Pools pools : {test::Pools::kNone, test::Pools::kSome})
      for (const InputMode input : {InputMode::kRows, InputMode::kFrame}) {
        const ir::Graph graph = test::streaming_network(Rng(seed), pools);
        const Schedule schedule = plan(graph, {.input = input});
        for (int t = 0; t < graph.tensor_count(); ++t) {
          if (ir::history(graph, t) == 0) continue;
          CHECK(schedule.tensors[at(t)].rows == graph.tensor(t).h + ir::history(graph, t));
          const Extent ring = ring_of(graph, schedule, t);
          CHECK((ring.begin >= 0 && ring.end <= schedule.arena_bytes));
          for (int other = 0; other < graph.tensor_count(); ++other)
            if (other != t) CHECK_FALSE(ring.meets(ring_of(graph, schedule, other)));
          for (int l = 0; l < graph.layer_count(); ++l) {
            const Bytes from = schedule.scratch_offset[at(l)];
            const Bytes bytes = layer_scratch_bytes(graph, graph.layer(l), KernelIsa::kDsp);
            if (bytes > 0) CHECK_FALSE(ring.meets({from, from + bytes}));
          }
        }
      }
}

TEST_CASE("an arena counts the rows that live from call to call") {
  test::GraphBuilder b({3, 1, 40}, Rng(1));
  const int first = b.append({.op = ir::OpKind::kConv2d,
                              .kernel_h = 5,
                              .stride_h = 3,
                              .pad_top = 2,
                              .streams = true,
                              .inputs = {0, -1}},
                             32);
  const int second = b.append({.op = ir::OpKind::kDepthwiseConv2d,
                               .kernel_h = 5,
                               .pad_top = 4,
                               .streams = true,
                               .inputs = {first, -1}},
                              32);
  const ir::Graph graph = b.finish(second);
  const Schedule schedule = plan(graph, {.isa = KernelIsa::kPortable});
  CHECK(schedule.stream_bytes == 5 * 40 + 5 * 32);  // 2 + 3 rows of the input, 4 + 1 behind the first layer
  CHECK(schedule.input_bytes == 5 * 40);
  const auto scratch = [&](int l) {
    return layer_scratch_bytes(graph, graph.layer(l), KernelIsa::kPortable);
  };
  // And the scratch of the first layer, or the output and the scratch of the second: each a segment.
  CHECK(schedule.arena_bytes == schedule.stream_bytes + std::max(scratch(0), 32 + scratch(1)));
  CHECK(engine_state_bytes(graph) == 2 * 3 + 2 * 2);  // counters of 3 tensors, where 2 rings begin
}

TEST_CASE("a DMA is refused where rows live from call to call") {
  CHECK_THROWS_WITH(plan(test::streaming_network(Rng(1)), {.input = InputMode::kDma}), Contains("push rows"));
}
