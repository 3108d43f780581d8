#include "onnx/to_proto.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "onnx/op_names.h"
#include "onnx/tensor_proto.h"
#include "tinynas/core/index.h"
#include "tinynas/core/version.h"
#include "tinynas/ir/ops.h"
#include "tinynas/onnx/file.h"

namespace tinynas::onnx {
namespace {

using ::onnx::NodeProto;
using Dims = std::vector<std::int64_t>;

constexpr int kIrVersion = 7;  // the one that came with opset 13
constexpr int kOpset = 13;     // a function may need a later one

void set_attribute(NodeProto& node, const std::string& name, std::int64_t value) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(::onnx::AttributeProto::INT);
  attribute->set_i(value);
}

void set_number(NodeProto& node, const std::string& name, float value) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(::onnx::AttributeProto::FLOAT);
  attribute->set_f(value);
}

void set_attribute(NodeProto& node, const std::string& name, const Dims& values) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(::onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute->add_ints(value);
}

void set_attribute(NodeProto& node, const std::string& name, const std::string& value) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(::onnx::AttributeProto::STRING);
  attribute->set_s(value);
}

/// [Cout, Kh, Kw, Cin] -> [Cout, Cin, Kh, Kw].
std::vector<std::int8_t> channels_first(const std::vector<std::int8_t>& weights, int out, int window,
                                        int in) {
  std::vector<std::int8_t> result(weights.size());
  for (int o = 0; o < out; ++o)
    for (int k = 0; k < window; ++k)
      for (int i = 0; i < in; ++i)
        result[at((o * in + i) * window + k)] = weights[at((o * window + k) * in + i)];
  return result;
}

class Writer {
 public:
  explicit Writer(const ir::Graph& graph) : graph_(graph), flat_(graph.tensors.size(), false) {}

  ::onnx::GraphProto write() {
    proto_.set_name("tinynas");
    for (int i = 0; i < graph_.input_count(); ++i) {
      const int t = graph_.input_tensor(i);
      describe(*proto_.add_input(), end_name("input", i), dims_of(t), ::onnx::TensorProto::FLOAT);
      quantize(t, end_name("input", i));
    }
    for (int i = 0; i < graph_.layer_count(); ++i) write_layer(i);
    for (int i = 0; i < graph_.output_count(); ++i) {
      const int t = graph_.output_tensor(i);
      dequantize(t, end_name("output", i));
      describe(*proto_.add_output(), end_name("output", i), dims_of(t), ::onnx::TensorProto::FLOAT);
    }
    return std::move(proto_);
  }

  ::onnx::GraphProto write_alone(int index) {
    const ir::Layer& layer = graph_.layer(index);
    proto_.set_name(prefix(index));
    std::set<int> inputs;
    for (const int t : layer.inputs)
      if (t >= 0 && inputs.insert(t).second)
        describe(*proto_.add_input(), tensor_name(t), dims_of(t), ::onnx::TensorProto::INT8);
    write_layer(index);
    describe(*proto_.add_output(), tensor_name(layer.output), dims_of(layer.output),
             ::onnx::TensorProto::INT8);
    return std::move(proto_);
  }

 private:
  static void describe(::onnx::ValueInfoProto& value, const std::string& name, const Dims& dims,
                       ::onnx::TensorProto::DataType element) {
    value.set_name(name);
    auto* type = value.mutable_type()->mutable_tensor_type();
    type->set_elem_type(element);
    for (const std::int64_t dim : dims) type->mutable_shape()->add_dim()->set_dim_value(dim);
  }

  NodeProto& node(const std::string& op, const std::string& name, const std::vector<std::string>& inputs,
                  const std::string& output) {
    NodeProto& node = *proto_.add_node();
    node.set_op_type(op);
    node.set_name(name);
    for (const auto& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }

  template <typename T>
  std::string constant(const std::string& name, const Dims& dims, const std::vector<T>& values) {
    if (constants_.insert(name).second)
      *proto_.add_initializer() = make_tensor(name, dims, std::span<const T>(values));
    return name;
  }

  // -- tensors ---------------------------------------------------------------------------------------------

  Dims dims_of(int t) const {
    const ir::Shape& s = graph_.tensor(t);
    return flat_[at(t)] ? Dims{1, s.c} : Dims{1, s.c, s.h, s.w};
  }

  /// "input", "input1", "input2".
  static std::string end_name(std::string_view kind, int i) {
    return i == 0 ? std::string(kind) : fmt::format("{}{}", kind, i);
  }

  static std::string tensor_name(int t) { return fmt::format("t{}", t); }

  std::string scale_of(int t) {
    return constant<float>(tensor_name(t) + "_scale", {}, {graph_.quant_of(t).scale});
  }
  std::string zero_point_of(int t) {
    return constant<std::int8_t>(tensor_name(t) + "_zero_point", {},
                                 {static_cast<std::int8_t>(graph_.quant_of(t).zero_point)});
  }

  void quantize(int t, const std::string& from) {
    node("QuantizeLinear", tensor_name(t) + ".quantize", {from, scale_of(t), zero_point_of(t)},
         tensor_name(t));
  }

  void dequantize(int t, const std::string& to) { dequantize_value(t, tensor_name(t), to); }

  void dequantize_value(int t, const std::string& from, const std::string& to) {
    node("DequantizeLinear", to + ".dequantize", {from, scale_of(t), zero_point_of(t)}, to);
  }

  /// The tensor dequantized, as [1, C] if `flat`, else as [1, C, H, W]; the nodes for it are made once.
  std::string real(int t, bool flat) {
    const bool reshaped = flat_[at(t)] != flat;
    const std::string shape = flat ? "_flat" : "_map";
    const std::string name = tensor_name(t) + (reshaped ? shape : "") + "_real";
    if (!made_.insert(name).second) return name;
    std::string from = tensor_name(t);
    if (reshaped) {
      // int8 all the way: runtimes fuse DequantizeLinear with the operation right behind it.
      const std::string to = from + shape;
      if (flat)
        set_attribute(node("Flatten", to, {from}, to), "axis", 1);
      else
        node("Reshape", to, {from, constant<std::int64_t>(to + "_shape", {4}, {1, graph_.tensor(t).c, 1, 1})},
             to);
      from = to;
    }
    dequantize_value(t, from, name);
    return name;
  }

  // -- layers ----------------------------------------------------------------------------------------------

  std::string prefix(int layer) const {
    return graph_.names.empty() ? fmt::format("layer{}", layer) : graph_.names[at(layer)];
  }

  void write_layer(int index) {
    const ir::Layer& layer = graph_.layer(index);
    // Dense layers live on [1, C]; the others keep that shape if all their inputs have it.
    const int inputs = ir::op_info(layer.op).inputs;
    bool flat = !needs_image(layer.op);
    for (int i = 0; i < inputs; ++i) flat = flat && flat_[at(layer.inputs[at(i)])];
    flat = flat || layer.op == ir::OpKind::kDense;

    std::vector<std::string> values;
    for (int i = 0; i < inputs; ++i) values.push_back(real(layer.inputs[at(i)], flat));
    if (ir::op_info(layer.op).has_weights) add_parameters(index, values);
    if (layer.op == ir::OpKind::kResizeNearest) add_factors(index, values);
    if (const auto& bounds = onnx_function(layer.function).bounds; bounds)
      for (const float bound : *bounds)
        values.push_back(constant<float>(fmt::format("bound_{}", bound), {}, {bound}));
    if (layer.op == ir::OpKind::kGather) add_map(index, flat, values);
    if (layer.op == ir::OpKind::kSlice) add_bounds(index, values);
    if (onnx_function(layer.function).takes_bound)
      values.push_back(constant<float>(prefix(index) + ".bound", {}, {layer.slope}));
    const std::string result = tensor_name(layer.output) + "_exact";
    if (layer.op == ir::OpKind::kReshape) {
      write_reshape(index, values[0], result);
      flat_[at(layer.output)] = flat;
      return quantize(layer.output, result);
    }
    if (layer.op == ir::OpKind::kDepthToSpace && layer.stride_h != layer.stride_w)
      values = oblong_blocks(index, values[0]);
    NodeProto& made = node(std::string(node_name(layer)), graph_.names.empty() ? "" : graph_.names[at(index)],
                           values, result);
    made.set_doc_string(std::string(ir::op_name(layer.op)));
    set_attributes(made, layer);
    flat_[at(layer.output)] = flat;
    quantize(layer.output, result);
  }

  void add_parameters(int index, std::vector<std::string>& values) {
    const ir::Layer& layer = graph_.layer(index);
    const ir::QuantParameters& q = graph_.layer_quant(index);
    const std::int64_t out = graph_.out_shape(layer).c;
    const std::int64_t in = layer.op == ir::OpKind::kDepthwiseConv2d ? 1 : graph_.in_shape(layer).c;
    Dims dims = {out, in};
    if (layer.op != ir::OpKind::kDense) dims.insert(dims.end(), {layer.kernel_h, layer.kernel_w});
    const std::string weight = prefix(index) + ".weight";
    const std::string bias = prefix(index) + ".bias";
    const int window = layer.op == ir::OpKind::kDense ? 1 : layer.kernel_h * layer.kernel_w;

    NodeProto& weights =
        node("DequantizeLinear", weight + ".dequantize",
             {constant(weight, dims,
                       channels_first(q.weight, static_cast<int>(out), window, static_cast<int>(in))),
              constant(weight + "_scale", {out}, q.weight_scale),
              constant(weight + "_zero_point", {out}, std::vector<std::int8_t>(at(out)))},
             weight + "_real");
    set_attribute(weights, "axis", 0);
    std::vector<float> bias_scale;
    for (const float scale : q.weight_scale)
      bias_scale.push_back(graph_.quant_of(layer.inputs[0]).scale * scale);
    NodeProto& biases =
        node("DequantizeLinear", bias + ".dequantize",
             {constant(bias, {out}, q.bias), constant(bias + "_scale", {out}, bias_scale)}, bias + "_real");
    set_attribute(biases, "axis", 0);
    values.insert(values.end(), {weight + "_real", bias + "_real"});
  }

  /// ONNX's own operator knows square blocks. Others are a Reshape that takes the channels apart, a
  /// Transpose, and the layer's node: a Reshape that joins rows and columns.
  static std::string_view node_name(const ir::Layer& layer) {
    const bool oblong = layer.op == ir::OpKind::kDepthToSpace && layer.stride_h != layer.stride_w;
    return oblong ? "Reshape" : onnx_name(layer);
  }
  std::vector<std::string> oblong_blocks(int index, const std::string& from) {
    const ir::Layer& layer = graph_.layer(index);
    const ir::Shape &in = graph_.in_shape(layer), &out = graph_.out_shape(layer);
    const std::string apart = prefix(index) + ".apart", turned = prefix(index) + ".turned";
    node("Reshape", apart,
         {from, constant<std::int64_t>(apart + "_shape", {6},
                                       {1, layer.stride_h, layer.stride_w, out.c, in.h, in.w})},
         apart);
    set_attribute(node("Transpose", turned, {apart}, turned), "perm", Dims{0, 3, 4, 1, 5, 2});
    return {turned, constant<std::int64_t>(prefix(index) + ".joined_shape", {4}, {1, out.c, out.h, out.w})};
  }

  /// Resize takes (X, roi, scales); roi is not used.
  void add_factors(int index, std::vector<std::string>& values) {
    const ir::Layer& layer = graph_.layer(index);
    const std::vector<float> factors = {1, 1, static_cast<float>(layer.stride_h),
                                        static_cast<float>(layer.stride_w)};
    values.insert(values.end(), {"", constant(prefix(index) + ".factors", {4}, factors)});
  }

  static bool needs_image(ir::OpKind op) {
    return op == ir::OpKind::kGlobalAveragePool || ir::op_info(op).scales_up || ir::op_info(op).moves_rows ||
           ir::op_info(op).windowed;
  }

  /// Gather takes (data, indices). A channel of zeros behind the others is what -1 names.
  void add_map(int index, bool flat, std::vector<std::string>& values) {
    const ir::Layer& layer = graph_.layer(index);
    const int zeros = graph_.in_shape(layer).c;
    Dims indices;
    bool padded = false;
    for (const int channel : graph_.maps[at(layer.map)]) {
      indices.push_back(channel < 0 ? zeros : channel);
      padded = padded || channel < 0;
    }
    if (padded) {
      const std::string name = prefix(index) + ".padded";
      const Dims pads = flat ? Dims{0, 0, 0, 1} : Dims{0, 0, 0, 0, 0, 1, 0, 0};
      node("Pad", name, {values[0], constant(prefix(index) + ".pads", {std::ssize(pads)}, pads)}, name);
      values[0] = name;
    }
    values.push_back(constant(prefix(index) + ".map", {std::ssize(indices)}, indices));
  }

  /// Slice takes (data, starts, ends, axes, steps).
  void add_bounds(int index, std::vector<std::string>& values) {
    const ir::Layer& l = graph_.layer(index);
    const ir::Shape& in = graph_.in_shape(l);
    const auto pair = [&](const char* what, std::int64_t rows, std::int64_t columns) {
      values.push_back(constant<std::int64_t>(prefix(index) + what, {2}, {rows, columns}));
    };
    pair(".starts", l.pad_top, l.pad_left);
    pair(".ends", in.h - l.pad_bottom, in.w - l.pad_right);
    pair(".axes", 2, 3);
    pair(".steps", l.stride_h, l.stride_w);
  }

  /// In the order of rows, columns, channels: between two Transposes.
  void write_reshape(int index, const std::string& from, const std::string& to) {
    const ir::Shape& out = graph_.out_shape(graph_.layer(index));
    const std::string name = prefix(index);
    set_attribute(node("Transpose", name + ".last", {from}, name + ".last"), "perm", Dims{0, 2, 3, 1});
    node("Reshape", graph_.names.empty() ? "" : name,
         {name + ".last", constant<std::int64_t>(name + ".shape", {4}, {1, out.h, out.w, out.c})},
         name + ".reshaped");
    set_attribute(node("Transpose", name + ".first", {name + ".reshaped"}, to), "perm", Dims{0, 3, 1, 2});
  }

  void set_attributes(NodeProto& node, const ir::Layer& l) {
    if (ir::op_info(l.op).windowed) {
      set_attribute(node, "kernel_shape", Dims{l.kernel_h, l.kernel_w});
      set_attribute(node, "strides", Dims{l.stride_h, l.stride_w});
      if (l.dilation_h > 1) set_attribute(node, "dilations", Dims{l.dilation_h, 1});
      set_attribute(node, "pads", Dims{l.pad_top, l.pad_left, l.pad_bottom, l.pad_right});
    }
    if (l.op == ir::OpKind::kDepthwiseConv2d) set_attribute(node, "group", graph_.in_shape(l).c);
    if (l.op == ir::OpKind::kDense) set_attribute(node, "transB", 1);
    if (l.op == ir::OpKind::kGather) set_attribute(node, "axis", 1);
    if (l.op == ir::OpKind::kConcatRows) set_attribute(node, "axis", 2);
    if (l.op == ir::OpKind::kConcat || l.op == ir::OpKind::kSoftmax || l.op == ir::OpKind::kLogSoftmax)
      set_attribute(node, "axis", 1);
    if (const OnnxFunction& function = onnx_function(l.function); function.has_slope) {
      set_number(node, "alpha", function.alpha);
      set_number(node, "beta", function.beta);
    }
    if (l.function == ir::Function::kLeakyRelu) set_number(node, "alpha", l.slope);
    if (l.op == ir::OpKind::kDepthToSpace && l.stride_h == l.stride_w) {
      set_attribute(node, "blocksize", l.stride_h);
      set_attribute(node, "mode", "DCR");
    }
    if (l.op == ir::OpKind::kResizeNearest) {
      set_attribute(node, "mode", "nearest");
      set_attribute(node, "coordinate_transformation_mode", "asymmetric");
      set_attribute(node, "nearest_mode", "floor");
    }
  }

  const ir::Graph& graph_;
  ::onnx::GraphProto proto_;
  std::vector<bool> flat_;  ///< per tensor: its value is [1, C], not [1, C, H, W]
  std::set<std::string> constants_, made_;
};

::onnx::ModelProto wrap(::onnx::GraphProto graph, std::span<const ir::Layer> layers) {
  int opset = kOpset;
  for (const ir::Layer& layer : layers) opset = std::max(opset, onnx_function(layer.function).opset);
  ::onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name(std::string(kProducer));
  model.set_producer_version(std::string(kVersion));
  model.add_opset_import()->set_version(opset);
  *model.mutable_graph() = std::move(graph);
  return model;
}

}  // namespace

::onnx::ModelProto to_proto(const ir::Graph& graph, const Metadata& metadata) {
  ::onnx::ModelProto model = wrap(Writer(graph).write(), graph.layers);
  for (const auto& [key, value] : metadata) {
    auto* property = model.add_metadata_props();
    property->set_key(key);
    property->set_value(value);
  }
  return model;
}

::onnx::ModelProto layer_to_proto(const ir::Graph& graph, int layer) {
  return wrap(Writer(graph).write_alone(layer), {&graph.layer(layer), 1});
}

}  // namespace tinynas::onnx
