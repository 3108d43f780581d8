#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <string>
#include <vector>

#include "onnx/parameters.h"
#include "tinynas/ir/graph.h"

namespace tinynas::onnx {

constexpr std::int64_t kMostPixels = 32767;  // height, width, kernel, stride
constexpr std::int64_t kMostChannels = 1 << 20;
constexpr std::int64_t kMostElements = 1 << 28;

/// The value as an int, or UnsupportedError naming `what` it is.
int within(std::int64_t value, std::int64_t low, std::int64_t high, const std::string& what);

/// What a name in the file stands for.
struct Value {
  enum Kind {
    kImage,      ///< float input `index`
    kBytes,      ///< int8 or uint8 input `index`, before its DequantizeLinear says its scale
    kExact,      ///< the float result of layer `index`, not yet quantized
    kQuantized,  ///< tensor `index`, int8
    kReal,       ///< tensor `index`, dequantized
    kLast,       ///< the same with its channels last, [1, H, W, C]
    kExactLast,  ///< as kExact, with its channels last
    kConstant,   ///< a dequantized constant, number `index`
    kApart,      ///< tensor `index`, its channels taken apart: [1, rows of a block, columns, C, H, W]
    kTurned,     ///< the same as [1, C, H, rows of a block, W, columns]
  };
  Kind kind;
  int index;
  int block_h = 1, block_w = 1;  ///< of the last two
};

/// Reads the nodes of a QDQ graph one after the other. Tensors are what a QuantizeLinear makes; a layer is
/// what stands between a DequantizeLinear and a QuantizeLinear.
class Reader {
 public:
  explicit Reader(const ::onnx::GraphProto& proto) : proto_(proto) {}
  ir::Graph read();

 private:
  using Node = ::onnx::NodeProto;

  // from_proto.cpp: the ends of the graph, and names
  void read_inputs();
  Value read_input(const ::onnx::ValueInfoProto& input);
  void read_outputs();
  void set_inputs();
  void finish_names();
  void restore_numbers();
  const Value& find(const std::string& name) const;
  Constant constant(const std::string& name) const;
  void define(const Node& node, Value value);

  // read_tensors.cpp: nodes that are no layers
  void read_node(const Node& node);
  /// Quantization as int8, and whether the file stores int8 or uint8.
  struct StoredQuant {
    ir::TensorQuant quant;
    bool is_signed;
  };
  StoredQuant read_quant(const Node& node, bool is_signed) const;
  int new_tensor(const ir::Shape& shape, const StoredQuant& stored, const std::string& name);
  void quantize(const Node& node);
  void dequantize(const Node& node);
  void dequantize_constant(const Node& node, const std::string& name);
  void reshape(const Node& node);
  void activate(const Node& node);
  const ir::Shape& shape_of(const Value& value) const;

  // read_layers.cpp
  int real_input(const Node& node, int i) const;
  void add_layer(const Node& node, const ir::Layer& layer, int out_channels, ir::QuantParameters parameters);
  const QuantizedConstant& weights_of(const Node& node, std::size_t rank) const;
  void read_bias_of(const std::string& name, int in, ir::QuantParameters& to) const;
  void convolution(const Node& node);
  void dense(const Node& node);
  void add(const Node& node);
  void mean(const Node& node);
  void plain(const Node& node, ir::OpKind op, bool subtracts = false);
  void function(const Node& node, ir::Function function);
  void transpose(const Node& node);
  void reshape_rows(const Node& node, int tensor);
  void pad(const Node& node);
  void gather(const Node& node);
  void choose_channels(const Node& node, const ir::ChannelMap& map);
  void slice(const Node& node);
  void read_factors(const Node& node, ir::Layer& layer) const;
  bool blocks(const Node& node);

  const ::onnx::GraphProto& proto_;
  std::map<std::string, const ::onnx::TensorProto*> constants_;
  std::map<std::string, Value> values_;
  std::vector<QuantizedConstant> dequantized_;
  std::vector<ir::Shape> shapes_;          ///< per layer: of its result
  std::vector<std::string> tensor_names_;  ///< per tensor: in the file
  std::vector<bool> is_signed_;            ///< per tensor: int8 in the file, not uint8
  struct Input {
    std::string name;
    ir::Shape shape = {};
    bool signed_bytes = true;  ///< type of a kBytes input
    int tensor = -1;           ///< once its scale is known
  };
  std::vector<Input> inputs_;
  ir::Graph graph_;
};

/// Name of input i, or IoError; has_input: it is there.
std::string input_name(const ::onnx::NodeProto& node, int i);
bool has_input(const ::onnx::NodeProto& node, int i);

}  // namespace tinynas::onnx
