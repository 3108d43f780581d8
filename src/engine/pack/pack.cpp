#include "tinynas/engine/pack.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "engine/pack/pack_plain.h"
#include "engine/pack/pack_streams.h"
#include "engine/pack/pack_x16.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/cost/unrolled.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::engine {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

void add_field(Fields& fields, std::string_view name, std::int64_t value) {
  fields.emplace_back(name, std::to_string(value));
}

/// Adds the array of shifts unless all are zero: the kernels then read NULL and shift nothing.
void add_shifts(PackedLayer& packed, const std::vector<ChannelConstants>& channels) {
  if (std::all_of(channels.begin(), channels.end(), [](const auto& c) { return c.shift == 0; })) return;
  PackedArray shifts{.name = "shifts", .type = "uint8_t", .values = {}, .align = 1};
  for (const ChannelConstants& channel : channels) shifts.values.push_back(channel.shift);
  packed.arrays.push_back(std::move(shifts));
}

PackedArray words(std::string name, std::vector<std::int64_t> values) {
  return {.name = std::move(name), .type = "int32_t", .values = std::move(values), .align = 4};
}

PackedLayer pack_conv(const ir::Graph& graph, int index, std::string_view function) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const ir::Shape &in = graph.in_shape(layer), &out = graph.out_shape(layer);
  const auto channels = channel_constants(graph, index);
  const bool planar = function != "tn_conv_input";

  PackedLayer packed;
  Fields& f = packed.fields;
  add_field(f, "in_c", in.c);
  if (function == "tn_conv1x1") {
    packed.struct_type = "tn_conv1x1_layer";
    add_field(f, "out_c", out.c);
    add_field(f, "w", out.w);
  } else {
    packed.struct_type = "tn_conv_layer";
    add_field(f, "in_w", in.w);
    add_field(f, "out_c", out.c);
    add_field(f, "out_w", out.w);
    add_field(f, "kernel_h", layer.kernel_h);
    add_field(f, "kernel_w", layer.kernel_w);
    add_field(f, "stride_w", layer.stride_w);
    add_field(f, "pad_left", layer.pad_left);
    add_field(f, "in_zero_point", input_zero_point(graph, layer));
  }
  add_field(f, "out_zero_point", output_zero_point(graph, layer));
  const auto order = conv_order(layer, in.c, planar);
  packed.arrays.push_back(words("weights", pair_stream(graph, index, channels, order)));
  add_shifts(packed, channels);
  return packed;
}

PackedLayer pack_depthwise(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const ir::Shape &in = graph.in_shape(layer), &out = graph.out_shape(layer);
  const auto channels = channel_constants(graph, index);
  const auto& weight = graph.quant->layers[static_cast<std::size_t>(index)].weight;

  PackedLayer packed;
  packed.struct_type = "tn_depthwise_layer";
  Fields& f = packed.fields;
  add_field(f, "c", in.c);
  add_field(f, "in_w", in.w);
  add_field(f, "out_w", out.w);
  add_field(f, "kernel_h", layer.kernel_h);
  add_field(f, "kernel_w", layer.kernel_w);
  add_field(f, "stride_w", layer.stride_w);
  add_field(f, "pad_left", layer.pad_left);
  add_field(f, "in_zero_point", input_zero_point(graph, layer));
  add_field(f, "out_zero_point", output_zero_point(graph, layer));
  std::vector<std::int64_t> constants;
  for (const ChannelConstants& channel : channels) {
    constants.push_back(channel.bias);
    constants.push_back(channel.multiplier);
  }
  packed.arrays.push_back(
      {.name = "weights", .type = "int8_t", .values = {weight.begin(), weight.end()}, .align = 1});
  packed.arrays.push_back(words("channels", std::move(constants)));
  add_shifts(packed, channels);
  return packed;
}

PackedLayer pack_depthwise_square(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const auto channels = channel_constants(graph, index);
  PackedLayer packed;
  packed.struct_type = "tn_depthwise_square_layer";
  add_field(packed.fields, "c", graph.in_shape(layer).c);
  add_field(packed.fields, "in_w", graph.in_shape(layer).w);
  add_field(packed.fields, "out_w", graph.out_shape(layer).w);
  add_field(packed.fields, "stride_w", layer.stride_w);
  add_field(packed.fields, "pad_left", layer.pad_left);
  add_field(packed.fields, "in_zero_point", input_zero_point(graph, layer));
  add_field(packed.fields, "out_zero_point", output_zero_point(graph, layer));
  packed.arrays.push_back(words("weights", depthwise_stream(graph, index, channels)));
  add_shifts(packed, channels);
  return packed;
}

PackedLayer pack_dense(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const auto channels = channel_constants(graph, index);
  const auto inputs = static_cast<int>(graph.in_shape(layer).elements());
  PackedLayer packed;
  packed.struct_type = "tn_conv1x1_layer";
  add_field(packed.fields, "in_c", inputs);
  add_field(packed.fields, "out_c", graph.out_shape(layer).c);
  add_field(packed.fields, "w", 1);
  add_field(packed.fields, "out_zero_point", output_zero_point(graph, layer));
  ir::Layer row;  // the inputs stand side by side, as in one row of a kernel
  row.kernel_h = 1, row.kernel_w = static_cast<std::int16_t>(inputs);
  packed.arrays.push_back(words("weights", dense_stream(graph, index, channels, conv_order(row, 1, true))));
  add_shifts(packed, channels);
  return packed;
}

PackedLayer pack_add(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const auto quant_of = [&](int tensor) { return graph.quant->tensors[static_cast<std::size_t>(tensor)]; };
  const quant::AddMultipliers add =
      quant::make_add(quant_of(layer.inputs[0]), quant_of(layer.inputs[1]), quant_of(layer.output));
  PackedLayer packed;
  packed.struct_type = "tn_add_layer";
  add_field(packed.fields, "offset", add.c);
  add_field(packed.fields, "multiplier_a", add.ma);
  add_field(packed.fields, "multiplier_b", add.mb);
  add_field(packed.fields, "shift", add.shift);
  add_field(packed.fields, "n", graph.out_shape(layer).row_bytes());
  return packed;
}

PackedLayer pack_global_pool(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layers[static_cast<std::size_t>(index)];
  const ir::Shape& in = graph.in_shape(layer);
  const std::int64_t pixels = std::int64_t{in.h} * in.w;
  const ChannelConstants scale = kernel_constants(quant::pool_multiplier(graph, index), 0, 255 * pixels,
                                                  ir::describe_layer(graph, index));
  PackedLayer packed;
  packed.struct_type = "tn_global_pool_layer";
  add_field(packed.fields, "offset", -(input_zero_point(graph, layer) + 128) * pixels);
  add_field(packed.fields, "multiplier", scale.multiplier);
  add_field(packed.fields, "c", in.c);
  add_field(packed.fields, "w", in.w);
  add_field(packed.fields, "out_zero_point", output_zero_point(graph, layer));
  add_field(packed.fields, "shift", scale.shift);
  return packed;
}

/// Names of the code for a layer's sizes, as its header declares them.
std::optional<UnrolledKernel> unrolled_kernel(const ir::Graph& graph, const ir::Layer& layer,
                                              cost::KernelIsa isa, const Fields& fields) {
  const auto code = cost::unrolled_code(graph, layer, isa);
  if (!code) return std::nullopt;
  const auto made = [](std::string_view stem, std::string_view macro,
                       const std::vector<std::string>& numbers) {
    return UnrolledKernel{.header = fmt::format("tinynas_{}_unrolled.h", stem),
                          .definition = fmt::format("TN_{}_UNROLLED({})", macro, fmt::join(numbers, ", ")),
                          .value = fmt::format("TN_UNROLLED(tn_{}_{})", stem, fmt::join(numbers, "_"))};
  };
  const auto numbers = [&](int count) {
    std::vector<std::string> text;
    for (int i = 0; i < count; ++i)
      text.push_back(std::to_string(code->numbers[static_cast<std::size_t>(i)]));
    return text;
  };
  switch (code->kind) {
    case cost::Unrolled::kDepthwise:
      return made("depthwise", "DEPTHWISE", numbers(5));
    case cost::Unrolled::kGather:
      return made("gather", "GATHER", numbers(2));
    case cost::Unrolled::kPool:
      return made("pool", "POOL", numbers(1));
    case cost::Unrolled::kAdd:
      for (const auto& [name, value] : fields)
        if (name == "shift") return made("add", "ADD", {value});
      break;
    case cost::Unrolled::kCount:
      break;
  }
  throw InternalError("unrolled code without a name");
}

std::int64_t type_bytes(std::string_view type) {
  if (type == "int8_t" || type == "uint8_t") return 1;
  if (type == "int16_t" || type == "uint16_t") return 2;
  TINYNAS_CHECK(type == "int32_t" || type == "uint32_t", "unknown element type");
  return 4;
}

}  // namespace

std::int64_t PackedArray::bytes() const {
  return static_cast<std::int64_t>(values.size()) * type_bytes(type);
}

PackedLayer pack_layer(const ir::Graph& graph, int layer, cost::KernelIsa isa) {
  if (!graph.quant)
    throw GraphError(fmt::format("{}: only a quantized graph can be packed; quantize it first",
                                 ir::describe_layer(graph, layer)));
  const ir::Layer& l = graph.layers[static_cast<std::size_t>(layer)];
  const std::string_view function = cost::kernel_for(graph, l, isa).name;
  const auto pack = [&]() -> PackedLayer {
    switch (l.op) {
      case ir::OpKind::kConv2d:
        return function.ends_with("_x16") ? pack_x16(graph, layer, function)
                                          : pack_conv(graph, layer, function);
      case ir::OpKind::kDepthwiseConv2d:
        if (function.starts_with("tn_depthwise_tiles")) return pack_depthwise_tiles(graph, layer);
        return function == "tn_depthwise" ? pack_depthwise(graph, layer)
                                          : pack_depthwise_square(graph, layer);
      case ir::OpKind::kDense:
        return function.ends_with("_x16") ? pack_x16(graph, layer, function) : pack_dense(graph, layer);
      case ir::OpKind::kAdd:
        return pack_add(graph, layer);
      case ir::OpKind::kGlobalAveragePool:
        return pack_global_pool(graph, layer);
      default:
        return pack_plain(graph, layer, function);
    }
  };
  PackedLayer packed = pack();
  packed.function = function;
  packed.unrolled = unrolled_kernel(graph, l, isa, packed.fields);
  return packed;
}

}  // namespace tinynas::engine
