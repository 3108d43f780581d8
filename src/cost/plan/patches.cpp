#include "tinynas/cost/patches.h"

#include <algorithm>
#include <vector>

#include "tinynas/core/index.h"
#include "tinynas/cost/rows.h"

namespace tinynas::cost {

namespace {

/// Columns begin..end - 1.
struct Columns {
  int begin = 0, end = 0;
  bool empty() const { return begin >= end; }
  void join(Columns other) {
    if (empty())
      *this = other;
    else if (!other.empty())
      *this = {std::min(begin, other.begin), std::max(end, other.end)};
  }
};

/// Columns of its input that a layer reads to make `out`.
Columns columns_read(const ir::Graph& graph, const ir::Layer& layer, Columns out) {
  if (ir::op_info(layer.op).scales_up)
    return {out.begin / layer.stride_w, (out.end - 1) / layer.stride_w + 1};
  if (row_window(layer).kernel == 1 && layer.kernel_w == 1 && layer.stride_w == 1) return out;
  const int first = out.begin * layer.stride_w - layer.pad_left;
  const int last = (out.end - 1) * layer.stride_w - layer.pad_left + layer.kernel_w;
  return {std::max(first, 0), std::min(last, graph.in_shape(layer).w)};
}

/// What a strip computes of each tensor inside the patched layers, and of their output.
std::vector<Columns> strip_columns(const ir::Graph& graph, const Patches& patches, int strip) {
  std::vector<Columns> columns(graph.tensors.size());
  const int output = graph.layers[at(patches.layers - 1)].output;
  const int width = graph.tensors[at(output)].w;
  columns[at(output)] = {width * strip / patches.columns, width * (strip + 1) / patches.columns};
  for (int l = patches.layers - 1; l >= 0; --l) {
    const ir::Layer& layer = graph.layers[at(l)];
    for (const int input : layer.inputs)
      if (input >= 0) columns[at(input)].join(columns_read(graph, layer, columns[at(layer.output)]));
  }
  return columns;
}

}  // namespace

ir::Graph strip_graph(const ir::Graph& graph, const Patches& patches, int strip) {
  ir::Graph narrow = graph;
  if (patches.columns == 1) return narrow;
  const std::vector<Columns> columns = strip_columns(graph, patches, strip);
  for (int l = 0; l < patches.layers; ++l) {
    const int output = graph.layers[at(l)].output;
    narrow.tensors[at(output)].w = columns[at(output)].end - columns[at(output)].begin;
  }
  return narrow;
}

Macs patch_extra_macs(const ir::Graph& graph, const Patches& patches) {
  if (patches.columns == 1) return 0;
  std::vector<Macs> strips(at(patches.layers), 0);
  for (int strip = 0; strip < patches.columns; ++strip) {
    const ir::Graph narrow = strip_graph(graph, patches, strip);
    for (std::size_t l = 0; l < strips.size(); ++l) strips[l] += ir::layer_macs(narrow, narrow.layers[l]);
  }
  Macs extra = 0;  // columns that no later layer reads are left out by strips: no reason to count less
  for (std::size_t l = 0; l < strips.size(); ++l)
    extra += std::max(Macs{0}, strips[l] - ir::layer_macs(graph, graph.layers[l]));
  return extra;
}

Bytes held_row_bytes(const ir::Graph& graph, const Schedule& schedule, int tensor) {
  const ir::Shape& shape = graph.tensors[at(tensor)];
  if (schedule.input == InputMode::kDma && tensor == graph.input) return dma_row_bytes(shape);
  for (int l = 0; l < schedule.patches.layers - 1; ++l) {
    if (graph.layers[at(l)].output != tensor) continue;
    int widest = 0;
    for (int strip = 0; strip < schedule.patches.columns; ++strip)
      widest = std::max(widest, strip_graph(graph, schedule.patches, strip).tensors[at(tensor)].w);
    return Bytes{widest} * shape.c;
  }
  return shape.row_bytes();
}

}  // namespace tinynas::cost
