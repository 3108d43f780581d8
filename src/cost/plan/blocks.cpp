#include "cost/plan/blocks.h"
#include "tinynas/core/index.h"

#include <algorithm>

namespace tinynas::cost {

namespace {

/// Largest first, equal ones as they were: by insertion, for there are few, and std::stable_sort allocates.
void sort_by_size(std::vector<Block>& blocks) {
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    const Block block = blocks[i];
    std::size_t place = i;
    for (; place > 0 && blocks[place - 1].bytes < block.bytes; --place) blocks[place] = blocks[place - 1];
    blocks[place] = block;
  }
}

}  // namespace

void working_blocks(const ir::Graph& graph, const Units& units, const PlanOptions& options, Scratch scratch,
                    int first, int cut, std::vector<Block>& blocks) {
  blocks.clear();
  const auto add_ring = [&](int tensor, const std::vector<int>& rows) {
    if (units.lies_apart(tensor)) return;
    const int count = rows[at(tensor)];
    blocks.push_back({.bytes = units.shared_bytes(graph, tensor, count), .tensor = tensor, .rows = count});
  };
  Bytes shared = 0;
  for (int i = first; i < cut; ++i) {
    const Unit& unit = units.list()[at(i)];
    const std::vector<int>& rows =
        units.ring_rows(unit, i == first && i > 0 ? Source::kWhole : Source::kRows);
    if (i > first || (i == 0 && options.input == InputMode::kRows)) add_ring(unit.in_tensor, rows);
    for (int l = unit.first; l < unit.last; ++l) add_ring(graph.layers[at(l)].output, rows);
    if (scratch == Scratch::kZero) continue;
    shared = std::max(shared, unit.scratch_bytes);
    for (int l = unit.first; l <= unit.last; ++l)
      if (graph.layers[at(l)].op == ir::OpKind::kGlobalAveragePool)
        blocks.push_back({.bytes = units.scratch()[at(l)], .pool_layer = l});
  }
  if (shared > 0) blocks.push_back({.bytes = shared});
  sort_by_size(blocks);
}

Bytes gap_filling(const std::vector<Block>& blocks, Bytes gap) {
  Bytes filled = 0;
  for (const Block& block : blocks)
    if (filled + block.bytes <= gap) filled += block.bytes;
  return filled;
}

}  // namespace tinynas::cost
