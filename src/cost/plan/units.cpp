#include "cost/plan/units.h"

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/cost/rows.h"

namespace tinynas::cost {

int window_ring_rows(int in_rows, int out_rows, int kernel, int stride, int pad) {
  // The first output row whose window begins in the image; most strides are 1, and divisions slow.
  const int first_inside = stride == 1 ? pad : (pad + stride - 1) / stride;
  if (first_inside < out_rows && first_inside * stride - pad + kernel <= in_rows) return kernel;
  int most = 1, made = 0;
  for (int row = 0; row < out_rows; ++row) {
    made = std::max(made, std::min(in_rows, row * stride - pad + kernel));
    most = std::max(most, made - std::max(0, row * stride - pad));
  }
  return most;
}

void Units::pin_ends(const ir::Graph& graph) {
  pinned_.assign(graph.other_inputs.begin(), graph.other_inputs.end());
  if (!graph.has_several_ends()) return;
  for (int i = 0; i < graph.output_count(); ++i)
    if (const int tensor = graph.output_tensor(i); tensor != graph.layers.back().output)
      pinned_.push_back(tensor);
}

void Units::rebuild(const ir::Graph& graph, std::span<const Bytes> scratch) {
  units_.clear();
  scratch_ = scratch;
  pin_ends(graph);
  streams_.rebuild(graph);
  ring_rows_.assign(graph.tensors.size(), 1);
  last_reader_.assign(graph.tensors.size(), -1);
  const int layers = static_cast<int>(graph.layers.size());
  for (int l = 0; l < layers; ++l)
    for (const int tensor : graph.layers[at(l)].inputs)
      if (tensor >= 0) last_reader_[at(tensor)] = l;
  last_reader_[at(graph.has_several_ends() ? graph.layers.back().output : graph.output)] = layers;

  int first = 0;
  int last_use = last_reader_[at(graph.input)];  // the last layer that reads a tensor made before layer l
  for (int l = 0; l < layers; ++l) {
    const int output = graph.layers[at(l)].output;
    if (last_use <= l && last_reader_[at(output)] > l) {
      add_unit(graph, first, l);
      first = l + 1;
    }
    last_use = std::max(last_use, last_reader_[at(output)]);
  }
  TINYNAS_CHECK(first == layers, "the output of a graph is made by its last layer");
}

void Units::add_unit(const ir::Graph& graph, int first, int last) {
  const int in_tensor = first == 0 ? graph.input : graph.layers[at(first - 1)].output;
  const int out_tensor = graph.layers[at(last)].output;
  const ir::Shape& in = graph.tensors[at(in_tensor)];
  const ir::Shape& out = graph.tensors[at(out_tensor)];
  Unit& unit = units_.emplace_back(Unit{.first = first,
                                        .last = last,
                                        .in_tensor = in_tensor,
                                        .out_tensor = out_tensor,
                                        .in_rows = in.h,
                                        .out_rows = out.h,
                                        .in_row_bytes = lies_apart(in_tensor) ? 0 : in.row_bytes(),
                                        .out_row_bytes = lies_apart(out_tensor) ? 0 : out.row_bytes(),
                                        .in_bytes = shared_bytes(graph, in_tensor, in.h),
                                        .out_bytes = shared_bytes(graph, out_tensor, out.h)});
  for (int l = first; l <= last; ++l) {
    if (graph.layers[at(l)].op == ir::OpKind::kGlobalAveragePool)
      unit.held_bytes += scratch_[at(l)];
    else
      unit.scratch_bytes = std::max(unit.scratch_bytes, scratch_[at(l)]);
  }
  if (first == last)
    add_layer_unit(graph, unit);
  else if (!add_residual_unit(graph, unit))
    add_irregular_unit(graph, unit);
  unit.input_ring_bytes = shared_bytes(graph, in_tensor, ring_rows_[at(in_tensor)]);
}

Bytes Units::inner_ring_bytes(const ir::Graph& graph, const Unit& unit, const std::vector<int>& rows) const {
  Bytes bytes = 0;
  for (int l = unit.first; l < unit.last; ++l) {
    const int tensor = graph.layers[at(l)].output;
    bytes += shared_bytes(graph, tensor, rows[at(tensor)]);
  }
  return bytes;
}

void Units::add_layer_unit(const ir::Graph& graph, Unit& unit) {
  const ir::Layer& layer = graph.layers[at(unit.first)];
  if (layer.op == ir::OpKind::kGlobalAveragePool) {
    unit.regular = unit.ends_segment = true;
    unit.lag_step = unit.in_rows;  // its only row needs them all
    unit.oldest_step = unit.in_rows;
    set_ring(unit.in_tensor, 1);
    return;
  }
  if (!reads_window(graph, layer) || layer.inputs[1] >= 0) return add_irregular_unit(graph, unit);
  const RowWindow window = row_window(layer);
  unit.regular = true;
  unit.lag_step = window.stride;
  unit.lag_ahead = window.kernel - window.pad - window.stride;
  unit.oldest_step = window.stride;
  unit.oldest_behind = window.pad;
  set_ring(unit.in_tensor,
           window_ring_rows(unit.in_rows, unit.out_rows, window.kernel, window.stride, window.pad));
}

// A chain of stride-1 layers that keep the height, added to its own input. The input waits for the chain's
// lag.
bool Units::add_residual_unit(const ir::Graph& graph, Unit& unit) {
  const ir::Layer& add = graph.layers[at(unit.last)];
  const int chain_end = graph.layers[at(unit.last - 1)].output;
  const bool joins = (add.inputs[0] == unit.in_tensor && add.inputs[1] == chain_end) ||
                     (add.inputs[1] == unit.in_tensor && add.inputs[0] == chain_end);
  if (add.op != ir::OpKind::kAdd || !joins) return false;
  int lag = 0, tensor = unit.in_tensor;
  for (int l = unit.first; l < unit.last; ++l) {
    const ir::Layer& layer = graph.layers[at(l)];
    const RowWindow window = row_window(layer);
    if (layer.inputs[0] != tensor || layer.inputs[1] >= 0 || !reads_window(graph, layer)) return false;
    if (window.stride != 1 || graph.out_shape(layer).h != unit.in_rows) return false;
    lag += window.kernel - 1 - window.pad;
    set_ring(tensor, window_ring_rows(unit.in_rows, unit.in_rows, window.kernel, 1, window.pad));
    tensor = layer.output;
  }
  set_ring(chain_end, 1);
  set_ring(unit.in_tensor, std::max(ring_rows_[at(unit.in_tensor)], std::min(unit.in_rows, 1 + lag)));
  const RowWindow first = row_window(graph.layers[at(unit.first)]);
  const int lag_after_first = lag - (first.kernel - 1 - first.pad);
  unit.regular = unit.adds_input = true;
  unit.lag_step = unit.oldest_step = 1;
  unit.lag_ahead = lag;
  // The first layer of the chain still reads rows that the ADD has passed if its padding exceeds the lag
  // behind it.
  unit.oldest_behind = std::max(0, first.pad - lag_after_first);
  unit.inner_bytes = unit.inner_bytes_whole = inner_ring_bytes(graph, unit, ring_rows_);
  return true;
}

void Units::add_irregular_unit(const ir::Graph& graph, Unit& unit) {
  ring_rows_whole_.resize(graph.tensors.size());
  for (std::vector<int>* rows : {&ring_rows_, &ring_rows_whole_}) {
    (*rows)[at(unit.in_tensor)] = 1;
    for (int l = unit.first; l < unit.last; ++l) (*rows)[at(graph.layers[at(l)].output)] = 1;
  }
  const int in = unit.in_tensor;
  sweep_rings(graph, in, unit.first, unit.last, Source::kRows, ring_rows_, made_, taken_);
  sweep_rings(graph, in, unit.first, unit.last, Source::kWhole, ring_rows_whole_, made_, taken_);
  unit.inner_bytes = inner_ring_bytes(graph, unit, ring_rows_);
  unit.inner_bytes_whole = inner_ring_bytes(graph, unit, ring_rows_whole_);
}

}  // namespace tinynas::cost
