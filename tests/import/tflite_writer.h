#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tinynas::test {

/// BuiltinOperator, BuiltinOptions and TensorType of TFLite's schema, as far as the tests write them.
enum TfliteOp {
  kTfAdd = 0,
  kTfAveragePool = 1,
  kTfConcat = 2,
  kTfResizeBilinear = 23,
  kTfSpaceToDepth = 26,
  kTfSum = 74,
  kTfReduceMax = 82,
  kTfReduceMin = 89,
  kTfResizeNearest = 97,
  kTfMirrorPad = 100,
  kTfBroadcastTo = 130,
  kTfConv = 3,
  kTfDepthwise = 4,
  kTfDepthToSpace = 5,
  kTfDequantize = 6,
  kTfDense = 9,
  kTfLogistic = 14,
  kTfMaxPool = 17,
  kTfMul = 18,
  kTfRelu = 19,
  kTfReluN1To1 = 20,
  kTfRelu6 = 21,
  kTfReshape = 22,
  kTfSoftmax = 25,
  kTfTanh = 28,
  kTfCustom = 32,
  kTfPad = 34,
  kTfGather = 36,
  kTfTranspose = 39,
  kTfMean = 40,
  kTfStridedSlice = 45,
  kTfSplit = 49,
  kTfLogSoftmax = 50,
  kTfSub = 41,
  kTfSpaceToBatch = 38,
  kTfBatchToSpace = 37,
  kTfMaximum = 55,
  kTfArgMax = 56,
  kTfMinimum = 57,
  kTfTransposeConv = 67,
  kTfPrelu = 54,
  kTfSlice = 65,
  kTfPack = 83,
  kTfUnpack = 88,
  kTfLeakyRelu = 98,
  kTfSplitV = 102,
  kTfReverse = 105,
  kTfElu = 111,
  kTfQuantize = 114,
  kTfCallOnce = 129,
  kTfVarHandle = 142,
  kTfReadVariable = 143,
  kTfAssignVariable = 144
};
enum TfliteType { kTfFloat32 = 0, kTfFloat16 = 1, kTfInt32 = 2, kTfUint8 = 3, kTfInt8 = 9, kTfResource = 13 };

/// A field of an options table: its number in the schema, its bytes and value.
struct TfliteField {
  int number = 0;
  int bytes = 1;  ///< 1 or 4
  std::int32_t value = 0;
  std::string text = {};  ///< in place of a number, if it is not empty
};

/// Writes TFLite files by field numbers, as a converter would.
class TfliteWriter {
 public:
  struct Quant {
    std::vector<float> scales = {};
    std::vector<std::int64_t> zero_points = {};
    int axis = 0;
  };
  /// Returns its index. `data`: of a constant.
  int tensor(const std::string& name, std::vector<std::int32_t> shape, TfliteType type, const Quant& quant,
             const std::string& data = {}) {
    std::uint32_t buffer = 0;
    if (!data.empty()) {
      buffer = static_cast<std::uint32_t>(buffers_.size());
      buffers_.push_back(data);
    }
    const auto name_at = fbb_.CreateString(name);
    const auto shape_at = fbb_.CreateVector(shape);
    const auto scales = fbb_.CreateVector(quant.scales);
    const auto zeros = fbb_.CreateVector(quant.zero_points);
    auto start = fbb_.StartTable();
    fbb_.AddOffset(field(2), scales);
    fbb_.AddOffset(field(3), zeros);
    fbb_.AddElement<std::int32_t>(field(6), quant.axis, 0);
    const flatbuffers::Offset<flatbuffers::Table> quant_at(fbb_.EndTable(start));
    start = fbb_.StartTable();
    fbb_.AddOffset(field(0), shape_at);
    fbb_.AddElement<std::int8_t>(field(1), static_cast<std::int8_t>(type), 0);
    fbb_.AddElement<std::uint32_t>(field(2), buffer, 0);
    fbb_.AddOffset(field(3), name_at);
    if (!quant.scales.empty()) fbb_.AddOffset(field(4), quant_at);
    tensors_.emplace_back(fbb_.EndTable(start));
    return static_cast<int>(tensors_.size()) - 1;
  }
  /// int8 activation with one scale and zero point.
  int int8(const std::string& name, std::vector<std::int32_t> shape, float scale, int zero_point) {
    return tensor(name, std::move(shape), kTfInt8, {{scale}, {zero_point}});
  }
  int weights(std::vector<std::int32_t> shape, std::vector<float> scales,
              const std::vector<std::int8_t>& values, int axis = 0) {
    const std::vector<std::int64_t> zeros(scales.size(), 0);
    return tensor("weights", std::move(shape), kTfInt8, {std::move(scales), zeros, axis},
                  std::string(values.begin(), values.end()));
  }
  int int32(std::vector<std::int32_t> shape, const std::vector<std::int32_t>& values) {
    return tensor("numbers", std::move(shape), kTfInt32, {},
                  std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size()));
  }
  void node(TfliteOp op, const std::vector<std::int32_t>& inputs, const std::vector<std::int32_t>& outputs,
            const std::vector<TfliteField>& options = {}, const std::string& custom = {}) {
    const auto in = fbb_.CreateVector(inputs), out = fbb_.CreateVector(outputs);
    std::vector<flatbuffers::Offset<flatbuffers::String>> texts;
    for (const TfliteField& option : options) texts.push_back(fbb_.CreateString(option.text));
    auto start = fbb_.StartTable();
    std::size_t index = 0;
    for (const TfliteField& option : options)
      if (const auto text = texts[index++]; !option.text.empty())
        fbb_.AddOffset(field(option.number), text);
      else if (option.bytes == 1)
        fbb_.AddElement<std::int8_t>(field(option.number), static_cast<std::int8_t>(option.value), 0);
      else
        fbb_.AddElement<std::int32_t>(field(option.number), option.value, 0);
    const flatbuffers::Offset<flatbuffers::Table> options_at(fbb_.EndTable(start));
    start = fbb_.StartTable();
    fbb_.AddElement<std::uint32_t>(field(0), static_cast<std::uint32_t>(codes_.size()), 0);
    fbb_.AddOffset(field(1), in);
    fbb_.AddOffset(field(2), out);
    fbb_.AddElement<std::uint8_t>(field(3), 1, 0);
    fbb_.AddOffset(field(4), options_at);
    nodes_.emplace_back(fbb_.EndTable(start));
    codes_.emplace_back(op, custom);
  }
  /// What is written from now on belongs to the other subgraph: number 1, or the main one again.
  void other_graph() {
    std::swap(tensors_, other_tensors_);
    std::swap(nodes_, other_nodes_);
  }
  std::string finish(const std::vector<std::int32_t>& inputs, const std::vector<std::int32_t>& outputs) {
    std::vector<Offset> codes, buffers;
    for (const auto& [op, custom] : codes_) {
      const auto custom_at = fbb_.CreateString(custom);
      const auto start = fbb_.StartTable();
      fbb_.AddElement<std::int8_t>(field(0), static_cast<std::int8_t>(std::min<int>(op, 127)), 0);
      if (op == kTfCustom) fbb_.AddOffset(field(1), custom_at);
      fbb_.AddElement<std::int32_t>(field(3), op, 0);
      codes.emplace_back(fbb_.EndTable(start));
    }
    for (const std::string& data : buffers_) {
      const auto bytes = fbb_.CreateVector(reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
      const auto start = fbb_.StartTable();
      if (!data.empty()) fbb_.AddOffset(field(0), bytes);
      buffers.emplace_back(fbb_.EndTable(start));
    }
    const auto tensors = fbb_.CreateVector(tensors_), nodes = fbb_.CreateVector(nodes_);
    const auto in = fbb_.CreateVector(inputs), out = fbb_.CreateVector(outputs);
    auto start = fbb_.StartTable();
    fbb_.AddOffset(field(0), tensors);
    fbb_.AddOffset(field(1), in);
    fbb_.AddOffset(field(2), out);
    fbb_.AddOffset(field(3), nodes);
    std::vector<Offset> graphs = {Offset(fbb_.EndTable(start))};
    if (!other_nodes_.empty()) {
      const auto other_tensors = fbb_.CreateVector(other_tensors_),
                 other_nodes = fbb_.CreateVector(other_nodes_);
      start = fbb_.StartTable();
      fbb_.AddOffset(field(0), other_tensors);
      fbb_.AddOffset(field(3), other_nodes);
      graphs.emplace_back(fbb_.EndTable(start));
    }
    const auto codes_at = fbb_.CreateVector(codes), graphs_at = fbb_.CreateVector(graphs),
               buffers_at = fbb_.CreateVector(buffers);
    start = fbb_.StartTable();
    fbb_.AddElement<std::uint32_t>(field(0), 3, 0);
    fbb_.AddOffset(field(1), codes_at);
    fbb_.AddOffset(field(2), graphs_at);
    fbb_.AddOffset(field(4), buffers_at);
    fbb_.Finish(Offset(fbb_.EndTable(start)), "TFL3");
    return {reinterpret_cast<const char*>(fbb_.GetBufferPointer()), fbb_.GetSize()};
  }

 private:
  using Offset = flatbuffers::Offset<flatbuffers::Table>;
  static flatbuffers::voffset_t field(int number) {
    return static_cast<flatbuffers::voffset_t>(4 + 2 * number);
  }

  flatbuffers::FlatBufferBuilder fbb_;
  std::vector<Offset> tensors_, nodes_, other_tensors_, other_nodes_;
  std::vector<std::string> buffers_ = {""};  // the first is empty
  std::vector<std::pair<TfliteOp, std::string>> codes_;
};

}  // namespace tinynas::test
