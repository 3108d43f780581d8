#include "engine/pack/fields.h"

namespace tinynas::engine {

void add_fields(PackedLayer& packed, NamedNumbers fields) {
  for (const auto& [name, value] : fields) packed.fields.emplace_back(name, std::to_string(value));
}

PackedLayer layer_struct(std::string_view type, NamedNumbers fields) {
  PackedLayer packed;
  packed.struct_type = type;
  add_fields(packed, fields);
  return packed;
}

void add_window_fields(PackedLayer& packed, const ir::Graph& graph, const ir::Layer& layer) {
  add_fields(packed, {{"in_w", graph.in_shape(layer).w},
                      {"out_w", graph.out_shape(layer).w},
                      {"kernel_h", layer.kernel_h},
                      {"kernel_w", layer.kernel_w},
                      {"stride_w", layer.stride_w},
                      {"pad_left", layer.pad_left},
                      {"in_zero_point", input_zero_point(graph, layer)},
                      {"out_zero_point", output_zero_point(graph, layer)}});
}

PackedArray int32_array(std::string_view name, std::vector<std::int64_t> values) {
  return {.name = std::string(name), .type = "int32_t", .values = std::move(values), .align = 4};
}

PackedArray shift_array() { return {.name = "shifts", .type = "uint8_t", .values = {}, .align = 1}; }

}  // namespace tinynas::engine
