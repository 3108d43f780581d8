#include <bit>

#include "import/tflite_writer.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/ir/ops.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;
using test::TfliteWriter;
using Values = std::vector<std::int8_t>;

namespace {

constexpr int kSame = 0, kValid = 1;
/// Of convolutions and pools.
std::vector<test::TfliteField> window(int padding, int stride_w, int stride_h) {
  return {{0, 1, padding}, {1, 4, stride_w}, {2, 4, stride_h}};
}
std::vector<test::TfliteField> pool(int padding, int stride, int kernel_w, int kernel_h) {
  std::vector<test::TfliteField> fields = window(padding, stride, stride);
  fields.push_back({3, 4, kernel_w});
  fields.push_back({4, 4, kernel_h});
  return fields;
}

tinynas::import::Folded fold(const std::string& file) { return import::fold(import::read_tflite(file)); }

Values run(const std::string& file, const Values& image) {
  return quant::Int8Interpreter(fold(file).graph).run(image);
}

/// One node between an int8 input and output of scale 1 and zero point 0.
struct OneNode {
  TfliteWriter writer;
  int in, out;
  OneNode(std::vector<std::int32_t> from, std::vector<std::int32_t> to)
      : in(writer.int8("in", std::move(from), 1, 0)), out(writer.int8("out", std::move(to), 1, 0)) {}
  std::string finish() { return writer.finish({in}, {out}); }
};

}  // namespace

TEST_CASE("a file's tensors, constants and nodes are read as they stand there") {
  OneNode net({1, 2, 3, 1}, {1, 1, 3, 2});
  const int w = net.writer.weights({2, 2, 1, 1}, {1, 0.5F}, {1, 2, 3, -4});
  const int b = net.writer.int32({2}, {10, -20});
  net.writer.node(test::kTfConv, {net.in, w, b}, {net.out},
                  {{0, 1, kValid}, {1, 4, 1}, {2, 4, 2}, {3, 1, 3}});
  const import::Model model = import::read_tflite(net.finish());
  CHECK(model.format == "TFLite");
  CHECK(model.inputs == std::vector{net.in});
  CHECK(model.outputs == std::vector{net.out});
  const import::Value& in = model.values[0];
  CHECK(in.name == "in");
  CHECK(in.type == import::Type::kInt8);
  CHECK(in.shape == std::vector<std::int64_t>{1, 2, 3, 1});
  CHECK(!in.constant);
  const import::Value& weights = model.values[2];
  CHECK(weights.scales == std::vector{1.0F, 0.5F});
  REQUIRE(weights.constant);
  CHECK(model.data.substr(weights.constant->first, weights.constant->count) == "\x01\x02\x03\xfc");
  REQUIRE(model.nodes.size() == 1);
  const import::Node& node = model.nodes[0];
  CHECK(node.op == "conv");
  CHECK(node.word == "CONV_2D");
  CHECK(node.inputs == std::vector{0, 2, 3});
  CHECK(node.text("padding", "") == "valid");
  CHECK(node.integer("stride_w", 0) == 1);
  CHECK(node.integer("stride_h", 0) == 2);
  CHECK(node.text("activation", "") == "relu6");
  CHECK(node.integer("dilation_h", 0) == 1);  // by default
}

TEST_CASE("SAME puts the odd row and column of zeros behind") {
  // 3 x 3 by 2 x 2 with stride 2: 2 x 2 outputs, one row and column of zeros, below and to the right.
  OneNode net({1, 3, 3, 1}, {1, 2, 2, 1});
  const int w = net.writer.weights({1, 2, 2, 1}, {1}, {1, 2, 3, 4});
  net.writer.node(test::kTfConv, {net.in, w, -1}, {net.out}, window(kSame, 2, 2));
  const import::Folded folded = fold(net.finish());
  const ir::Layer& layer = folded.graph.layers.at(0);
  CHECK(layer.pad_top + layer.pad_left == 0);
  CHECK(layer.pad_bottom == 1);
  CHECK(layer.pad_right == 1);
  // 1 2 3 / 4 5 6 / 7 8 9: 1 + 4 + 12 + 20, 3 + 18, 7 + 16, 9
  CHECK(quant::Int8Interpreter(folded.graph).run(Values{1, 2, 3, 4, 5, 6, 7, 8, 9}) == Values{37, 21, 23, 9});
}

TEST_CASE("a PAD goes into the convolution behind it, and into a layer of its own elsewhere") {
  for (const bool conv : {true, false}) {
    TfliteWriter writer;
    const int in = writer.int8("in", {1, 2, 2, 1}, 1, 0);
    const int sizes = writer.int32({4, 2}, {0, 0, 1, 0, 1, 1, 0, 0});
    const int padded = writer.int8("padded", {1, 3, 4, 1}, 1, 0);
    const int out = writer.int8("out", {1, 2, 3, 1}, 1, 0);
    writer.node(test::kTfPad, {in, sizes}, {padded});
    if (conv)
      writer.node(test::kTfConv, {padded, writer.weights({1, 2, 2, 1}, {1}, {0, 0, 0, 1}), -1}, {out},
                  window(kValid, 1, 1));
    else
      writer.node(test::kTfMaxPool, {padded}, {out}, pool(kValid, 1, 2, 2));
    const import::Folded folded = fold(writer.finish({in}, {out}));
    CHECK(folded.graph.layers.size() == (conv ? 1U : 2U));
    // 0 0 0 0 / 0 -1 2 0 / 0 -3 -4 0: the last of each 2 x 2, or the largest: 0 counts there.
    CHECK(quant::Int8Interpreter(folded.graph).run(Values{-1, 2, -3, -4}) ==
          (conv ? Values{-1, 2, 0, -3, -4, 0} : Values{0, 2, 2, 0, 2, 2}));
  }
}

TEST_CASE("a depth multiplier is computed for one channel and for several") {
  {
    OneNode net({1, 1, 2, 1}, {1, 1, 2, 2});
    const int w = net.writer.weights({1, 1, 1, 2}, {1, 0.5F}, {3, 4}, 3);
    net.writer.node(test::kTfDepthwise, {net.in, w, -1}, {net.out}, window(kValid, 1, 1));
    CHECK(run(net.finish(), {5, -6}) == Values{15, 10, -18, -12});
  }
  OneNode net({1, 1, 2, 2}, {1, 1, 2, 4});
  const int w = net.writer.weights({1, 1, 1, 4}, {1}, {1, 2, 3, 4}, 3);
  net.writer.node(test::kTfDepthwise, {net.in, w, -1}, {net.out}, window(kValid, 1, 1));
  CHECK(run(net.finish(), {1, 10, -2, 20}) == Values{1, 2, 30, 40, -2, -4, 60, 80});
}

TEST_CASE("a dense layer reads an image in the file's order of values") {
  // [1, 2, 2, 2] -> [1, 8] -> 1: rows, columns, channels.
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 2, 2, 2}, 1, 0);
  const int flat = writer.int8("flat", {1, 8}, 1, 0);
  const int out = writer.int8("out", {1, 1}, 1, 0);
  writer.node(test::kTfReshape, {in, writer.int32({2}, {1, 8})}, {flat});
  writer.node(test::kTfDense,
              {flat, writer.weights({1, 8}, {1}, {1, 0, 0, 2, 0, 0, 3, 0}), writer.int32({1}, {7})}, {out});
  CHECK(run(writer.finish({in}, {out}), {1, 9, 9, 2, 9, 9, 3, 9}) == Values{7 + 1 + 4 + 9});
}

TEST_CASE("the input takes the shape that the first RESHAPE gives it") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 6}, 1, 0);
  const int image = writer.int8("image", {1, 2, 3, 1}, 1, 0);
  const int out = writer.int8("out", {1, 1, 2, 1}, 1, 0);
  writer.node(test::kTfReshape, {in, writer.int32({4}, {1, 2, 3, 1})}, {image});
  writer.node(test::kTfConv, {image, writer.weights({1, 2, 2, 1}, {1}, {1, 0, 0, -1}), -1}, {out},
              window(kValid, 1, 1));
  const import::Folded folded = fold(writer.finish({in}, {out}));
  CHECK(folded.graph.tensor(folded.graph.input) == ir::Shape{2, 3, 1});
  CHECK(folded.input.shape == std::vector<std::int64_t>{1, 6});  // the caller knows it so
  CHECK(quant::Int8Interpreter(folded.graph).run(Values{1, 2, 3, 4, 5, 7}) == Values{-4, -5});
}

TEST_CASE("means over transposed rows and columns are pools") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 2, 2, 2}, 1, 0);
  const int first = writer.int8("first", {1, 2, 2, 2}, 1, 0);
  const int turned = writer.int8("turned", {1, 2, 2, 2}, 1, 0);
  const int columns = writer.int8("columns", {1, 2, 2}, 1, 0);
  const int out = writer.int8("out", {1, 2}, 1, 0);
  writer.node(test::kTfConv, {in, writer.weights({2, 1, 1, 2}, {1}, {1, 0, 0, 1}), -1}, {first},
              window(kValid, 1, 1));
  writer.node(test::kTfTranspose, {first, writer.int32({4}, {0, 3, 1, 2})}, {turned});
  writer.node(test::kTfMean, {turned, writer.int32({1}, {3})}, {columns});
  writer.node(test::kTfMean, {columns, writer.int32({1}, {2})}, {out});
  CHECK(run(writer.finish({in}, {out}), {0, 10, 2, 20, 4, 30, 6, 40}) == Values{3, 25});
}

TEST_CASE("constants a channel are added and multiplied") {
  for (const bool add : {true, false}) {
    OneNode net({1, 1, 2, 2}, {1, 1, 2, 2});
    const int constant = net.writer.tensor("constant", {2}, test::kTfInt8, {{0.5F}, {1}},
                                           std::string("\x04\xfd", 2));  // 1.5, -2
    net.writer.node(add ? test::kTfAdd : test::kTfMul, {net.in, constant}, {net.out});
    // Halves are rounded up.
    CHECK(run(net.finish(), {1, 2, -3, 40}) == (add ? Values{3, 0, -1, 38} : Values{2, -4, -4, -80}));
  }
}

TEST_CASE("more than two tensors are joined one after the other") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 1, 2, 1}, 1, 0);
  std::vector<std::int32_t> parts;
  for (const std::int8_t factor : {1, 2, 3}) {
    parts.push_back(writer.int8("part", {1, 1, 2, 1}, 1, 0));
    writer.node(test::kTfConv, {in, writer.weights({1, 1, 1, 1}, {1}, {factor}), -1}, {parts.back()},
                window(kValid, 1, 1));
  }
  const int out = writer.int8("out", {1, 1, 2, 3}, 1, 0);
  writer.node(test::kTfConcat, parts, {out}, {{0, 4, 3}});
  CHECK(run(writer.finish({in}, {out}), {5, -7}) == Values{5, 10, 15, -7, -14, -21});
}

TEST_CASE("channels of zeros are added, and the input's channels set apart for a depthwise layer") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 1, 2, 2}, 1, 0);
  const int padded = writer.int8("padded", {1, 1, 2, 4}, 1, 0);
  const int out = writer.int8("out", {1, 1, 2, 4}, 1, 0);
  const int doubled = writer.int8("doubled", {1, 1, 2, 2}, 1, 0);
  writer.node(test::kTfDepthwise, {in, writer.weights({1, 1, 1, 2}, {1}, {2, -2}, 3), -1}, {doubled},
              window(kValid, 1, 1));
  writer.node(test::kTfPad, {doubled, writer.int32({4, 2}, {0, 0, 0, 0, 0, 0, 1, 1})}, {padded});
  writer.node(test::kTfDepthwise, {padded, writer.weights({1, 1, 1, 4}, {1}, {1, 1, 2, 1}, 3), -1}, {out},
              window(kValid, 1, 1));
  const import::Folded folded = fold(writer.finish({in}, {out}));
  CHECK(folded.graph.names.front() == "channels_apart");
  CHECK(quant::Int8Interpreter(folded.graph).run(Values{1, 2, 3, -4}) == Values{0, 2, -8, 0, 0, 6, 16, 0});
}

TEST_CASE("a QUANTIZE inside changes scale and zero point") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 2}, 1, 0);
  const int finer = writer.int8("finer", {1, 2}, 0.5F, 10);
  const int out = writer.int8("out", {1, 2}, 0.00390625F, -128);
  writer.node(test::kTfQuantize, {in}, {finer});
  writer.node(test::kTfLogistic, {finer}, {out});
  // sigmoid(0) = 1/2, sigmoid(-2) = 0.1192: 30.5 of 256
  CHECK(run(writer.finish({in}, {out}), {0, -2}) == Values{0, -97});
}

TEST_CASE("the ends keep the caller's types") {
  TfliteWriter writer;
  const int in = writer.tensor("in", {1, 2}, test::kTfUint8, {{0.5F}, {128}});
  const int inner = writer.int8("inner", {1, 2}, 0.5F, 0);
  const int dense = writer.int8("dense", {1, 1}, 1, -3);
  const int out = writer.tensor("out", {1, 1}, test::kTfFloat32, {});
  writer.node(test::kTfQuantize, {in}, {inner});
  writer.node(test::kTfDense, {inner, writer.weights({1, 2}, {2}, {1, 1}), -1}, {dense});
  writer.node(test::kTfDequantize, {dense}, {out});
  const import::Folded folded = fold(writer.finish({in}, {out}));
  CHECK(folded.graph.layers.size() == 1);
  CHECK(folded.input == import::End{"in", import::Type::kUint8, {1, 2}, {0.5F, 0}});
  CHECK(folded.output == import::End{"out", import::Type::kFloat32, {1, 1}, {1, -3}});
}

TEST_CASE("a negative scale of weights turns them") {
  OneNode net({1, 2}, {1, 1});
  const int w = net.writer.weights({1, 2}, {-1}, {2, -3});
  net.writer.node(test::kTfDense, {net.in, w, net.writer.int32({1}, {10})}, {net.out});
  CHECK(run(net.finish(), {1, 2}) == Values{-2 + 6 - 10});
}

TEST_CASE(
    "uint8 weights that int8 does not hold around their zero point are computed, as two that it holds") {
  // 255 and 0 less 100: 155 and -100.
  const auto legacy = [](TfliteWriter& writer, std::vector<std::int32_t> shape, const std::string& bytes) {
    return writer.tensor("weights", std::move(shape), test::kTfUint8, {{1}, {100}}, bytes);
  };
  struct Case {
    test::TfliteOp op;
    std::vector<std::int32_t> in, weights, out;
    std::string bytes;
    Values image, expected;  ///< in units of 1 and 16
  };
  const std::string two("\xff\x00", 2), three("\xff\x00\x65", 3);
  const std::vector<Case> cases = {
      // 155 1 - 100 2 + 1 (-3) = -48; 155 (-3) - 100 4 + 1 0 = -865: SAME, a zero behind
      {test::kTfConv, {1, 1, 4, 1}, {1, 1, 3, 1}, {1, 1, 2, 1}, three, {1, 2, -3, 4}, {-3, -54}},
      {test::kTfDepthwise, {1, 1, 1, 2}, {1, 1, 1, 2}, {1, 1, 1, 2}, two, {3, -3}, {29, 19}},  // 465, 300
      {test::kTfDense, {1, 2}, {1, 2}, {1, 1}, two, {3, -3}, {48}},                            // 765
      {test::kTfDense, {1, 1}, {1, 1}, {1, 1}, "\xff", {4}, {39}},                             // 620
  };
  for (const Case& one : cases) {
    INFO(one.op);
    TfliteWriter writer;
    const int in = writer.tensor("in", one.in, test::kTfUint8, {{1}, {128}}),
              out = writer.tensor("out", one.out, test::kTfUint8, {{16}, {128}});
    writer.node(one.op, {in, legacy(writer, one.weights, one.bytes), -1}, {out},
                one.op == test::kTfDense ? std::vector<test::TfliteField>{} : window(kSame, 2, 1));
    CHECK(run(writer.finish({in}, {out}), one.image) == one.expected);
  }
  OneNode net({1, 2}, {1, 1});
  const int w = net.writer.tensor("weights", {1, 2}, test::kTfUint8, {{1}, {0}}, two);
  net.writer.node(test::kTfDense, {net.in, w, -1}, {net.out});
  CHECK_THROWS_WITH(fold(net.finish()), Catch::Contains("a weight less its zero point is 255"));
}

TEST_CASE("all nodes that cannot be computed are named at once, with what would do instead") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 4}, 1, 0);
  const int first = writer.int8("first", {1, 4}, 1, 0), fine = writer.int8("fine", {1, 4}, 1, 0);
  const int npu = writer.int8("npu", {1, 4}, 1, 0), last = writer.int8("last", {1, 4}, 1, 0);
  writer.node(test::kTfArgMax, {in}, {first});
  writer.node(test::kTfDense, {first, writer.weights({4, 4}, {1}, Values(16, 1)), -1}, {fine});
  writer.node(test::kTfCustom, {fine}, {npu}, {}, "ethos-u");
  writer.node(test::kTfArgMax, {npu}, {last});
  CHECK_THROWS_MATCHES(
      fold(writer.finish({in}, {last})), UnsupportedError,
      Catch::Message(
          "3 of 4 operators cannot be computed:\n"
          "  ARG_MAX (nodes 0 'first', 3 'last'): there is no layer that computes it; instead: cut the "
          "network before it, and look for the largest output\n"
          "  CUSTOM ethos-u (node 2 'npu'): the file is compiled for Arm's Ethos-U; instead: give the file "
          "from before Vela"));
}

TEST_CASE("several inputs and outputs keep the file's order, types and names") {
  TfliteWriter writer;
  const int in = writer.int8("pixels", {1, 1, 2, 2}, 1, 0);
  const int state = writer.tensor("state", {1, 1, 2, 2}, test::kTfUint8, {{1}, {128}});
  const int real = writer.tensor("real", {1, 1, 2, 2}, test::kTfFloat32, {});
  const int state_int8 = writer.int8("state_int8", {1, 1, 2, 2}, 1, 0);
  const int real_int8 = writer.int8("real_int8", {1, 1, 2, 2}, 0.5F, 1);
  const int sum = writer.int8("sum", {1, 1, 2, 2}, 1, 0);
  const int product = writer.int8("product", {1, 1, 2, 2}, 1, 0);
  const int flat = writer.int8("flat", {1, 4}, 1, 0);
  const int out = writer.tensor("out", {1, 1, 2, 2}, test::kTfFloat32, {});
  writer.node(test::kTfQuantize, {state}, {state_int8});
  writer.node(test::kTfQuantize, {real}, {real_int8});
  writer.node(test::kTfAdd, {in, state_int8}, {sum});
  writer.node(test::kTfReshape, {sum, writer.int32({2}, {1, 4})}, {flat});
  writer.node(test::kTfMul, {sum, real_int8}, {product});
  writer.node(test::kTfDequantize, {product}, {out});
  // The sum is read inside, leaves twice (once in another shape), and an input is passed on.
  const import::Folded folded = fold(writer.finish({in, state, real}, {out, sum, flat, in}));
  CHECK(folded.input.name == "pixels");
  REQUIRE(folded.other_inputs.size() == 2);
  CHECK(folded.other_inputs[0] == import::End{"state", import::Type::kUint8, {1, 1, 2, 2}, {1, 0}});
  CHECK(folded.other_inputs[1] == import::End{"real", import::Type::kFloat32, {1, 1, 2, 2}, {0.5F, 1}});
  CHECK(folded.output == import::End{"out", import::Type::kFloat32, {1, 1, 2, 2}, {1, 0}});
  REQUIRE(folded.other_outputs.size() == 3);
  CHECK(folded.other_outputs[0].name == "sum");
  CHECK(folded.other_outputs[1] == import::End{"flat", import::Type::kInt8, {1, 4}, {1, 0}});
  CHECK(folded.other_outputs[2].name == "pixels");
  // (pixel + state) * (real - 1) / 2
  CHECK(quant::Int8Interpreter(folded.graph).run(Values{1, 2, 3, 4, 10, 20, 30, 40, 3, 3, 3, 5}) ==
        Values{11, 22, 33, 88, 11, 22, 33, 44, 11, 22, 33, 44, 1, 2, 3, 4});
}

TEST_CASE("an input that nobody reads is refused by its name") {
  OneNode net({1, 2}, {1, 2});
  const int other = net.writer.int8("other", {1, 2}, 1, 0);
  const int real = net.writer.tensor("real", {1, 2}, test::kTfFloat32, {});
  net.writer.node(test::kTfRelu, {net.in}, {net.out});
  CHECK_THROWS_WITH(fold(net.writer.finish({net.in, other, real}, {net.out})),
                    Catch::Contains("the input 'other' is read by no layer; instead: the same network "
                                    "without it") &&
                        Catch::Contains("the input 'real'"));
}

TEST_CASE("a scale that only changes its name is refused where a layer reads it") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 1, 1, 2}, 1, 0);
  const int flat = writer.int8("flat", {1, 2}, 0.5F, 0);
  const int out = writer.int8("out", {1, 1}, 1, 0);
  writer.node(test::kTfReshape, {in, writer.int32({2}, {1, 2})}, {flat});
  writer.node(test::kTfDense, {flat, writer.weights({1, 2}, {1}, {1, 1}), -1}, {out});
  CHECK_THROWS_WITH(fold(writer.finish({in}, {out})),
                    Catch::Contains("RESHAPE (node 0 'flat'): it only moves values, but its input and output "
                                    "have different scales"));
}

TEST_CASE("a relu that its output's range does not end at is a layer, else the saturation") {
  for (const int zero_point : {-128, -10}) {
    TfliteWriter writer;
    const int in = writer.int8("in", {1, 2}, 1, 0), out = writer.int8("out", {1, 1}, 0.125F, zero_point);
    writer.node(test::kTfDense, {in, writer.weights({1, 2}, {1}, {1, 1}), -1}, {out}, {{0, 1, 3}});
    const import::Folded folded = fold(writer.finish({in}, {out}));
    CHECK(folded.graph.layers.size() == 2);  // 6 is 48 steps: neither range ends there
    const quant::Int8Interpreter interpreter(folded.graph);
    const auto answer = [&](std::int8_t a, std::int8_t b) { return interpreter.run(Values{a, b})[0]; };
    CHECK(answer(-3, 2) == zero_point);
    CHECK(answer(3, 2) == zero_point + 40);
    CHECK(answer(5, 2) == zero_point + 48);
  }
  OneNode net({1, 2}, {1, 2});
  const int out = net.writer.int8("ends", {1, 2}, 1, -128);
  net.writer.node(test::kTfRelu, {net.in}, {out});
  const import::Folded folded = fold(net.writer.finish({net.in}, {out}));
  CHECK(folded.graph.layers.at(0).op == ir::OpKind::kAveragePool);
  CHECK(quant::Int8Interpreter(folded.graph).run(Values{-3, 4}) == Values{-128, -124});
}

TEST_CASE("functions of every value are tables") {
  struct Case {
    test::TfliteOp op;
    std::vector<test::TfliteField> options;
    float scale;
    Values expected;  ///< of -2, -0.5, 1.5 and 7, in units of `scale`
  };
  const auto alpha = [](float value) {
    return std::vector<test::TfliteField>{{0, 4, std::bit_cast<std::int32_t>(value)}};
  };
  const std::vector<Case> cases = {
      {test::kTfTanh, {}, 0.0078125F, {-123, -59, 116, 127}},  // 0.9640, 0.4621, 0.9051 of 128
      {test::kTfElu, {}, 0.0625F, {-14, -6, 24, 112}},         // -0.8647, -0.3935
      {test::kTfLeakyRelu, alpha(0.25F), 0.0625F, {-8, -2, 24, 112}},
      {test::kTfRelu, {}, 0.0625F, {0, 0, 24, 112}},
      {test::kTfRelu6, {}, 0.0625F, {0, 0, 24, 96}},
      {test::kTfReluN1To1, {}, 0.0625F, {-16, -8, 16, 16}},
  };
  for (const Case& one : cases) {
    INFO(one.op);
    TfliteWriter writer;
    const int in = writer.int8("in", {1, 4}, 0.5F, 10), out = writer.int8("out", {1, 4}, one.scale, 0);
    writer.node(one.op, {in}, {out}, one.options);
    CHECK(run(writer.finish({in}, {out}), {6, 9, 13, 24}) == one.expected);
  }
}

TEST_CASE("a PRELU has one alpha for all channels, or one for each") {
  for (const bool one : {true, false}) {
    OneNode net({1, 1, 1, 2}, {1, 1, 1, 2});
    const int alphas = net.writer.tensor("alphas", {2}, test::kTfInt8, {{0.125F}, {-1}},
                                         std::string(one ? "\x03\x03" : "\x03\x04"));
    net.writer.node(test::kTfPrelu, {net.in, alphas}, {net.out});
    const std::string file = net.finish();
    CHECK(fold(file).graph.layer_count() == (one ? 1 : 4));
    CHECK(run(file, {-10, 10}) == Values{-5, 10});
    CHECK(run(file, {10, -80}) == Values{10, static_cast<std::int8_t>(one ? -40 : -50)});
  }
}
