#pragma once

#include <vector>

#include "cost/plan/blocks.h"
#include "cost/plan/cuts.h"

namespace tinynas::cost {

/// Where the tensors of one segment stand: the whole tensors at its ends and the bytes it works with. Those
/// go into the gap above the end tensors as far as gap_filling() puts them there, the others to working_at.
struct Stand {
  int first_unit = 0, last_unit = 0;
  Bytes in_at = 0, out_at = 0, working_at = 0, gap_at = 0, gap_bytes = 0;
  friend bool operator==(const Stand&, const Stand&) = default;
};

/// Finds places for the cut tensors in an arena of a given size. They live at its two ends in turn, what a
/// segment works with between them; overlapped, an output slides down from its input by the segment's lead,
/// towards the free end. For each cut only two facts matter: how far up from the low end its tensor can
/// stand, and how close to the high end. Keeps its memory.
class Layout {
 public:
  void reset(const ir::Graph& graph, const Units& units, const PlanOptions& options, Scratch scratch);
  /// Can these cuts live in `arena` bytes?
  bool fits(const Cuts& cuts, Bytes arena);
  /// 0 if any cuts can, else by how much the arena is too small at least.
  Bytes shortage(Bytes arena);
  /// One position per tensor, after fits() or shortage() said yes; in order of execution.
  const std::vector<Stand>& stands();

 private:
  enum class Move : std::uint8_t { kNone, kApart, kOverlap, kOverlapUnderWork, kSame };
  /// Where a cut tensor can stand: anywhere in [0, low], and at `high`. -1: nowhere. kSame: as the other one.
  struct Reach {
    Bytes low = -1, high = -1;
    int low_from = -1, high_from = -1;
    Move low_move = Move::kNone, high_move = Move::kNone;
  };
  void start(Bytes arena);
  Bytes extend(const SegmentNeed& segment, int from, int to);
  Bytes working_beside(const SegmentNeed& segment, int from, int to, Bytes gap);
  static void join_ends(Reach& reach);
  bool reached() const { return reach_.back().low >= 0 || reach_.back().high >= 0; }

  const std::vector<Unit>& units() const { return units_->list(); }

  const ir::Graph* graph_ = nullptr;
  const Units* units_ = nullptr;
  PlanOptions options_;
  Scratch scratch_ = Scratch::kCounted;
  Bytes arena_ = 0;
  std::vector<Reach> reach_;
  std::vector<int> path_;
  std::vector<Block> blocks_;
  std::vector<Stand> stands_;
};

}  // namespace tinynas::cost
