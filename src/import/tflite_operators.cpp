// The operators of TFLite: their words, and what stands beside them.
#include <fmt/format.h>

#include <array>

#include "import/tflite_operators.h"

namespace tinynas::import {
namespace {

/// By number: BuiltinOperator in tensorflow/lite/schema/schema.fbs (TensorFlow 2.16). Later ones are said by
/// number.
constexpr std::array kWords = std::to_array<std::string_view>({
    "ADD",
    "AVERAGE_POOL_2D",
    "CONCATENATION",
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "DEPTH_TO_SPACE",
    "DEQUANTIZE",
    "EMBEDDING_LOOKUP",
    "FLOOR",
    "FULLY_CONNECTED",
    "HASHTABLE_LOOKUP",
    "L2_NORMALIZATION",
    "L2_POOL_2D",
    "LOCAL_RESPONSE_NORMALIZATION",
    "LOGISTIC",
    "LSH_PROJECTION",
    "LSTM",
    "MAX_POOL_2D",
    "MUL",
    "RELU",
    "RELU_N1_TO_1",
    "RELU6",
    "RESHAPE",
    "RESIZE_BILINEAR",
    "RNN",
    "SOFTMAX",
    "SPACE_TO_DEPTH",
    "SVDF",
    "TANH",
    "CONCAT_EMBEDDINGS",
    "SKIP_GRAM",
    "CALL",
    "CUSTOM",
    "EMBEDDING_LOOKUP_SPARSE",
    "PAD",
    "UNIDIRECTIONAL_SEQUENCE_RNN",
    "GATHER",
    "BATCH_TO_SPACE_ND",
    "SPACE_TO_BATCH_ND",
    "TRANSPOSE",
    "MEAN",
    "SUB",
    "DIV",
    "SQUEEZE",
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
    "STRIDED_SLICE",
    "BIDIRECTIONAL_SEQUENCE_RNN",
    "EXP",
    "TOPK_V2",
    "SPLIT",
    "LOG_SOFTMAX",
    "DELEGATE",
    "BIDIRECTIONAL_SEQUENCE_LSTM",
    "CAST",
    "PRELU",
    "MAXIMUM",
    "ARG_MAX",
    "MINIMUM",
    "LESS",
    "NEG",
    "PADV2",
    "GREATER",
    "GREATER_EQUAL",
    "LESS_EQUAL",
    "SELECT",
    "SLICE",
    "SIN",
    "TRANSPOSE_CONV",
    "SPARSE_TO_DENSE",
    "TILE",
    "EXPAND_DIMS",
    "EQUAL",
    "NOT_EQUAL",
    "LOG",
    "SUM",
    "SQRT",
    "RSQRT",
    "SHAPE",
    "POW",
    "ARG_MIN",
    "FAKE_QUANT",
    "REDUCE_PROD",
    "REDUCE_MAX",
    "PACK",
    "LOGICAL_OR",
    "ONE_HOT",
    "LOGICAL_AND",
    "LOGICAL_NOT",
    "UNPACK",
    "REDUCE_MIN",
    "FLOOR_DIV",
    "REDUCE_ANY",
    "SQUARE",
    "ZEROS_LIKE",
    "FILL",
    "FLOOR_MOD",
    "RANGE",
    "RESIZE_NEAREST_NEIGHBOR",
    "LEAKY_RELU",
    "SQUARED_DIFFERENCE",
    "MIRROR_PAD",
    "ABS",
    "SPLIT_V",
    "UNIQUE",
    "CEIL",
    "REVERSE_V2",
    "ADD_N",
    "GATHER_ND",
    "COS",
    "WHERE",
    "RANK",
    "ELU",
    "REVERSE_SEQUENCE",
    "MATRIX_DIAG",
    "QUANTIZE",
    "MATRIX_SET_DIAG",
    "ROUND",
    "HARD_SWISH",
    "IF",
    "WHILE",
    "NON_MAX_SUPPRESSION_V4",
    "NON_MAX_SUPPRESSION_V5",
    "SCATTER_ND",
    "SELECT_V2",
    "DENSIFY",
    "SEGMENT_SUM",
    "BATCH_MATMUL",
    "PLACEHOLDER_FOR_GREATER_OP_CODES",
    "CUMSUM",
    "CALL_ONCE",
    "BROADCAST_TO",
    "RFFT2D",
    "CONV_3D",
    "IMAG",
    "REAL",
    "COMPLEX_ABS",
    "HASHTABLE",
    "HASHTABLE_FIND",
    "HASHTABLE_IMPORT",
    "HASHTABLE_SIZE",
    "REDUCE_ALL",
    "CONV_3D_TRANSPOSE",
    "VAR_HANDLE",
    "READ_VARIABLE",
    "ASSIGN_VARIABLE",
    "BROADCAST_ARGS",
    "RANDOM_STANDARD_NORMAL",
    "BUCKETIZE",
    "RANDOM_UNIFORM",
    "MULTINOMIAL",
    "GELU",
    "DYNAMIC_UPDATE_SLICE",
    "RELU_0_TO_1",
    "UNSORTED_SEGMENT_PROD",
    "UNSORTED_SEGMENT_MAX",
    "UNSORTED_SEGMENT_SUM",
    "ATAN2",
    "UNSORTED_SEGMENT_MIN",
    "SIGN",
    "BITCAST",
    "BITWISE_XOR",
    "RIGHT_SHIFT",
});
constexpr std::size_t kCustom = 32;
constexpr std::size_t kLongestCustom = 64;  // many operators may share one name

constexpr std::array<std::string_view, 6> kActivations = {"none",  "relu", "relu_n1_to_1",
                                                          "relu6", "tanh", "sign_bit"};

void add_window(const Table& options, Node& node) {
  node.attributes["padding"] = options.number<std::int8_t>(0, 0) == 0 ? "same" : "valid";
  node.attributes["stride_w"] = std::int64_t{options.number<std::int32_t>(1, 0)};
  node.attributes["stride_h"] = std::int64_t{options.number<std::int32_t>(2, 0)};
}

void add_activation(const Table& options, int field, Node& node) {
  const auto number = static_cast<std::size_t>(options.number<std::uint8_t>(field, 0));
  node.attributes["activation"] =
      number < kActivations.size() ? std::string(kActivations[number]) : fmt::format("number {}", number);
}

void add_dilation(const Table& options, int field, Node& node) {
  node.attributes["dilation_w"] = std::int64_t{options.number<std::int32_t>(field, 1)};
  node.attributes["dilation_h"] = std::int64_t{options.number<std::int32_t>(field + 1, 1)};
}

/// Field numbers are those of schema.fbs: Conv2DOptions and so on.
struct OperatorRow {
  std::string_view word;
  std::string_view op;  ///< Node::op
  void (*read)(const Table& options, Node& node) = [](const Table&, Node&) {};
};
constexpr std::array kKnown = {
    OperatorRow{"ADD", "add", [](const Table& o, Node& n) { add_activation(o, 0, n); }},
    OperatorRow{"SUB", "sub", [](const Table& o, Node& n) { add_activation(o, 0, n); }},
    OperatorRow{"MINIMUM", "minimum"},
    OperatorRow{"MAXIMUM", "maximum"},
    OperatorRow{"MUL", "mul", [](const Table& o, Node& n) { add_activation(o, 0, n); }},
    OperatorRow{"CONV_2D", "conv",
                [](const Table& o, Node& n) {
                  add_window(o, n);
                  add_activation(o, 3, n);
                  add_dilation(o, 4, n);
                }},
    OperatorRow{"DEPTHWISE_CONV_2D", "depthwise",
                [](const Table& o, Node& n) {
                  add_window(o, n);
                  add_activation(o, 4, n);
                  add_dilation(o, 5, n);
                }},
    OperatorRow{"TRANSPOSE_CONV", "transposed_conv",
                [](const Table& o, Node& n) {
                  add_window(o, n);
                  add_activation(o, 3, n);
                  n.inputs.resize(4, -1);  // sizes of the output, weights, input, bias
                  n.inputs = {n.inputs[2], n.inputs[1], n.inputs[3], n.inputs[0]};
                }},
    OperatorRow{"AVERAGE_POOL_2D", "average_pool",
                [](const Table& o, Node& n) {
                  add_window(o, n);
                  n.attributes["kernel_w"] = std::int64_t{o.number<std::int32_t>(3, 0)};
                  n.attributes["kernel_h"] = std::int64_t{o.number<std::int32_t>(4, 0)};
                  add_activation(o, 5, n);
                }},
    OperatorRow{"MAX_POOL_2D", "max_pool",
                [](const Table& o, Node& n) {
                  add_window(o, n);
                  n.attributes["kernel_w"] = std::int64_t{o.number<std::int32_t>(3, 0)};
                  n.attributes["kernel_h"] = std::int64_t{o.number<std::int32_t>(4, 0)};
                  add_activation(o, 5, n);
                }},
    OperatorRow{"FULLY_CONNECTED", "dense", [](const Table& o, Node& n) { add_activation(o, 0, n); }},
    OperatorRow{"CONCATENATION", "concat",
                [](const Table& o, Node& n) {
                  n.attributes["axis"] = std::int64_t{o.number<std::int32_t>(0, 0)};
                  add_activation(o, 1, n);
                }},
    OperatorRow{"SOFTMAX", "softmax",
                [](const Table& o, Node& n) { n.attributes["beta"] = double{o.number<float>(0, 0)}; }},
    OperatorRow{"RESIZE_NEAREST_NEIGHBOR", "resize_nearest",
                [](const Table& o, Node& n) {
                  n.attributes["align_corners"] = std::int64_t{o.number<std::uint8_t>(0, 0)};
                  n.attributes["half_pixel"] = std::int64_t{o.number<std::uint8_t>(1, 0)};
                }},
    OperatorRow{"RESIZE_BILINEAR", "resize_bilinear",
                [](const Table& o, Node& n) {
                  n.attributes["align_corners"] = std::int64_t{o.number<std::uint8_t>(2, 0)};
                  n.attributes["half_pixel"] = std::int64_t{o.number<std::uint8_t>(3, 0)};
                }},
    OperatorRow{"MIRROR_PAD", "mirror_pad",
                [](const Table& o, Node& n) {
                  n.attributes["mode"] = o.number<std::uint8_t>(0, 0) == 0 ? "reflect" : "symmetric";
                }},
    OperatorRow{"BROADCAST_TO", "broadcast"},
    OperatorRow{
        "SPACE_TO_DEPTH", "space_to_depth",
        [](const Table& o, Node& n) { n.attributes["block"] = std::int64_t{o.number<std::int32_t>(0, 0)}; }},
    OperatorRow{"DEPTH_TO_SPACE", "depth_to_space",
                [](const Table& o, Node& n) {
                  n.attributes["block_h"] = n.attributes["block_w"] =
                      std::int64_t{o.number<std::int32_t>(0, 0)};
                }},
    OperatorRow{"LOG_SOFTMAX", "log_softmax"},
    OperatorRow{"SPACE_TO_BATCH_ND", "space_to_batch"},
    OperatorRow{"BATCH_TO_SPACE_ND", "batch_to_space"},
    OperatorRow{"MEAN", "mean"},
    OperatorRow{"REDUCE_MAX", "max"},
    OperatorRow{"REDUCE_MIN", "min"},
    OperatorRow{"SUM", "sum"},
    OperatorRow{"LOGISTIC", "sigmoid"},
    OperatorRow{"HARD_SWISH", "hard_swish"},
    OperatorRow{"TANH", "tanh"},
    OperatorRow{"ELU", "elu"},
    OperatorRow{"LEAKY_RELU", "leaky_relu",
                [](const Table& o, Node& n) { n.attributes["alpha"] = double{o.number<float>(0, 0)}; }},
    OperatorRow{"PRELU", "prelu"},
    OperatorRow{"RELU", "relu"},
    OperatorRow{"RELU6", "relu6"},
    OperatorRow{"RELU_N1_TO_1", "relu_n1_to_1"},
    OperatorRow{"PAD", "pad"},
    OperatorRow{"PADV2", "pad"},
    OperatorRow{"RESHAPE", "reshape"},
    OperatorRow{"SQUEEZE", "reshape"},
    OperatorRow{"EXPAND_DIMS", "reshape"},
    OperatorRow{"TRANSPOSE", "transpose"},
    OperatorRow{"SPLIT", "split"},
    OperatorRow{"SPLIT_V", "split_v"},
    OperatorRow{"SLICE", "slice"},
    OperatorRow{"STRIDED_SLICE", "strided_slice",
                [](const Table& o, Node& n) {
                  constexpr std::array kMasks = {"begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask",
                                                 "shrink_axis_mask"};
                  for (std::size_t i = 0; i < kMasks.size(); ++i)
                    n.attributes[kMasks[i]] = std::int64_t{o.number<std::int32_t>(static_cast<int>(i), 0)};
                }},
    OperatorRow{"GATHER", "gather",
                [](const Table& o, Node& n) {
                  n.attributes["axis"] = std::int64_t{o.number<std::int32_t>(0, 0)};
                  n.attributes["batch_dims"] = std::int64_t{o.number<std::int32_t>(1, 0)};
                }},
    OperatorRow{"REVERSE_V2", "reverse"},
    OperatorRow{
        "PACK", "pack",
        [](const Table& o, Node& n) { n.attributes["axis"] = std::int64_t{o.number<std::int32_t>(1, 0)}; }},
    OperatorRow{
        "UNPACK", "unpack",
        [](const Table& o, Node& n) { n.attributes["axis"] = std::int64_t{o.number<std::int32_t>(1, 0)}; }},
    OperatorRow{"SHAPE", "shape"},
    OperatorRow{"VAR_HANDLE", "variable",
                [](const Table& o, Node& n) { n.attributes["name"] = o.has(1) ? o.text(1) : ""; }},
    OperatorRow{"READ_VARIABLE", "read_variable"},
    OperatorRow{"ASSIGN_VARIABLE", "assign_variable"},
    OperatorRow{"CALL_ONCE", "call_once",
                [](const Table& o, Node& n) {
                  n.attributes["subgraph"] = std::int64_t{o.number<std::int32_t>(0, 0)};
                }},
    OperatorRow{"QUANTIZE", "quantize"},
    OperatorRow{"DEQUANTIZE", "dequantize"},
};

}  // namespace

std::string operator_word(std::size_t number, std::string_view custom) {
  if (number == kCustom) return fmt::format("CUSTOM {}", custom.substr(0, kLongestCustom));
  return number < kWords.size() ? std::string(kWords[number]) : fmt::format("OPERATOR {}", number);
}

void read_operator(const std::optional<Table>& options, Node& node) {
  for (const OperatorRow& row : kKnown) {
    if (row.word != node.word) continue;
    node.op = row.op;
    if (options) row.read(*options, node);
  }
}

}  // namespace tinynas::import
