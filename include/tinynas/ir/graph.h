#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tinynas/core/index.h"
#include "tinynas/core/units.h"
#include "tinynas/ir/functions.h"

namespace tinynas::ir {

enum class OpKind : std::uint8_t {
  kConv2d,             ///< k x k over all channels, also 1x1
  kDepthwiseConv2d,    ///< k x k per channel
  kDense,              ///< [1, 1, Cin] -> [1, 1, Cout]
  kAdd,                ///< two tensors of one shape
  kMul,                ///< [H, W, C] times [1, 1, C] (squeeze and excite) or two tensors of one shape
  kConcat,             ///< two tensors of one height and width, along C
  kAveragePool,        ///< windowed; padding is not counted
  kMaxPool,            ///< windowed
  kGlobalAveragePool,  ///< [H, W, C] -> [1, 1, C]
  kSoftmax,            ///< over C
  kResizeNearest,      ///< integer factors
  kFunction,           ///< of every value by itself; Layer::function says which
  kMinimum,            ///< of two tensors of one shape, value by value
  kMaximum,            ///< the same
  kLogSoftmax,         ///< over C
  kDepthToSpace,  ///< channel (y * factor_w + x) * C + c of [H, W, fh * fw * C] to pixel (y, x) of a block
  kGather,        ///< output channel i is input channel Graph::maps[Layer::map][i]; 0 where that is -1
  kSlice,         ///< rows and columns pad_top, pad_top + stride_h, ... that the pads leave
  kConcatRows,    ///< two tensors of one width and depth, one below the other
  kReshape,       ///< [H, W, C] in that order; groups of kernel_h rows become groups of stride_h rows
  kCount
};

enum class Activation : std::uint8_t { kNone, kRelu, kRelu6, kCount };

/// Rows, columns, channels of one image's tensor; the batch is always 1 here.
struct Shape {
  int h = 0, w = 0, c = 0;
  std::int64_t elements() const { return std::int64_t{h} * w * c; }
  /// Bytes of one row of int8 values, [C][W] in memory.
  Bytes row_bytes() const { return Bytes{w} * c; }
  Bytes bytes() const { return Bytes{h} * w * c; }
  friend auto operator<=>(const Shape&, const Shape&) = default;
};

/// One operation. Plain numbers only, so that a Graph can be refilled without allocating.
struct Layer {
  OpKind op = OpKind::kConv2d;
  Activation activation = Activation::kNone;
  Function function = Function::kNone;  ///< of kFunction
  float slope = 0;                      ///< of Function::kLeakyRelu; the bound of kAtLeast and kAtMost
  bool subtracts = false;               ///< of kAdd: the second input
  std::int16_t kernel_h = 1, kernel_w = 1;
  std::int16_t stride_h = 1, stride_w = 1;  ///< for kResizeNearest, kDepthToSpace: the factors
  std::int16_t dilation_h = 1;              ///< rows from one row of a convolution's kernel to the next
  std::int16_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  /// In a streaming network: the pad_top rows above row 0 are no padding but the last rows of the calls
  /// before; zeros in the first call. Windowed operations only, and pad_bottom is 0.
  bool streams = false;
  std::array<int, 2> inputs = {-1, -1};  ///< tensor indices; the second is -1 for all but add, mul, concat
  int output = -1;
  int map = -1;  ///< of kGather: which of Graph::maps
  friend bool operator==(const Layer&, const Layer&) = default;
};

/// Float parameters of one layer with batch norm already folded in; empty for layers without weights.
/// Weight order: conv [Cout, Kh, Kw, Cin], depthwise [C, Kh, Kw], dense [Cout, Cin]. Bias: one per output
/// channel.
struct Parameters {
  std::vector<float> weight, bias = {};
  friend bool operator==(const Parameters&, const Parameters&) = default;
};

/// real = scale * (q - zero_point), q an int8.
struct TensorQuant {
  float scale = 1;
  int zero_point = 0;
  friend bool operator==(const TensorQuant&, const TensorQuant&) = default;
};

/// int8 parameters of one layer: symmetric weights (ours are -127..127; -128 is computed, too) with a scale
/// per output channel, same order as Parameters; bias in units of input scale * weight scale, the input's
/// zero point not yet folded in.
struct QuantParameters {
  std::vector<std::int8_t> weight = {};
  std::vector<float> weight_scale = {};
  std::vector<std::int32_t> bias = {};
  friend bool operator==(const QuantParameters&, const QuantParameters&) = default;
};

struct Quantization {
  std::vector<TensorQuant> tensors = {};     ///< one per tensor
  std::vector<QuantParameters> layers = {};  ///< one per layer
  friend bool operator==(const Quantization&, const Quantization&) = default;
};

/// Which channel of the input each output channel of a kGather is; -1: none, it is 0.
using ChannelMap = std::vector<std::int16_t>;

/// Layers in execution order over tensors. A value: copy, compare, print. The first two members are all the
/// cost model reads; the rest is optional and empty in a bare graph. In a quantized graph ReLU and ReLU6 have
/// vanished into the saturation (the ranges are chosen so), and `activation` is kNone.
struct Graph {
  std::vector<Shape> tensors = {};
  std::vector<Layer> layers = {};
  int input = 0;   ///< the one whose rows are pushed
  int output = 0;  ///< the first one; with several ends any layer may make it
  /// Further ends, which networks of others may have: their inputs are whole before the first row of `input`.
  /// An output may also be read by layers; each is made by a layer, one of them by the last.
  std::vector<int> other_inputs = {}, other_outputs = {};

  std::vector<std::string> names = {};      ///< one per layer, "stage2.block1.expand"; or empty
  std::vector<Parameters> parameters = {};  ///< one per layer; or empty
  std::optional<Quantization> quant = {};
  std::vector<ChannelMap> maps = {};  ///< one per kGather, by Layer::map

  int tensor_count() const { return static_cast<int>(tensors.size()); }
  int layer_count() const { return static_cast<int>(layers.size()); }
  /// Tensors and layers by number, unchecked. The last two only in a quantized graph.
  const Shape& tensor(int t) const { return tensors[at(t)]; }
  Shape& tensor(int t) { return tensors[at(t)]; }
  const Layer& layer(int i) const { return layers[at(i)]; }
  Layer& layer(int i) { return layers[at(i)]; }
  const TensorQuant& quant_of(int t) const { return quant->tensors[at(t)]; }
  TensorQuant& quant_of(int t) { return quant->tensors[at(t)]; }
  const QuantParameters& layer_quant(int i) const { return quant->layers[at(i)]; }
  QuantParameters& layer_quant(int i) { return quant->layers[at(i)]; }

  bool has_several_ends() const { return !other_inputs.empty() || !other_outputs.empty(); }
  int input_count() const { return 1 + static_cast<int>(other_inputs.size()); }
  int output_count() const { return 1 + static_cast<int>(other_outputs.size()); }
  /// Tensor of an input or output; 0 is `input`, `output`.
  int input_tensor(int i) const { return i == 0 ? input : other_inputs[at(i - 1)]; }
  int output_tensor(int i) const { return i == 0 ? output : other_outputs[at(i - 1)]; }
  bool is_other_input(int t) const {
    return std::find(other_inputs.begin(), other_inputs.end(), t) != other_inputs.end();
  }
  bool is_output(int t) const {
    return t == output || std::find(other_outputs.begin(), other_outputs.end(), t) != other_outputs.end();
  }

  const Shape& in_shape(const Layer& layer, int i = 0) const { return tensor(layer.inputs[at(i)]); }
  const Shape& out_shape(const Layer& layer) const { return tensor(layer.output); }
  friend bool operator==(const Graph&, const Graph&) = default;
};

/// Values of all inputs, of all outputs. Interpreters take and give them so: [H, W, C] of end 0, then that of
/// end 1 and so on, without gaps.
std::int64_t input_elements(const Graph& graph);
std::int64_t output_elements(const Graph& graph);

/// The three counts below in one go.
struct LayerCounts {
  Macs macs = 0;
  std::int64_t weights = 0, biases = 0;
};
LayerCounts layer_counts(const Graph& graph, const Layer& layer);
/// Multiply-accumulates of one layer, as the field counts them (convolutions and dense layers; others 0).
Macs layer_macs(const Graph& graph, const Layer& layer);
Macs graph_macs(const Graph& graph);
/// Number of weights (without bias) and of biases of one layer.
std::int64_t layer_weights(const Graph& graph, const Layer& layer);
std::int64_t layer_biases(const Graph& graph, const Layer& layer);

/// Rows that a layer's window reaches over.
constexpr int window_height(const Layer& layer) { return (layer.kernel_h - 1) * layer.dilation_h + 1; }

/// Output height or width of a window: (in + pad_before + pad_after - kernel) / stride + 1.
constexpr int window_output(int in, int kernel, int stride, int pad) {
  const int way = in + pad - kernel;
  return (stride == 1 ? way : way / stride) + 1;  // divisions are slow, and most strides 1
}

/// Shape that `layer` makes from its inputs; `out_channels` matters to conv, dense, gather and reshape only.
/// Throws GraphError.
Shape infer_output(const Layer& layer, const Shape& in, const std::optional<Shape>& second, int out_channels);
/// The same with its inputs in a graph.
Shape infer_output(const Graph& graph, const Layer& layer, int out_channels);

/// Throws GraphError naming the layer and what is wrong: indices, order, shapes, sizes of the optional parts.
void validate(const Graph& graph);

/// "layer 3 (stage1.block0.expand)": for messages.
std::string describe_layer(const Graph& graph, int layer);

/// How many rows of earlier calls are read of a tensor; 0 but in streaming networks.
int history(const Graph& graph, int tensor);
/// Whether a call depends on those before it: a layer streams.
bool is_streaming(const Graph& graph);

/// Stable text form, one line a layer.
std::string dump(const Graph& graph);

}  // namespace tinynas::ir
