#pragma once

#include "tinynas/core/error.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// The network's input where a DMA writes the next row while the network computes (InputMode::kDma). No other
/// tensor ever shares its bytes: the next image may begin while the last segments run.
struct DmaRing {
  int rows = 0;
  Bytes bytes = 0;
};

/// One row more than the `ring_rows` that the network reads, and as many as divide the height: then the first
/// row of the next image comes to the place that is free when the last row of this one was pushed.
/// UnsupportedError if the network reads all rows at once.
inline DmaRing dma_ring(const ir::Shape& input, int ring_rows) {
  int rows = ring_rows + 1;
  while (rows < input.h && input.h % rows != 0) ++rows;
  if (rows > input.h)
    throw UnsupportedError(
        "a DMA cannot write the next row while the network computes: its first layers read all " +
        std::to_string(input.h) + " rows of the input at once; push rows instead");
  return {.rows = rows, .bytes = rows * dma_row_bytes(input)};
}

}  // namespace tinynas::cost
