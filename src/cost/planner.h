#pragma once

#include <vector>

#include "segments.h"
#include "tinynas/cost/cost.h"
#include "units.h"

namespace tinynas::cost {

/// Cuts a graph into segments and finds their arena. Cut tensors live at the two ends of the arena in turn,
/// or, overlapped, slide down by the lead of their segment; what a segment works with fills the rest. Keeps
/// its memory: one per thread, and a second plan of similar size allocates nothing.
class Planner {
 public:
  /// Overwrites `schedule` with the one of smallest arena.
  void plan(const ir::Graph& graph, const PlanOptions& options, Schedule& schedule);

 private:
  enum class Scratch : std::uint8_t { kCounted, kZero };
  enum class Move : std::uint8_t { kNone, kApart, kOverlap };
  /// Where a cut tensor can stand in an arena of a given size: anywhere in [0, low], and at `high`. -1:
  /// nowhere.
  struct Reach {
    Bytes low = -1, high = -1;
    int low_from = -1, high_from = -1;
    Move low_move = Move::kNone, high_move = Move::kNone;
  };
  /// Where the tensors of one segment stand.
  struct Stand {
    int first_unit = 0, last_unit = 0;
    Bytes working_at = 0, in_at = 0, out_at = 0;
  };

  template <typename Visit>
  void visit_segments_ending_at(int cut, Visit visit) const;
  Bytes need(const SegmentNeed& segment) const;
  Bytes smallest_arena(Scratch scratch);
  Bytes lower_bound();
  Bytes reach_ends(Bytes arena);
  Bytes extend_reach(const SegmentNeed& segment, int from, int to, Bytes arena);
  void trace_back(Bytes arena);
  void write_schedule(const ir::Graph& graph, Schedule& schedule) const;
  void place_working(const ir::Graph& graph, const Stand& stand, Schedule& schedule) const;
  const Unit& unit(int i) const { return units_.list()[static_cast<std::size_t>(i)]; }
  int unit_count() const { return static_cast<int>(units_.list().size()); }
  bool pushed() const { return options_.input == InputMode::kRows; }

  PlanOptions options_;
  Units units_;
  Scratch scratch_ = Scratch::kCounted;
  std::vector<Bytes> best_;
  std::vector<Reach> reach_;
  std::vector<Stand> stands_;
};

}  // namespace tinynas::cost
