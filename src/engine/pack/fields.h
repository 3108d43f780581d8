#pragma once

#include <initializer_list>
#include <string_view>

#include "tinynas/engine/packed_layer.h"
#include "tinynas/ir/graph.h"

namespace tinynas::engine {

constexpr std::int64_t kLargestDifference = 255;  ///< |q - zero point|, both int8

inline const ir::Layer& layer_at(const ir::Graph& graph, int index) {
  return graph.layers[static_cast<std::size_t>(index)];
}
inline const ir::QuantParameters& parameters_at(const ir::Graph& graph, int index) {
  return graph.quant->layers[static_cast<std::size_t>(index)];
}
inline const ir::TensorQuant& input_quant(const ir::Graph& graph, const ir::Layer& layer, int input = 0) {
  const int tensor = layer.inputs[static_cast<std::size_t>(input)];
  return graph.quant->tensors[static_cast<std::size_t>(tensor)];
}
inline const ir::TensorQuant& output_quant(const ir::Graph& graph, const ir::Layer& layer) {
  return graph.quant->tensors[static_cast<std::size_t>(layer.output)];
}
inline int input_zero_point(const ir::Graph& graph, const ir::Layer& layer, int input = 0) {
  return input_quant(graph, layer, input).zero_point;
}
inline int output_zero_point(const ir::Graph& graph, const ir::Layer& layer) {
  return output_quant(graph, layer).zero_point;
}

using NamedNumbers = std::initializer_list<std::pair<const char*, std::int64_t>>;
void add_fields(PackedLayer& packed, NamedNumbers fields);
/// A layer struct of this type with these fields and no arrays yet.
PackedLayer layer_struct(std::string_view type, NamedNumbers fields);
/// The fields of all structs of kernels that read windows.
void add_window_fields(PackedLayer& packed, const ir::Graph& graph, const ir::Layer& layer);

PackedArray int32_array(std::string_view name, std::vector<std::int64_t> values);
PackedArray shift_array();

}  // namespace tinynas::engine
