#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "tinynas/cost/plan.h"
#include "tinynas/cost/rows.h"

namespace tinynas::test {

/// Activation bytes of layers first..last as one segment, by playing rows on demand: a row is made when the
/// next layer needs it, a ring is as long as the most rows alive at once, and (overlapped) the input must
/// begin above the output by the most that the rows written ever exceed the rows dead. Says what plan() must
/// find without its formulas.
class RowSimulation {
 public:
  RowSimulation(const ir::Graph& graph, int first, int last, const cost::PlanOptions& options)
      : graph_(graph), first_(first), last_(last), sink_(layer(last).output) {
    source_ = layer(first).inputs[0];
    if (graph.is_output(source_)) own_.insert(source_);
    for (int l = first; l <= last; ++l)
      if (graph.is_output(layer(l).output) && layer(l).output != graph.layers.back().output)
        own_.insert(layer(l).output);
    pushed_ = first == 0 && options.input == cost::InputMode::kRows;
    overlap_ = first > 0 && options.overlap == cost::Overlap::kAllowed;
    for (int l = first; l <= last; ++l) made_[layer(l).output] = taken_[l] = 0;
    made_[source_] = pushed_ ? 0 : height(source_);
  }

  struct Result {
    Bytes working = 0, in = 0, out = 0;
    Bytes largest = 0;  // ring of those in `working`
    Bytes lead = -1;    // -1: the two must stay apart
    Bytes smallest() const {
      return working + (lead >= 0 ? std::min(in + out, std::max(lead + in, out)) : in + out);
    }
  };

  Result run() {
    make(sink_, height(sink_) - 1);
    Result result;
    for (const auto& [tensor, rows] : most_) {
      if (tensor == sink_ || (tensor == source_ && !pushed_) || own_.contains(tensor)) continue;
      result.working += rows * row_bytes(tensor);
      result.largest = std::max(result.largest, rows * row_bytes(tensor));
    }
    result.out = own_.contains(sink_) ? 0 : height(sink_) * row_bytes(sink_);
    result.in = pushed_ || own_.contains(source_) ? 0 : height(source_) * row_bytes(source_);
    if (overlap_ && result.out > 0 && result.in > 0) result.lead = lead_;
    return result;
  }

 private:
  const ir::Layer& layer(int l) const { return graph_.layers[static_cast<std::size_t>(l)]; }
  int height(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].h; }
  Bytes row_bytes(int tensor) const { return graph_.tensors[static_cast<std::size_t>(tensor)].row_bytes(); }
  bool is_pool(int l) const { return layer(l).op == ir::OpKind::kGlobalAveragePool; }

  int oldest_needed(int tensor) {
    int oldest = made_[tensor];
    for (int l = first_; l <= last_; ++l)
      for (int i = 0; i < 2; ++i) {
        if (layer(l).inputs[static_cast<std::size_t>(i)] != tensor ||
            made_[layer(l).output] >= height(layer(l).output))
          continue;
        const int row =
            is_pool(l) ? taken_[l] : cost::input_rows(graph_, layer(l), i, made_[layer(l).output]).first;
        oldest = std::min(oldest, row);
      }
    return oldest;
  }

  void note_lead(int rows_written) {
    const int oldest = oldest_needed(source_);
    if (oldest < height(source_) && made_[source_] == height(source_))
      lead_ = std::max(lead_, rows_written * row_bytes(sink_) - oldest * row_bytes(source_));
  }

  void make(int tensor, int last_row) {
    while (made_[tensor] <= last_row) {
      for (int l = first_; l <= last_; ++l)
        if (layer(l).output == tensor) make_inputs(l);
      if (tensor == sink_ && layer(last_).op != ir::OpKind::kAdd) note_lead(made_[tensor] + 1);
      ++made_[tensor];
      for (const auto& [t, rows] : made_)
        most_[t] = std::max(most_[t], rows - std::min(oldest_needed(t), rows));
      note_lead(made_[sink_]);
    }
  }

  void make_inputs(int l) {
    for (int i = 0; i < 2; ++i) {
      const int input = layer(l).inputs[static_cast<std::size_t>(i)];
      if (input < 0) continue;
      if (!is_pool(l)) {
        make(input, cost::input_rows(graph_, layer(l), i, made_[layer(l).output]).last);
        continue;
      }
      for (int row = 0; row < height(input); ++row) {
        make(input, row);
        taken_[l] = row + 1;
      }
    }
  }

  const ir::Graph& graph_;
  int first_, last_, source_ = 0, sink_;
  bool pushed_ = false, overlap_ = false;
  std::map<int, int> made_, taken_, most_;
  std::set<int> own_;  ///< outputs in memory of their own
  Bytes lead_ = 0;
};

/// The layers after which one tensor alone crosses; the last layer included.
inline std::vector<int> cut_layers(const ir::Graph& graph) {
  std::vector<int> cuts;
  for (int l = 0; l < static_cast<int>(graph.layers.size()); ++l) {
    bool alone = true;
    for (std::size_t reader = static_cast<std::size_t>(l) + 1; reader < graph.layers.size(); ++reader)
      for (const int tensor : graph.layers[reader].inputs)
        alone = alone && (tensor < 0 || tensor >= graph.layers[static_cast<std::size_t>(l)].output);
    if (alone) cuts.push_back(l);
  }
  return cuts;
}

/// Every segment between two cuts, simulated: by its first layer and its last.
using Segments = std::map<std::pair<int, int>, RowSimulation::Result>;
inline Segments all_segments(const ir::Graph& graph, const cost::PlanOptions& options) {
  Segments segments;
  int first = 0;
  const std::vector<int> cuts = cut_layers(graph);
  for (std::size_t i = 0; i < cuts.size(); first = cuts[i++] + 1)
    for (std::size_t j = i; j < cuts.size(); ++j)
      segments[{first, cuts[j]}] = RowSimulation(graph, first, cuts[j], options).run();
  return segments;
}

/// The least peak over every choice of cuts, if tensors had no fixed place: no plan can need less.
inline Bytes least_peak(const std::vector<int>& cuts, const Segments& segments) {
  const std::size_t free_cuts = cuts.size() - 1;
  Bytes least = -1;
  for (std::uint64_t choice = 0; choice < std::uint64_t{1} << free_cuts; ++choice) {
    Bytes peak = 0;
    int first = 0;
    for (std::size_t c = 0; c < cuts.size(); ++c) {
      if (c < free_cuts && !(choice >> c & 1)) continue;
      peak = std::max(peak, segments.at({first, cuts[c]}).smallest());
      first = cuts[c] + 1;
    }
    if (least < 0 || peak < least) least = peak;
  }
  return least;
}

/// Can the network live in `arena` bytes with one place per tensor? Tries every place (a multiple of 4) of
/// every cut tensor over every choice of cuts; of what a segment works with, the largest ring needs a gap of
/// its own, the rest is taken as a liquid.
inline bool can_be_placed(const std::vector<int>& cuts, const Segments& segments, Bytes arena) {
  constexpr Bytes kStep = 4;
  std::map<int, std::vector<bool>> places;  // by the layer that makes the tensor; -1: the network's input
  const auto slots = static_cast<std::size_t>(arena / kStep + 1);
  places[-1].assign(slots, true);
  for (const int cut : cuts) places[cut].assign(slots, false);
  for (const auto& [key, segment] : segments) {  // ordered by first layer: the places of the input are known
    const std::vector<bool>& from = places[key.first - 1];
    for (Bytes in = 0; in + segment.in <= arena; in += kStep) {
      if (!from[static_cast<std::size_t>(in / kStep)]) continue;
      for (Bytes out = 0; out + segment.out <= arena; out += kStep) {
        const Bytes in_end = in + segment.in, out_end = out + segment.out;
        const bool apart = out_end <= in || in_end <= out;
        if (!apart && (segment.lead < 0 || out + segment.lead > in)) continue;
        const Bytes below = std::min(in, out), above = arena - std::max(in_end, out_end);
        const Bytes between = apart ? std::max(in, out) - std::min(in_end, out_end) : 0;
        if (below + between + above >= segment.working &&
            std::max({below, between, above}) >= segment.largest)
          places[key.second][static_cast<std::size_t>(out / kStep)] = true;
      }
      if (segment.in == 0) break;  // pushed: there is no input to place
    }
  }
  const std::vector<bool>& last = places[cuts.back()];
  return std::find(last.begin(), last.end(), true) != last.end();
}

}  // namespace tinynas::test
