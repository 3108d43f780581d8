// What the planner does, a rule at a time, each on the smallest network that shows it. Unless a test says
// otherwise tensors are [8, 8, 4] (rows of 32 bytes, 256 bytes as a whole), the input's rows are pushed, and
// bytes are counted without kernel scratch. src/cost/plan/README.md explains the words.
#include "support/catch.h"
#include "support/graphs.h"
#include "tinynas/core/index.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/cost/plan.h"

using namespace tinynas;
using namespace tinynas::cost;
using tinynas::test::GraphBuilder;

namespace {

constexpr Bytes kRow = 32, kWhole = 8 * kRow;

GraphBuilder network() { return {{.h = 8, .w = 8, .c = 4}, Rng(1)}; }

using Segments = std::vector<Segment>;

}  // namespace

TEST_CASE("a cut is made where a whole tensor is cheaper than one more ring") {
  GraphBuilder b = network();
  const ir::Graph graph = b.finish(b.conv(b.conv(0, 4, 3), 4, 1));
  const Schedule schedule = plan(graph, {});
  // Together: a ring of 3 rows, a ring of 1 and 8 rows of output: 12 rows.
  // Cut in two: 3 + 8 rows; then 8 rows of input and an output that begins one row below them: 9 rows.
  CHECK(schedule.activation_bytes == (3 + 8) * kRow);
  CHECK(schedule.segments == Segments{{0, 0}, {1, 1}});
}

TEST_CASE("no cut is made where a whole tensor is dearer than its ring") {
  GraphBuilder b = network();
  const ir::Graph graph = b.finish(b.conv(b.conv(0, 4, 3), 4, 3, 2));
  const Schedule schedule = plan(graph, {});
  // Together: two rings of 3 rows and an output of 4 rows of 4 x 4 bytes. A cut costs 3 + 8 rows.
  CHECK(schedule.activation_bytes == (3 + 3) * kRow + 4 * 16);
  CHECK(schedule.segments == Segments{{0, 1}});
  CHECK(schedule.tensors[1].rows == 3);
}

TEST_CASE("the ring of a residual's input is as long as its main path lags behind") {
  GraphBuilder b = network();
  const int from = b.conv(0, 4, 1);
  int main = from;
  for (int layer = 0; layer < 3; ++layer) main = b.depthwise(main, 3);
  const Schedule schedule = plan(b.finish(b.add(from, main)), {.overlap = Overlap::kForbidden});
  // Each 3x3 layer waits for 1 row below its own, so that row y of the sum is made when row y + 3 has come.
  CHECK(schedule.tensors[at(from)].rows == 1 + 3 * 1);
  // Rings of 1, 4, 3, 3 and (in front of the sum) 1 rows, and the output. A cut would cost 8 rows for the 4.
  CHECK(schedule.activation_bytes == (1 + 4 + 3 + 3 + 1) * kRow + kWhole);
}

TEST_CASE("an add writes over the row it reads") {
  GraphBuilder b = network();
  const int from = b.conv(0, 4, 1);
  const int sum = b.add(from, b.depthwise(b.depthwise(from, 3), 3));
  const Schedule schedule = plan(b.finish(sum), {});
  // While row y of the sum is written the first layer is one row ahead, and makes row y + 2 next, from rows
  // y + 1 .. y + 3: row y is dead, and the sum begins where its input does.
  CHECK(schedule.segments == Segments{{0, 0}, {1, 3}});
  CHECK(schedule.tensors[at(sum)].offset == schedule.tensors[at(from)].offset);
  // Beside the two a ring of 3 rows and one of 1. Together with the first layer: 1 + 3 + 3 + 1 rows.
  CHECK(schedule.activation_bytes == (3 + 1) * kRow + kWhole);
}

TEST_CASE("a depthwise layer runs in place, its output as far below as its window reaches back") {
  GraphBuilder b = network();
  const int in = b.conv(0, 4, 3), out = b.depthwise(in, 3);
  const Schedule schedule = plan(b.finish(out), {.isa = KernelIsa::kPortable});
  // Row y reads from row y - 1 on, at 32 (y - 1) above where the input begins. It may be written up to there:
  // its end, 32 (y + 1), lies 2 rows further up than row y - 1 begins.
  CHECK(schedule.tensors[at(in)].offset - schedule.tensors[at(out)].offset == 2 * kRow);
  // The input is at the high end of the arena: the output slides towards the free end, which is the low one.
  CHECK(schedule.tensors[at(in)].offset + kWhole == schedule.arena_bytes);
}

TEST_CASE("a stride of two frees two rows of the input with each row of the output") {
  GraphBuilder b = network();
  const ir::Graph graph = b.finish(b.conv(b.conv(0, 4, 1), 16, 3, 2));
  // The output is [4, 4, 16], rows of 64 bytes. Row y of it reads from row 2 y - 1 on and ends at 64 (y + 1):
  // that is 64 for y = 0, 128 - 32 for y = 1, 192 - 96 for y = 2, 256 - 160 for y = 3. The input begins 96
  // bytes above it: 256 + 96. Together with the first layer it would be 1 + 3 rows and the output: 384.
  CHECK(plan(graph, {}).activation_bytes == kWhole + 96);
}

TEST_CASE("a global pool ends its segment") {
  GraphBuilder b = network();
  const int narrow = b.conv(b.conv(0, 16, 3), 1, 1);
  const ir::Graph graph = b.finish(b.dense(b.global_pool(b.conv(narrow, 8, 3)), 4));
  const Schedule schedule = plan(graph, {});
  // 3 rows of 32 bytes, 1 of 8 x 16, and `narrow` as a whole, 8 x 8 x 1: the peak. Then `narrow`, 1 row of 8
  // x 8 (it is summed up as it arrives) and the pool's 8 bytes: the dense layer would find room in that
  // segment.
  CHECK(schedule.activation_bytes == 3 * kRow + 8 * 16 + 64);
  CHECK(schedule.segments == Segments{{0, 1}, {2, 3}, {4, 4}});
}

TEST_CASE("a held frame is never overlapped") {
  GraphBuilder b = network();
  const ir::Graph graph = b.finish(b.conv(0, 4, 1));
  // Two whole tensors, though an output one row below its input would do. Pushed, one row of input is alive.
  CHECK(plan(graph, {.input = InputMode::kFrame}).activation_bytes == 2 * kWhole);
  CHECK(plan(graph, {.input = InputMode::kRows}).activation_bytes == kRow + kWhole);
}

TEST_CASE("layers of a segment share one scratch, beside everything that lives") {
  GraphBuilder b = network();
  const ir::Graph graph = b.finish(b.conv(b.conv(0, 4, 3), 4, 3, 2));
  const Schedule schedule = plan(graph, {});
  REQUIRE(schedule.segments == Segments{{0, 1}});
  Bytes largest = 0;  // layers run one after the other
  for (const ir::Layer& layer : graph.layers)
    largest = std::max(
        largest, kernel_for(graph, layer, KernelIsa::kDsp).scratch_bytes(graph, layer, KernelIsa::kDsp));
  CHECK(schedule.scratch_bytes == largest);
  const Bytes scratch = schedule.scratch_offset[0];
  CHECK(schedule.scratch_offset[1] == scratch);
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    const Bytes begin = schedule.tensors[t].offset;
    const Bytes end = begin + schedule.tensors[t].rows * graph.tensors[t].row_bytes();
    CHECK((end <= scratch || scratch + largest <= begin));
  }
}

TEST_CASE("below a limit that rings exceed, a strip at a time trades multiplications for bytes") {
  GraphBuilder b({.h = 8, .w = 8, .c = 1}, Rng(1));
  const int narrow = b.conv(b.depthwise(b.conv(0, 16, 1), 3), 1, 1);
  const ir::Graph graph = b.finish(b.conv(narrow, 1, 1));
  // Frame and output of 64 bytes; between them rings of 3 rows and 1 row of 8 x 16 bytes.
  const Schedule rings = plan(graph, {.input = InputMode::kFrame});
  CHECK(rings.activation_bytes == 64 + 64 + (3 + 1) * 8 * 16);
  // Two strips of 4 columns: the 3x3 reads 5 columns for each, so that its ring has rows of 5 x 16 bytes.
  const Schedule strips =
      plan(graph, {.input = InputMode::kFrame, .arena_limit = rings.arena_bytes - 1, .most_columns = 2});
  CHECK(strips.activation_bytes == 64 + 64 + 3 * 5 * 16 + 1 * 4 * 16);
  // The first layer makes 2 columns of 8 pixels twice: 16 products of one channel each.
  CHECK(strips.patches.extra_macs == 2 * 8 * 16);
}

TEST_CASE("the arena of src/cost/plan/README.md is what the planner makes of its network") {
  GraphBuilder b = network();
  const int t4 = b.conv(b.depthwise(b.conv(b.conv(0, 4, 3), 8, 1), 3), 4, 1);
  const Schedule schedule = plan(b.finish(b.conv(t4, 4, 1)), {.isa = KernelIsa::kPortable});
  CHECK(schedule.arena_bytes == 528);
  CHECK(schedule.segments == Segments{{0, 0}, {1, 3}, {4, 4}});
  const std::vector<TensorPlace> drawn = {{3, 0}, {8, 272}, {3, 0}, {1, 192}, {8, 272}, {8, 0}};
  CHECK(schedule.tensors == drawn);
  CHECK(schedule.scratch_offset == std::vector<Bytes>{96, 256, 256, 256, 256});
}
