#include "cost/plan/patch_planner.h"

#include <algorithm>
#include <vector>

#include "cost/plan/planner.h"
#include "cost/scratch.h"
#include "tinynas/core/index.h"
#include "tinynas/cost/patches.h"

namespace tinynas::cost {

namespace {

/// The patched layers as a graph of their own, every tensor inside as wide as its widest strip, and their
/// units: what one strip needs, since strips follow one another in the same bytes.
struct Strip {
  Strip(const ir::Graph& whole, const Patches& patches, KernelIsa isa)
      : graph(strip_graph(whole, patches, 0)) {
    layer_scratch(graph, isa, scratch);
    for (int s = 1; s < patches.columns; ++s) {
      const ir::Graph other = strip_graph(whole, patches, s);
      std::vector<Bytes> other_scratch;
      layer_scratch(other, isa, other_scratch);
      for (std::size_t t = 0; t < graph.tensors.size(); ++t)
        graph.tensors[t].w = std::max(graph.tensors[t].w, other.tensors[t].w);
      for (std::size_t l = 0; l < scratch.size(); ++l) scratch[l] = std::max(scratch[l], other_scratch[l]);
    }
    graph.layers.resize(at(patches.layers));
    graph.output = graph.layers.back().output;
    units.rebuild(graph, scratch);
  }
  int unit_count() const { return static_cast<int>(units.list().size()); }
  Bytes working(const PlanOptions& options, Scratch counted) const {
    return segment_need(units.list(), options, counted, 0, unit_count()).working;
  }

  ir::Graph graph;
  std::vector<Bytes> scratch;
  Units units;
};

/// Everything behind the patched layers: a network whose input, their output, is held.
struct Rest {
  Rest(const ir::Graph& whole, int patched, const PlanOptions& options, std::span<const Bytes> scratch)
      : graph(whole) {
    graph.input = whole.layers[at(patched - 1)].output;
    graph.layers.erase(graph.layers.begin(), graph.layers.begin() + patched);
    Planner().plan(graph, options, scratch.subspan(at(patched)), schedule);
  }
  ir::Graph graph;
  Schedule schedule;
};

/// How many layers may be patched: units that need no whole rows and leave something to do behind them.
std::vector<int> patch_ends(const ir::Graph& graph, const Units& units) {
  std::vector<int> ends;
  for (const Unit& unit : units.list()) {
    for (int l = unit.first; l <= unit.last; ++l) {
      const ir::OpKind op = graph.layers[at(l)].op;
      if (op == ir::OpKind::kGlobalAveragePool || op == ir::OpKind::kDense || op == ir::OpKind::kSlice ||
          op == ir::OpKind::kReshape)
        return ends;
    }
    if (at(unit.last) + 1 < graph.layers.size()) ends.push_back(unit.last + 1);
  }
  return ends;
}

/// The output of the patched layers stays at the end of the arena where the rest was planned to find it; the
/// frame and what a strip works with lie beside it.
void place(const Strip& strip, const Rest& rest, const PlanOptions& options, Schedule& schedule) {
  const bool output_low = rest.schedule.tensors[at(rest.graph.input)].offset == 0;
  const Bytes moved = output_low ? 0 : schedule.arena_bytes - rest.schedule.arena_bytes;
  const auto patched = at(schedule.patches.layers);
  schedule.segments = {{0, schedule.patches.layers - 1}};
  for (const Segment& segment : rest.schedule.segments)
    schedule.segments.push_back(
        {segment.first + schedule.patches.layers, segment.last + schedule.patches.layers});
  schedule.tensors = rest.schedule.tensors;
  for (TensorPlace& tensor : schedule.tensors) tensor.offset += moved;
  schedule.scratch_offset.assign(patched, 0);
  for (const Bytes offset : rest.schedule.scratch_offset) schedule.scratch_offset.push_back(offset + moved);
  const Unit& first = strip.units.list().front();
  Bytes offset = output_low ? align_up(rest.graph.tensors[at(rest.graph.input)].bytes()) : 0;
  schedule.tensors[at(first.in_tensor)] = {.rows = first.in_rows, .offset = offset};
  std::vector<Block> blocks;
  working_blocks(strip.graph, strip.units, options, Scratch::kCounted, 0, strip.unit_count(), blocks);
  offset += first.in_bytes;
  for (const Block& block : blocks) {
    if (block.tensor >= 0)
      schedule.tensors[at(block.tensor)] = {.rows = block.rows, .offset = offset};
    else
      std::fill_n(schedule.scratch_offset.begin(), patched, offset);
    offset += block.bytes;
  }
}

}  // namespace

std::optional<Schedule> plan_patches(const ir::Graph& graph, const PlanOptions& options,
                                     std::span<const Bytes> scratch) {
  Units units;
  units.rebuild(graph, scratch);
  std::optional<Schedule> best;
  const auto better = [&](const Schedule& schedule) {
    if (!best) return true;
    const bool keeps = schedule.arena_bytes <= options.arena_limit,
               kept = best->arena_bytes <= options.arena_limit;
    if (keeps != kept) return keeps;
    return keeps ? schedule.patches.extra_macs < best->patches.extra_macs
                 : schedule.arena_bytes < best->arena_bytes;
  };
  for (const int layers : patch_ends(graph, units)) {
    const Rest rest(graph, layers, options, scratch);
    const Bytes out = align_up(graph.tensors[at(rest.graph.input)].bytes());
    const int most = std::min(options.most_columns, graph.tensors[at(rest.graph.input)].w);
    for (int columns = 2; columns <= most; ++columns) {
      Schedule schedule{.input = InputMode::kFrame, .segments = {}, .tensors = {}, .scratch_offset = {}};
      schedule.patches = {.columns = columns, .layers = layers};
      schedule.patches.extra_macs = patch_extra_macs(graph, schedule.patches);
      const Strip strip(graph, schedule.patches, options.isa);
      const Bytes ends = units.list().front().in_bytes + out;
      schedule.arena_bytes =
          std::max(rest.schedule.arena_bytes, ends + strip.working(options, Scratch::kCounted));
      schedule.activation_bytes =
          std::max(rest.schedule.activation_bytes, ends + strip.working(options, Scratch::kZero));
      schedule.scratch_bytes = schedule.arena_bytes - schedule.activation_bytes;
      schedule.input_bytes = graph.tensors[at(graph.input)].bytes();
      if (!better(schedule)) continue;
      place(strip, rest, options, schedule);
      best = std::move(schedule);
    }
  }
  return best;
}

}  // namespace tinynas::cost
