#pragma once

#include <vector>

#include "cost/plan/blocks.h"
#include "cost/plan/cuts.h"

namespace tinynas::cost {

/// Where one segment lies: the whole tensors at its ends and its working set. The blocks of that go into the
/// gap above the end tensors as far as gap_filling() puts them there, the others to working_at.
struct Placement {
  int first_unit = 0, last_unit = 0;
  Bytes in_at = 0, out_at = 0, working_at = 0, gap_at = 0, gap_bytes = 0;
};

/// Finds places for the cut tensors in an arena of a given size (README.md, "Places"). For each cut only two
/// facts matter: how far up from the low end its tensor may begin, and how close to the high end. Keeps its
/// memory.
class Layout {
 public:
  void reset(const ir::Graph& graph, const Units& units, const PlanOptions& options, Scratch scratch);
  /// Can these cuts live in `arena` bytes?
  bool fits(const Cuts& cuts, Bytes arena);
  /// 0 if any cuts can, else by how much the arena is too small at least.
  Bytes shortage(Bytes arena);
  /// One place per tensor, after fits() or shortage() said yes; in order of execution.
  const std::vector<Placement>& placements();

 private:
  /// How the output of a segment comes to its place.
  enum class Move : std::uint8_t {
    kUp,         ///< the input at the low end, the output at the high end, the work between
    kDown,       ///< the input high, the output below it, the work between
    kSlideHigh,  ///< the input high, the output slides down over it, the work below both
    kSlideLow,   ///< the input low, the output slides down over it, the work above both
    kSame        ///< none: see the other place of the same tensor
  };
  /// Where a cut tensor may begin, and from which cut it comes there.
  struct Place {
    Bytes offset = -1;  ///< -1: nowhere
    int from = -1;
    Move move = Move::kSame;
    bool found() const { return offset >= 0; }
  };
  struct Places {
    Place low;   ///< everything in [0, low.offset] will do
    Place high;  ///< exactly here
  };

  void start(Bytes arena);
  void extend(const SegmentNeed& segment, int from, int to);
  void extend_from_high(const SegmentNeed& segment, int from, int to);
  void extend_from_low(const SegmentNeed& segment, int from, int to);
  /// A place that leaves `room` bytes over; below 0 the arena is too small for it.
  void offer(Place& known, Bytes offset, int from, Move move, Bytes room) {
    if (room < 0)
      short_by_ = std::min(short_by_, -room);
    else if (offset > known.offset)
      known = {offset, from, move};
  }
  static void join_ends(Places& places);
  Bytes working_outside(const SegmentNeed& segment, int from, int to, Bytes gap);
  Placement placement(const Place& place, int cut, Bytes out_at) const;
  bool reached() const { return places_.back().low.found() || places_.back().high.found(); }

  const std::vector<Unit>& units() const { return units_->list(); }

  const ir::Graph* graph_ = nullptr;
  const Units* units_ = nullptr;
  PlanOptions options_;
  Scratch scratch_ = Scratch::kCounted;
  Bytes arena_ = 0;
  Bytes short_by_ = kNever;     ///< by how much the arena is too small for anything tried
  std::vector<Places> places_;  ///< by cut: of the tensor there
  std::vector<int> path_;
  std::vector<Block> blocks_;
  std::vector<Placement> placements_;
};

}  // namespace tinynas::cost
