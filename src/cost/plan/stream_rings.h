#pragma once

#include <vector>

#include "cost/scratch.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// Rings of the tensors that a streaming network reads with rows of earlier calls. They live from call to
/// call, so that no other tensor ever shares their bytes: they lie behind everything else in the arena.
class StreamRings {
 public:
  /// Each as long as the rows that are kept and those of a call together: rows of a call that is dropped in
  /// its middle are written over, and none that was kept.
  void rebuild(const ir::Graph& graph) {
    rows_.clear();
    bytes_ = 0;
    if (!ir::is_streaming(graph)) return;
    for (int t = 0; t < graph.tensor_count(); ++t) {
      const int history = ir::history(graph, t);
      rows_.push_back(history == 0 ? 0 : history + graph.tensor(t).h);
      bytes_ += align_up(rows_.back() * graph.tensor(t).row_bytes());
    }
  }
  bool has(int tensor) const { return !rows_.empty() && rows_[at(tensor)] > 0; }
  int rows(int tensor) const { return rows_[at(tensor)]; }
  Bytes bytes() const { return bytes_; }  ///< of all of them, aligned
  /// Gives them their places, the first at `offset`.
  void place(const ir::Graph& graph, Bytes offset, Schedule& schedule) const {
    for (int t = 0; t < graph.tensor_count(); ++t) {
      if (!has(t)) continue;
      schedule.tensors[at(t)] = {.rows = rows(t), .offset = offset};
      offset += align_up(rows(t) * graph.tensor(t).row_bytes());
    }
  }

 private:
  std::vector<int> rows_;  ///< by tensor, 0: it is not kept; empty: nothing is
  Bytes bytes_ = 0;
};

}  // namespace tinynas::cost
