#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "cost/plan/stream_rings.h"
#include "cost/scratch.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// The layers between two neighbouring cut points, and what the planner must know of them; README.md has the
/// words. All readers of a cut tensor are in the next unit, and within a segment nothing holds a row up once
/// its inputs are there; so the length of every ring depends on its unit alone, and the bytes of a segment
/// are sums over units.
/// Of several ends, a pinned one is whole in memory of its own for the whole inference (Units::pinned()): it
/// counts as 0 bytes here.
struct Unit {
  int first = 0, last = 0;            ///< layers
  int in_tensor = 0, out_tensor = 0;  ///< the cut tensors at its ends
  int in_rows = 0, out_rows = 0;
  Bytes in_row_bytes = 0, out_row_bytes = 0;
  Bytes in_bytes = 0, out_bytes = 0;  ///< as whole tensors, aligned
  Bytes input_ring_bytes = 0;         ///< the input, when it is a ring
  Bytes inner_bytes = 0;  ///< rings of the tensors strictly inside, rows of the input arriving one by one
  /// The same if the input is whole from the start: the branch nearest the output then runs ahead.
  Bytes inner_bytes_whole = 0;
  Bytes scratch_bytes = 0;    ///< largest scratch of a layer; no two layers run at once
  Bytes held_bytes = 0;       ///< running sums of global pools: they live as long as the segment
  bool ends_segment = false;  ///< a global pool: nothing is gained by streaming on
  /// A layer or a residual block: the two lines below hold. Others are planned by simulation, and their input
  /// is never overlapped.
  bool regular = false;
  int lag_step = 0, lag_ahead = 0;  ///< n rows of the output need min(in_rows, step * n + ahead) of the input
  int oldest_step = 0, oldest_behind = 0;  ///< after n rows, input rows below step * n - behind are dead
  /// Ends in an ADD of its input: row by row it may write where it reads.
  bool adds_input = false;
};

/// Does the input of a unit arrive row by row, or is it whole from the start?
enum class Source : std::uint8_t { kRows, kWhole };

/// Splits a graph into units and computes its rings. Keeps its memory, so that the search allocates nothing.
class Units {
 public:
  /// `scratch`: per layer, aligned.
  void rebuild(const ir::Graph& graph, std::span<const Bytes> scratch);
  /// The network's input lies elsewhere: no segment counts its ring.
  void take_input_out() { units_.front().input_ring_bytes = 0; }
  /// Rings that live from call to call; no segment counts them.
  const StreamRings& streams() const { return streams_; }
  /// Whether it has memory of its own.
  bool lies_apart(int tensor) const { return streams_.has(tensor) || is_pinned(tensor); }
  /// Bytes of `rows` rows of a tensor in the part of the arena that segments share, aligned.
  Bytes shared_bytes(const ir::Graph& graph, int tensor, int rows) const {
    return lies_apart(tensor) ? 0 : align_up(rows * graph.tensor(tensor).row_bytes());
  }
  const std::vector<Unit>& list() const { return units_; }
  /// The scratch given to rebuild(), which must outlive this.
  std::span<const Bytes> scratch() const { return scratch_; }
  /// Ends that have memory of their own: all inputs but the one that is pushed, all outputs but the last
  /// layer's.
  const std::vector<int>& pinned() const { return pinned_; }
  bool is_pinned(int tensor) const {
    return std::find(pinned_.begin(), pinned_.end(), tensor) != pinned_.end();
  }
  /// Rows of the tensors inside a unit, and of its input, as rings; kWhole: the unit begins its segment.
  const std::vector<int>& ring_rows(const Unit& unit, Source source) const {
    return source == Source::kWhole && !unit.regular ? ring_rows_whole_ : ring_rows_;
  }

 private:
  void pin_ends(const ir::Graph& graph);
  void add_unit(const ir::Graph& graph, int first, int last);
  void add_layer_unit(const ir::Graph& graph, Unit& unit);
  bool add_residual_unit(const ir::Graph& graph, Unit& unit);
  void add_irregular_unit(const ir::Graph& graph, Unit& unit);
  void set_ring(int tensor, int rows) { ring_rows_[static_cast<std::size_t>(tensor)] = rows; }
  Bytes inner_ring_bytes(const ir::Graph& graph, const Unit& unit, const std::vector<int>& rows) const;

  std::vector<Unit> units_;
  StreamRings streams_;
  std::span<const Bytes> scratch_;
  std::vector<int> ring_rows_, ring_rows_whole_, last_reader_, pinned_;
  std::vector<int> made_, taken_;  // of the sweep
};

/// Ring length of a tensor with one reader, in closed form: the rows alive when the reader is about to make a
/// row.
int window_ring_rows(int in_rows, int out_rows, int kernel, int stride, int pad);

/// Ring lengths of the input and the inner tensors of layers first..last by playing their steps in the
/// engine's order (the layer nearest the output that is ready makes a row, until none is; then the next row
/// of `input` arrives). Other inputs of the network are there from the start. The meaning of a ring; used for
/// units without a closed form. `made` and `taken` are workspace.
void sweep_rings(const ir::Graph& graph, int input, int first, int last, Source source,
                 std::vector<int>& ring_rows, std::vector<int>& made, std::vector<int>& taken);

}  // namespace tinynas::cost
