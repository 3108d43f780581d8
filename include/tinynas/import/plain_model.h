#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tinynas::import {

/// Type of a value's numbers.
enum class Type : std::uint8_t { kFloat32, kFloat16, kInt8, kUint8, kInt16, kInt32, kInt64, kOther };
/// "int8".
std::string_view type_name(Type type);

/// A tensor of the file: what the caller gives or takes, what flows between nodes, or a constant.
struct Value {
  std::string name = {};
  Type type = Type::kOther;
  std::vector<std::int64_t> shape = {};  ///< as in the file, with the batch; -1: not known
  /// real = scale * (q - zero point). One of each for the whole tensor, one for each index of dimension
  /// `axis`, or none.
  std::vector<float> scales = {};
  std::vector<std::int64_t> zero_points = {};
  std::int64_t axis = 0;
  /// Bytes of a constant in Model::data, little end first.
  struct Extent {
    std::size_t first = 0, count = 0;
    friend bool operator==(const Extent&, const Extent&) = default;
  };
  std::optional<Extent> constant = {};
  /// Of an input or output whose values follow one another otherwise than rows, columns, channels: "CHW".
  std::string order = {};
  friend bool operator==(const Value&, const Value&) = default;
};

using Attribute = std::variant<std::int64_t, double, std::string>;

/// One operation of the file. Those that tinynas knows have one name in every format:
///
///     name                                        attributes
///     conv, depthwise                             window, activation, dilation_h, dilation_w
///     average_pool, max_pool                      window, activation, kernel_h, kernel_w
///     transposed_conv (input 3: its output's sizes, or none)   window, activation
///     dense                                       activation
///     add, sub, mul, minimum, maximum             activation
///     concat                                      axis, activation
///     mean, max, sum, min (over dimensions)
///     softmax, log_softmax                        beta
///     resize_nearest, resize_bilinear             align_corners, half_pixel
///     mirror_pad                                  mode ("reflect", "symmetric", "edge")
///     broadcast (to its output's shape)
///     space_to_depth                              block
///     depth_to_space                              block_h, block_w, order ("DCR", or "CRD")
///     clip                                        lowest, highest
///     sigmoid, hard_sigmoid, hard_swish, tanh, elu, relu, relu6, relu_n1_to_1
///     leaky_relu                                  alpha
///     prelu (input 1: its alphas)
///     split (axis, tensor), split_v (tensor, sizes, axis), slice (tensor, begins, sizes)
///     strided_slice (tensor, begins, ends, steps) begin_mask and the others of TFLite
///     gather (tensor, indices)                    axis, batch_dims
///     pack, unpack                                axis
///     reverse (tensor, axes)
///     space_to_batch, batch_to_space (inputs: sizes of the blocks, padding or what is cut off)
///     pad, reshape, transpose, shape, quantize, dequantize
///     variable                                    name
///     read_variable, assign_variable (input 0: the variable)
///     call_once                                   subgraph
///
/// A window is padding ("same", "valid", or "explicit" with pad_top, pad_bottom, pad_left, pad_right),
/// stride_h, stride_w. activation is "none", "relu", "relu6", "relu_n1_to_1", "clip" (with lowest, highest)
/// or a word of the file. A reader that knows why a node cannot be computed gives it the attributes refused
/// (why) and instead; "unread" is a node behind such a one. Weights are [Cout, Kh, Kw, Cin], of a depthwise
/// convolution [1, Kh, Kw, C * multiplier], of dense [Cout, Cin].
struct Node {
  std::string op = {};           ///< empty: none of the above
  std::string word = {};         ///< the operator in the file's own words: "CONV_2D", "CUSTOM ethos-u"
  std::vector<int> inputs = {};  ///< indices of values; -1: left out
  std::vector<int> outputs = {};
  std::map<std::string, Attribute> attributes = {};
  int number = -1;  ///< in the file, where that is not its place in the model

  std::int64_t integer(const std::string& key, std::int64_t otherwise) const;
  double real(const std::string& key, double otherwise) const;
  std::string text(const std::string& key, const std::string& otherwise) const;
  friend bool operator==(const Node&, const Node&) = default;
};

/// A network as its file says it: plain lists, nothing folded, nothing refused.
struct Model {
  std::string format = {};  ///< "TFLite", "ONNX"
  std::vector<Value> values = {};
  std::vector<Node> nodes = {};  ///< in order of execution
  std::vector<int> inputs = {}, outputs = {};
  std::map<std::string, int> initial = {};  ///< what variables hold before the first call: constants
  std::string data = {};                    ///< the file: constants are pieces of it
};

}  // namespace tinynas::import
