#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tinynas/core/units.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

enum class InputMode : std::uint8_t {
  kRows,   ///< firmware pushes rows; the input is a ring
  kFrame,  ///< the caller hands a whole frame; it is held in the arena and counted
  kDma,    ///< as kRows, but a DMA may write the next row while the network computes
  kCount
};
/// As flags and files name them.
constexpr std::array<std::string_view, 3> kInputModes = {"rows", "frame", "dma"};
static_assert(kInputModes.size() == static_cast<std::size_t>(InputMode::kCount), "one name a mode");
constexpr std::string_view input_mode_name(InputMode mode) {
  return kInputModes[static_cast<std::size_t>(mode)];
}
/// "dma" -> kDma; ConfigError "<where>: ..." otherwise.
InputMode parse_input_mode(std::string_view name, std::string_view where);

/// A cache line: rows that a DMA writes begin at multiples of it, and share no line with anything else.
constexpr Bytes kDmaAlign = 32;
constexpr Bytes align_for_dma(Bytes bytes) { return (bytes + kDmaAlign - 1) / kDmaAlign * kDmaAlign; }
/// From one row of the input to the next under kDma.
inline Bytes dma_row_bytes(const ir::Shape& input) { return align_for_dma(input.row_bytes()); }

/// Where a tensor lives. Row r of the tensor is at offset + (r % rows) * row_bytes, laid out [C][W] (the
/// network's input: interleaved [W][C], as cameras deliver it; under kDma dma_row_bytes apart). rows == H is
/// an ordinary tensor; rows < H a ring; rows > H a ring that keeps rows of earlier calls (ir::history), where
/// row 0 of each call lies H places further.
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
/// Of several ends, the other inputs, and the outputs that the last layer does not make, are whole and share
/// their bytes with nothing.
struct Schedule {
  InputMode input = InputMode::kRows;
  std::vector<Segment> segments;
  std::vector<TensorPlace> tensors;  ///< one per tensor of the graph
  std::vector<Bytes>
      scratch_offset;          ///< per layer: where its kernel's scratch begins (meaningless if it has none)
  Bytes arena_bytes = 0;       ///< everything: rings, whole tensors, scratch
  Bytes activation_bytes = 0;  ///< peak planned as if no kernel needed scratch
  Bytes scratch_bytes = 0;     ///< arena_bytes - activation_bytes
  Bytes input_bytes =
      0;  ///< the part of the arena that is the network's inputs (ring or frame; others whole)
  Bytes stream_bytes = 0;  ///< the part of the arena that keeps rows from call to call
  Patches patches;
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

}  // namespace tinynas::cost
