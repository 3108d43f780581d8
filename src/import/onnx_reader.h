#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "import/refusals.h"
#include "tinynas/core/index.h"
#include "tinynas/import/plain_model.h"
#include "tinynas/onnx/file.h"

namespace tinynas::import {

/// A constant: numbers, and what they mean if a DequantizeLinear said so. One scale for all, or one for each
/// index of dimension `axis`; as many zero points, or none (all 0).
struct Constant {
  onnx::Tensor numbers;
  std::vector<float> scales = {};
  std::vector<std::int64_t> zero_points = {};
  std::int64_t axis = 0;

  std::size_t size() const {
    return numbers.type == onnx::NumberType::kFloat ? numbers.floats.size() : numbers.integers.size();
  }
  double real(std::size_t i) const;
  std::size_t quant_index(std::size_t i) const;  ///< which scale number i has
};

/// What a name of the file stands for: a constant, or a tensor seen through the file's reshapes and
/// transposes. The tensor itself is [1, H, W, C].
struct Item {
  enum Kind {
    kUnknown,  ///< made by a node that was refused
    kConstant,
    kTensor,
  };
  Kind kind = kUnknown;
  int index = -1;       ///< of a constant, or of a value of the plain model
  bool stored = false;  ///< the int8 numbers, not what they mean
  bool exact = false;   ///< what a node makes, before a QuantizeLinear rounds it
  /// Of a float network: what one of the stored integers means, and which of them means 0.
  float unit = 1;
  std::int64_t zero = 0;
  std::vector<std::int64_t> dims = {};
  /// For each of dims, which of the tensor's dimensions it runs over: "H", "W", "C", several in their order,
  /// or none where it is 1. Of an input that no layer has read yet: the letters of InputAxes.
  std::vector<std::string> axes = {};
  bool opaque =
      false;  ///< values are in order, but dims divide the tensor's dimensions: fit for an output only
  int generation = 0;  ///< of the InputAxes whose letters these are
  bool apart = false;  ///< the plain model's value has the file's own shape, dims; moves are its nodes
};

/// Dimensions of an input until the first layer says which are height, width and channels.
struct InputAxes {
  std::vector<std::int64_t> sizes = {};  ///< of "a", "b", ...
  std::string roles = {};                ///< of each: H, W or C; empty: not read yet
  int generation = 0;
  int end = -1;                  ///< the plain model's input
  std::vector<int> values = {};  ///< tensors that are this input quantized
};

/// Rows, columns and channels of a tensor.
struct Image {
  std::int64_t h = 1, w = 1, c = 1;
};

/// Makes the plain model of an ONNX file: what QuantizeLinear and DequantizeLinear say goes into its values,
/// reshapes and transposes into how its values are read, and [N, C, H, W] becomes [N, H, W, C]. As a float
/// network, what both say of activations goes nowhere.
class OnnxReader {
 public:
  enum class As { kInt8, kFloat };
  OnnxReader(onnx::File file, As as) : file_(std::move(file)), is_float_(as == As::kFloat) {
    model_.format = "ONNX";
  }
  Model read();
  /// Whether a node was refused because a scale is missing: as a float network it might be read.
  bool lacks_quantization() const { return lacks_quantization_; }

 private:
  using FileNode = onnx::FileNode;
  /// A node to read, which may be a part of one of the file's.
  struct Step {
    FileNode node;
    std::string word;  ///< of the file's node
    int number = 0;    ///< of the file's node
    std::string made;  ///< its output
  };

  // onnx.cpp: the walk over the nodes
  void read_inputs();
  void read_output(const onnx::FileEnd& end);
  void read_step();
  bool follow_unknown();
  void refuse(const Refused& refused);
  Refused lacking(std::string why, std::string instead);
  int leave(int value, const onnx::FileEnd& end);
  int add_node(std::string op, std::vector<int> inputs, std::vector<int> outputs);

  // onnx_lower.cpp
  void lower();
  void count_readers();

  // onnx_items.cpp: names and values
  bool has(std::size_t input) const;
  const Item& item(std::size_t input) const;
  const Constant& constant(std::size_t input) const;
  std::vector<std::int64_t> integers(std::size_t input) const;
  void define(Item item, std::size_t output = 0);
  void define_constant(Constant constant);
  Value& value(const Item& item) { return model_.values[at(item.index)]; }
  std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
  std::vector<std::int64_t> integers(const std::string& name, std::vector<std::int64_t> otherwise) const;
  float number(const std::string& name, float otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  int new_value(const Image& image);
  int keep(Type type, std::vector<std::int64_t> shape, const std::vector<std::int64_t>& numbers);
  int keep(std::vector<std::int64_t> shape, const std::vector<float>& numbers);
  int keep_weights(const Constant& weights, std::vector<std::int64_t> shape,
                   const std::vector<std::int64_t>& from, double factor = 1);
  void keep_bytes(Value& value, const void* bytes, std::size_t count);

  // onnx_views.cpp
  Item image_item(int value, std::size_t rank) const;
  std::int64_t axis_size(const Item& item, char letter) const;
  InputAxes* input_axes(const Item& item);
  Item settled(const Item& item, const std::string& roles);
  void settle_input(InputAxes& axes, const Item& item, const std::string& roles);
  Item reshaped(const Item& item, std::vector<std::int64_t> dims);
  void move(const Item& from, const std::vector<std::int64_t>& dims);
  void reshape();
  void flatten();
  void squeeze();
  void unsqueeze();
  void transpose();
  void identity();
  void shape_of();
  void gather();
  void join_constants();

  // onnx_moves.cpp
  Item moved(std::string op, const Item& from, const std::vector<std::int64_t>& shape,
             const std::vector<std::int64_t>* numbers = nullptr);
  Item turned(const Item& from, const std::vector<std::int64_t>& order);
  Item taken_apart(const Item& from);
  Item as_image(const Item& from);
  Item moving_input(std::size_t input);
  void slice();
  void split();
  void gather_values();
  void join_values();

  // onnx_quant.cpp
  void quantize();
  void dequantize();
  void quantize_constant();
  void dequantize_constant();
  void quantize_value(int value, const Value& quant);
  Value read_quant() const;
  bool is_quantized(const Item& item);
  bool derive_quant(const Item& read);
  int saturated_at_0(int value, const Value& quant);
  Item tensor_input(std::size_t input);
  Item quantized(std::size_t input);
  void constant_node();
  void same_quant(int value, const Item& as);

  // onnx_layers.cpp
  Item image_input(std::size_t input);
  Item image_input_or_pending(std::size_t input);
  struct Axis {
    std::int64_t kernel = 1, stride = 1, dilation = 1, before = 0, after = 0, made = 1;
  };
  std::array<Axis, 2> window(const Item& in, std::array<std::int64_t, 2> kernel);
  void add_window(Node& node, const std::array<Axis, 2>& axes) const;
  void conv();
  void transposed_conv();
  void dense();
  void gemm_bias(int node, const Item& in, const Constant& weights, std::size_t input, double factor = 1);
  int real_bias(const Item& in, const Constant& weights, const Constant& bias, std::int64_t channels,
                double factor);
  std::optional<int> bias_value(const Node& node, const Constant& bias);
  void pool();
  void define_pool(int made, const Item& in, bool mean);
  void global_pool();
  void reduce();

  // onnx_plain.cpp
  void activate();
  void clip();
  void saturate(const std::string& activation, double lowest, double highest);
  void combine();
  void extreme();
  bool add_bias();
  void combine_constant(std::size_t tensor_input);
  void combine_constants();
  int add_by_channel(const std::string& op, int from, const std::vector<float>& numbers,
                     std::vector<std::int64_t> shape = {});
  std::pair<std::vector<float>, std::vector<std::int64_t>> numbers_for(const Constant& constant,
                                                                       const Item& with);
  std::vector<float> channel_numbers(const Constant& constant, const Item& with) const;
  bool joins_channels() const;
  void concat();
  void softmax();
  void function();
  void resize();
  void depth_to_space();
  void space_to_depth();
  std::vector<std::int64_t> new_sizes(const Item& in);
  void pad();

  // onnx_float.cpp: what only float networks have
  void batch_norm();
  void quantize_dynamically();
  void of_integers();
  void hard_sigmoid(Item in, float alpha, float beta);
  void quantize_to_bits();
  void cast();

  struct Rule {
    std::string_view op;
    void (OnnxReader::*read)();
    bool in_float_only = false;
  };
  static const std::vector<Rule>& rules();
  static const Rule* rule_of(const FileNode& node);

  onnx::File file_;
  bool is_float_, lacks_quantization_ = false;
  Model model_;
  std::vector<Step> steps_;
  const Step* step_ = nullptr;
  std::map<std::string, Item> items_;
  std::vector<Constant> constants_;
  std::map<std::string, int> readers_;
  std::map<int, int> makers_;   ///< by value: the plain node that makes it
  std::map<int, int> same_as_;  ///< by value: the one whose quantization it has
  std::map<int, int> axes_of_;  ///< by value: which of inputs_
  std::vector<InputAxes> inputs_;
};

/// What the dimensions of a tensor's shape are.
constexpr std::string_view kLetters = "NHWC";
Type plain_type(onnx::NumberType type);
/// What a layer takes dimensions for: "NC", "NCH", "NCHW".
std::string roles_of(std::size_t rank);

}  // namespace tinynas::import
