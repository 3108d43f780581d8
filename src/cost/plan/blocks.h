#pragma once

#include <vector>

#include "cost/plan/segments.h"

namespace tinynas::cost {

/// One piece of what a segment works with: a ring, the running sums of a pool, or the scratch that its layers
/// share.
struct Block {
  Bytes bytes = 0;
  int tensor = -1;      ///< whose ring; -1: not a ring
  int rows = 0;         ///< of the ring
  int pool_layer = -1;  ///< whose sums; -1: not sums
};

/// The pieces behind SegmentNeed::working of units first .. cut - 1, largest first.
void working_blocks(const ir::Graph& graph, const Units& units, const PlanOptions& options, Scratch scratch,
                    int first, int cut, std::vector<Block>& blocks);

/// Bytes that go into a gap if each block in turn is put there when it still fits.
Bytes gap_filling(const std::vector<Block>& blocks, Bytes gap);

}  // namespace tinynas::cost
