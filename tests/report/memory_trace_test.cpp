#include "report/memory_trace.h"

#include <algorithm>

#include "example_report.h"
#include "support/catch.h"
#include "support/graphs.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/plan.h"
#include "tinynas/report/memory_map.h"
#include "xml_check.h"

namespace tinynas::report {
namespace {

/// 4 rows of 2 bytes through a depthwise 3x3 and a 1x1 convolution, in one segment: a ring of 3 rows, a ring
/// of one row, a whole tensor.
Profile tiny() {
  test::GraphBuilder b({.h = 4, .w = 2, .c = 1}, Rng(1));
  Profile p;
  p.graph = b.finish(b.conv(b.depthwise(0, 3), 1, 1));
  p.schedule.segments = {{.first = 0, .last = 1}};
  p.schedule.tensors = {{.rows = 3, .offset = 0}, {.rows = 1, .offset = 6}, {.rows = 4, .offset = 8}};
  p.schedule.scratch_offset = {0, 0};
  p.schedule.arena_bytes = 16;
  p.layers.resize(2);
  return p;
}

std::vector<std::pair<double, double>> lives(const MemoryTrace& trace, int place) {
  std::vector<std::pair<double, double>> out;
  for (const Alive& alive : trace.alive)
    if (alive.place == place) out.emplace_back(alive.begin, alive.end);
  return out;
}

TEST_CASE("rows live from the step that makes them to the last that reads them") {
  // Steps: depthwise row 0 at 0-1 (reads input rows 0-1), 1x1 row 0 at 1-2, depthwise row 1 at 2-3 (0-2), 1x1
  // at 3-4, depthwise row 2 at 4-5 (1-3), 1x1 at 5-6, depthwise row 3 at 6-7 (2-3), 1x1 at 7-8.
  const MemoryTrace trace = trace_memory(tiny());
  using Lives = std::vector<std::pair<double, double>>;
  CHECK(trace.end == 8);
  CHECK(lives(trace, 0) == Lives{{0, 3}, {0, 5}, {2, 7}, {4, 7}});
  CHECK(lives(trace, 1) == Lives{{0, 2}, {2, 4}, {4, 6}, {6, 8}});
  CHECK(lives(trace, 2) == Lives{{1, 8}, {3, 8}, {5, 8}, {7, 8}});
  CHECK(trace.places[0].content == Content::kInput);
  CHECK(trace.places[1].content == Content::kRing);
  CHECK(trace.places[2].content == Content::kWhole);
  // From 4 to 5: input rows 1 to 3, ring row 2, output rows 0 and 1: six rows of 2 bytes; never more, and
  // five before.
  CHECK(live_peak(trace).bytes == 12);
  CHECK(live_peak(trace).time == 4);
  CHECK(trace.alive[3].offset == 0);  // input row 3 in the first slot of its ring again
}

TEST_CASE("a held frame is there from the beginning") {
  Profile p = tiny();
  p.schedule.input = cost::InputMode::kFrame;
  for (const auto& [begin, end] : lives(trace_memory(p), 0)) CHECK(begin == 0);
}

TEST_CASE("with latencies, time is in milliseconds") {
  Profile p = tiny();
  p.layers[0].latency_ms = 4;
  p.layers[1].latency_ms = 1;
  p.footprint.latency_ms = 5;
  const MemoryTrace trace = trace_memory(p);
  CHECK(trace.in_ms);
  CHECK(trace.end == Approx(5));
}

/// An element-wise layer may write its output over the row that it has just read.
bool in_place(const Profile& p, const MemoryTrace& trace, const Alive& a, const Alive& b) {
  if (a.offset != b.offset) return false;
  const auto& pa = trace.places[at(a.place)];
  const auto& pb = trace.places[at(b.place)];
  if (pa.content == Content::kScratch || pb.content == Content::kScratch) return false;
  return std::any_of(p.graph.layers.begin(), p.graph.layers.end(), [&](const ir::Layer& layer) {
    const auto reads = [&](int t) { return layer.inputs[0] == t || layer.inputs[1] == t; };
    return layer.op == ir::OpKind::kAdd &&
           ((layer.output == pa.index && reads(pb.index)) || (layer.output == pb.index && reads(pa.index)));
  });
}

int clashes(const Profile& p) {
  const MemoryTrace trace = trace_memory(p);
  int count = 0;
  for (std::size_t i = 0; i < trace.alive.size(); ++i) {
    for (std::size_t j = i + 1; j < trace.alive.size(); ++j) {
      const Alive &a = trace.alive[i], &b = trace.alive[j];
      const bool same_bytes = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      const bool same_time = a.begin < b.end && b.begin < a.end;
      if (same_bytes && same_time && !in_place(p, trace, a, b)) ++count;
    }
  }
  return count;
}

TEST_CASE("no two things that are needed share a byte, in the plan of any network") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    Profile p;
    p.graph = test::random_network(Rng(seed), 4);
    const auto input = seed % 2 == 0 ? cost::InputMode::kRows : cost::InputMode::kFrame;
    p.device = cost::load_device("stm32f746", "test");
    p.schedule = cost::plan(p.graph, {.input = input});
    p.layers = cost::layer_costs(p.graph, p.schedule, p.device);
    CHECK(clashes(p) == 0);  // in steps: footprint.latency_ms is not set
    for (const Alive& alive : trace_memory(p).alive)
      CHECK(alive.offset + alive.bytes <= p.schedule.arena_bytes);
  }
}

TEST_CASE("a clash would be seen") {
  Profile p = tiny();
  p.schedule.tensors[1].offset = 4;  // over the third row of the input's ring
  CHECK(clashes(p) > 0);
}

TEST_CASE("the memory map is a drawing with a title per place, and a table") {
  const Profile p = test::example_profile();
  const std::string drawing = memory_map_svg(p);
  CHECK(test::xml_error(drawing) == "");
  const MemoryTrace trace = trace_memory(p);
  for (const Place& place : trace.places) CHECK(drawing.find(place_name(p, place)) != std::string::npos);
  CHECK(memory_table(p).rows.size() == trace.places.size());
}

TEST_CASE("a budget near the arena is drawn, one far above is only said") {
  Profile p = tiny();
  p.budget.sram_bytes = 20;
  CHECK(memory_map_svg(p).find("class='limit'") != std::string::npos);
  p.budget.sram_bytes = 1000;
  CHECK(memory_map_svg(p).find("class='limit'") == std::string::npos);
  CHECK(memory_map_svg(p).find("far above") != std::string::npos);
}

}  // namespace
}  // namespace tinynas::report
