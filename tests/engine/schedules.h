#pragma once

#include <algorithm>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/cost/rows.h"
#include "tinynas/cost/schedule.h"

namespace tinynas::test {

/// Plans by brute force, sharing no bytes, so that the code generator meets schedules of every kind: the
/// network is cut into the given segments, and each inner tensor gets a ring that is as long as running it
/// shows to be needed.
class SimulatedSchedule {
 public:
  SimulatedSchedule(const ir::Graph& graph, cost::InputMode input, std::vector<cost::Segment> segments,
                    cost::KernelIsa isa)
      : graph_(graph), made_(graph.tensors.size(), 0), most_(graph.tensors.size(), 1) {
    schedule_.input = input;
    schedule_.segments = std::move(segments);
    schedule_.tensors.resize(graph.tensors.size());
    for (const int whole : graph.other_inputs) made(whole) = height(whole);
    run();
    place(isa);
  }
  const cost::Schedule& get() const { return schedule_; }

 private:
  int& made(int tensor) { return made_[static_cast<std::size_t>(tensor)]; }
  int height(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].h; }

  bool step(const ir::Layer& layer) {
    const int row = made(layer.output);
    if (row == height(layer.output)) return false;
    for (int i = 0; i < 2; ++i)
      if (layer.inputs[static_cast<std::size_t>(i)] >= 0 &&
          made(layer.inputs[static_cast<std::size_t>(i)]) <= cost::input_rows(graph_, layer, i, row).last)
        return false;
    ++made(layer.output);
    note_lengths();
    return true;
  }
  /// Rows from the oldest that somebody still needs to the newest made.
  void note_lengths() {
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      int oldest = made_[t];
      for (const ir::Layer& layer : graph_.layers)
        for (int i = 0; i < 2; ++i)
          if (layer.inputs[static_cast<std::size_t>(i)] == static_cast<int>(t))
            oldest = std::min(oldest, needed(layer, i));
      // The row that was made last by a step that also released old ones: both were there at that time.
      most_[t] = std::max(most_[t], std::min(made_[t] - oldest + 1, graph_.tensors[t].h));
    }
  }
  /// First row of its input that a layer will still read.
  int needed(const ir::Layer& layer, int i) {
    const int row = std::max(0, made(layer.output) - 1);  // its last row may have been made just now
    if (layer.op == ir::OpKind::kGlobalAveragePool)
      return made(layer.output) == 0 ? made(layer.inputs[0]) - 1 : height(layer.inputs[0]);
    return cost::input_rows(graph_, layer, i, row).first;
  }
  void run() {
    const auto advance = [&](const cost::Segment& segment) {
      for (bool moved = true; moved;) {
        moved = false;
        for (int l = segment.last; l >= segment.first && !moved; --l)
          moved = step(graph_.layers[static_cast<std::size_t>(l)]);
      }
    };
    for (int y = 0; y < height(graph_.input); ++y) {
      ++made(graph_.input);
      note_lengths();
      advance(schedule_.segments[0]);
    }
    for (std::size_t s = 1; s < schedule_.segments.size(); ++s) advance(schedule_.segments[s]);
  }
  int segment_of(std::size_t layer) const {
    int index = 0;
    while (schedule_.segments[static_cast<std::size_t>(index)].last < static_cast<int>(layer)) ++index;
    return index;
  }
  /// Such tensors are whole: read by another segment than the one that makes them.
  bool crosses_segments(int tensor) const {
    if (graph_.is_other_input(tensor) || graph_.is_output(tensor)) return true;
    int home = 0;  // the input's rows arrive while segment 0 runs
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
      if (graph_.layers[l].output == tensor) home = segment_of(l);
    if (tensor == graph_.input && schedule_.input == cost::InputMode::kFrame) return true;
    for (std::size_t l = 0; l < graph_.layers.size(); ++l)
      for (const int input : graph_.layers[l].inputs)
        if (input == tensor && segment_of(l) != home) return true;
    return false;
  }
  void place(cost::KernelIsa isa) {
    const auto take = [&](Bytes bytes) {
      const Bytes at = schedule_.arena_bytes;
      schedule_.arena_bytes += (bytes + 3) / 4 * 4;
      return at;
    };
    for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
      const int rows = crosses_segments(static_cast<int>(t)) ? graph_.tensors[t].h : most_[t];
      schedule_.tensors[t] = {.rows = rows, .offset = take(rows * graph_.tensors[t].row_bytes())};
    }
    schedule_.activation_bytes = schedule_.arena_bytes;
    for (const ir::Layer& layer : graph_.layers)
      schedule_.scratch_offset.push_back(
          take(cost::kernel_for(graph_, layer, isa).scratch_bytes(graph_, layer, isa)));
    schedule_.scratch_bytes = schedule_.arena_bytes - schedule_.activation_bytes;
  }

  const ir::Graph& graph_;
  std::vector<int> made_, most_;
  cost::Schedule schedule_;
};

/// All layers in one segment.
inline std::vector<cost::Segment> one_segment(const ir::Graph& graph) {
  return {{.first = 0, .last = static_cast<int>(graph.layers.size()) - 1}};
}
/// Layer by layer.
inline std::vector<cost::Segment> segment_per_layer(const ir::Graph& graph) {
  std::vector<cost::Segment> segments;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) segments.push_back({.first = i, .last = i});
  return segments;
}

/// Cut anywhere.
inline std::vector<cost::Segment> random_segments(const ir::Graph& graph, Rng& rng) {
  std::vector<cost::Segment> segments;
  const int layers = static_cast<int>(graph.layers.size());
  for (int first = 0; first < layers;) {
    const int last = std::min(layers - 1, first + rng.between(0, 7));
    segments.push_back({.first = first, .last = last});
    first = last + 1;
  }
  return segments;
}

}  // namespace tinynas::test
