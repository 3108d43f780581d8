#pragma once

#include <cstdint>
#include <vector>

#include "tinynas/core/units.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

enum class InputMode : std::uint8_t {
  kRows,   ///< firmware pushes rows; the input is a ring
  kFrame,  ///< the caller hands a whole frame; it is held in the arena and counted
};

/// Where a tensor lives. Row r of the tensor is at offset + (r % rows) * row_bytes, laid out [C][W] (the
/// network's input: interleaved [W][C], as cameras deliver it). rows == H is an ordinary tensor; rows < H a
/// ring.
struct TensorPlace {
  int rows = 0;
  Bytes offset = 0;
  friend bool operator==(const TensorPlace&, const TensorPlace&) = default;
};

/// Layers [first, last] that advance together, one row at a time: after every step the tensor nearest the
/// segment's output whose input rows are there makes one row. The tensors at its ends are whole, inner ones
/// are rings.
struct Segment {
  int first = 0, last = 0;
  friend bool operator==(const Segment&, const Segment&) = default;
};

/// Column patches (MCUNetV2, arXiv:2110.15352, here as strips): the first `layers` layers, one segment, run
/// once per strip of columns, one strip after the other, so that their rings are about `columns` times
/// shorter; columns that windows of two strips share are computed twice. Each strip reads the held frame
/// anew.
struct Patches {
  int columns = 1;  ///< 1: none
  int layers = 0;
  Macs extra_macs = 0;
  friend bool operator==(const Patches&, const Patches&) = default;
};

/// How a graph is executed in memory: the one plan that the search, model.c and the linker's map agree on.
struct Schedule {
  InputMode input = InputMode::kRows;
  std::vector<Segment> segments;
  std::vector<TensorPlace> tensors;  ///< one per tensor of the graph
  std::vector<Bytes>
      scratch_offset;          ///< per layer: where its kernel's scratch begins (meaningless if it has none)
  Bytes arena_bytes = 0;       ///< everything: rings, whole tensors, scratch
  Bytes activation_bytes = 0;  ///< peak planned as if no kernel needed scratch
  Bytes scratch_bytes = 0;     ///< arena_bytes - activation_bytes
  Bytes input_bytes = 0;       ///< the part of the arena that is the network's input (ring or frame)
  Patches patches;
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

}  // namespace tinynas::cost
