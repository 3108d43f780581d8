#include <algorithm>

#include "cost/plan/units.h"
#include "tinynas/core/index.h"
#include "tinynas/cost/rows.h"

namespace tinynas::cost {

namespace {

/// The layers of one unit in motion: how many rows of each tensor exist, how many a pool has taken in.
class Sweep {
 public:
  Sweep(const ir::Graph& graph, int first, int last, std::vector<int>& made, std::vector<int>& taken)
      : graph_(graph), first_(first), last_(last), made_(made), taken_(taken) {
    made_.assign(graph.tensors.size(), 0);
    taken_.assign(graph.layers.size(), 0);
    for (const int whole : graph.other_inputs) made_[at(whole)] = graph.tensors[at(whole)].h;
  }

  void run(int input, Source source, std::vector<int>& ring_rows) {
    if (source == Source::kWhole) {
      made_[at(input)] = graph_.tensors[at(input)].h;
      while (step(ring_rows)) {
      }
      return;
    }
    // What needs only the network's other inputs runs when the segment begins; in the first one, a row is
    // there by then.
    if (input != graph_.input && !graph_.other_inputs.empty())
      while (step(ring_rows)) {
      }
    for (int row = 0; row < graph_.tensors[at(input)].h; ++row) {
      add_row(input, ring_rows);
      while (step(ring_rows)) {
      }
    }
  }

 private:
  const ir::Layer& layer(int l) const { return graph_.layers[at(l)]; }
  int made(int tensor) const { return made_[at(tensor)]; }
  bool done(int l) const { return made(layer(l).output) == graph_.out_shape(layer(l)).h; }

  void add_row(int tensor, std::vector<int>& ring_rows) {
    ++made_[at(tensor)];
    int& rows = ring_rows[at(tensor)];
    rows = std::max({rows, 1, made(tensor) - oldest_needed(tensor)});
  }

  /// The first row of `tensor` that somebody still reads; `made` if there is none.
  int oldest_needed(int tensor) const {
    int oldest = made(tensor);
    for (int l = first_; l <= last_; ++l)
      for (int i = 0; i < 2; ++i)
        if (layer(l).inputs[at(i)] == tensor && !done(l))
          oldest =
              std::min(oldest, is_pool(l) ? taken_[at(l)]
                                          : input_rows(graph_, layer(l), i, made(layer(l).output)).first);
    return oldest;
  }

  bool is_pool(int l) const { return layer(l).op == ir::OpKind::kGlobalAveragePool; }

  bool ready(int l) const {
    for (int i = 0; i < 2; ++i) {
      const int tensor = layer(l).inputs[at(i)];
      if (tensor >= 0 && made(tensor) <= input_rows(graph_, layer(l), i, made(layer(l).output)).last)
        return false;
    }
    return true;
  }

  bool step(std::vector<int>& ring_rows) {
    for (int l = last_; l >= first_; --l) {
      if (done(l)) continue;
      if (is_pool(l) && taken_[at(l)] < made(layer(l).inputs[0])) {
        ++taken_[at(l)];
      } else if (!ready(l)) {
        continue;
      }
      if (!is_pool(l) || taken_[at(l)] == graph_.in_shape(layer(l)).h) add_row(layer(l).output, ring_rows);
      return true;
    }
    return false;
  }

  const ir::Graph& graph_;
  int first_, last_;
  std::vector<int>&made_, &taken_;
};

}  // namespace

void sweep_rings(const ir::Graph& graph, int input, int first, int last, Source source,
                 std::vector<int>& ring_rows, std::vector<int>& made, std::vector<int>& taken) {
  Sweep(graph, first, last, made, taken).run(input, source, ring_rows);
}

}  // namespace tinynas::cost
