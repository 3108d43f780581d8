// Networks whose values are float: graphs with `parameters`, by the same rules.
#include <google/protobuf/text_format.h>
#include <onnx/onnx_pb.h>

#include <limits>

#include "import/tflite_writer.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "support/onnx_text.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;
using test::TfliteWriter;
using Reals = std::vector<float>;
using Shape32 = std::vector<std::int32_t>;

namespace {

constexpr std::int8_t kValidPadding = 1;
const std::vector<test::TfliteField> kConvOptions = {{0, 1, kValidPadding}, {1, 4, 1}, {2, 4, 1}};

int real(TfliteWriter& writer, const std::string& name, Shape32 shape) {
  return writer.tensor(name, std::move(shape), test::kTfFloat32, {});
}
int reals(TfliteWriter& writer, Shape32 shape, const Reals& values) {
  return writer.tensor("reals", std::move(shape), test::kTfFloat32, {},
                       std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size()));
}

void check_near(const Reals& made, const Reals& expected) {
  REQUIRE(made.size() == expected.size());
  for (std::size_t i = 0; i < made.size(); ++i) CHECK(made[i] == Approx(expected[i]).margin(1e-5));
}

ir::Graph float_graph(const import::Model& model) {
  ir::Graph graph = import::fold(model).graph;
  CHECK(!graph.quant);
  CHECK(graph.parameters.size() == graph.layers.size());
  return graph;
}
ir::Graph tflite_graph(TfliteWriter& writer, int in, int out) {
  return float_graph(import::read_tflite(writer.finish({in}, {out})));
}

tinynas::import::Model onnx_model(const std::string& graph) {
  ::onnx::ModelProto model;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(graph, model.mutable_graph()));
  model.add_opset_import()->set_version(13);
  return import::read_onnx(tinynas::onnx::parse_file(model.SerializeAsString()));
}

std::string float_ends(const std::vector<int>& in, const std::vector<int>& out) {
  return test::value("input", "x", 1, in) + test::value("output", "y", 1, out);
}
std::string attribute_int(const std::string& name, int number) {
  return "attribute { name: '" + name + "' type: INT i: " + std::to_string(number) + " } ";
}
std::string attribute_float(const std::string& name, float number) {
  return "attribute { name: '" + name + "' type: FLOAT f: " + std::to_string(number) + " } ";
}

}  // namespace

TEST_CASE("a float TFLite network keeps its weights, and its relus go into the layers") {
  TfliteWriter writer;
  const int in = real(writer, "in", {1, 1, 2, 2}), conv = real(writer, "conv", {1, 1, 2, 2});
  const int wide = real(writer, "wide", {1, 1, 2, 4}), out = real(writer, "out", {1, 1});
  auto with_relu = kConvOptions;
  with_relu.push_back({3, 1, 1});
  writer.node(test::kTfConv,
              {in, reals(writer, {2, 1, 1, 2}, {1, 0.5F, -1, 0}), reals(writer, {2}, {0.25F, 0})}, {conv},
              with_relu);
  writer.node(test::kTfDepthwise, {conv, reals(writer, {1, 1, 1, 4}, {1, 2, 3, 4}), -1}, {wide},
              kConvOptions);
  writer.node(test::kTfDense, {wide, reals(writer, {1, 8}, Reals(8, 1)), -1}, {out});
  const ir::Graph graph = tflite_graph(writer, in, out);
  CHECK(graph.layer(0).activation == ir::Activation::kRelu);
  CHECK(graph.parameters[0].weight == Reals{1, 0.5F, -1, 0});
  CHECK(graph.parameters[0].bias == Reals{0.25F, 0});
  // Pixels (1, 2) and (-3, 1): relu(2.25, -1) = 2.25, 0 and relu(-2.25, 3) = 0, 3; times 1 + 2 and 3 + 4.
  check_near(quant::run_float(graph, Reals{1, 2, -3, 1}), {2.25F * 3 + 3 * 7});
}

TEST_CASE("int8 weights of float layers, and int8 layers among float ones, become what they mean") {
  TfliteWriter writer;
  const int in = real(writer, "in", {1, 2}), hybrid = real(writer, "hybrid", {1, 2});
  const int q = writer.int8("q", {1, 2}, 0.5F, 3), island = writer.int8("island", {1, 1}, 0.25F, -5);
  const int out = real(writer, "out", {1, 1});
  writer.node(test::kTfDense,
              {in, writer.weights({2, 2}, {0.5F, 2}, {1, 2, 3, 4}), reals(writer, {2}, {0, 1})}, {hybrid});
  writer.node(test::kTfQuantize, {hybrid}, {q});
  // The bias has no scale of its own: 8 x 0.5 x 0.125.
  writer.node(test::kTfDense, {q, writer.weights({1, 2}, {0.125F}, {8, -8}), writer.int32({1}, {8})},
              {island});
  writer.node(test::kTfDequantize, {island}, {out});
  const ir::Graph graph = tflite_graph(writer, in, out);
  CHECK(graph.layers.size() == 2);
  // 0.5 (x + 2 y), 2 (3 x + 4 y) + 1; of (1, 2) 2.5 and 23; their difference plus 0.5.
  check_near(quant::run_float(graph, Reals{1, 2}), {2.5F - 23 + 0.5F});
}

TEST_CASE("float16 weights behind a DEQUANTIZE are read as numbers") {
  TfliteWriter writer;
  const int in = real(writer, "in", {1, 4}), out = real(writer, "out", {1, 1});
  // 1, -2, the smallest (2^-24) and 65504, the largest.
  const std::string halves("\x00\x3c\x00\xc0\x01\x00\xff\x7b", 8);
  const int stored = writer.tensor("halves", {1, 4}, test::kTfFloat16, {}, halves);
  const int weights = real(writer, "weights", {1, 4});
  writer.node(test::kTfDequantize, {stored}, {weights});
  writer.node(test::kTfDense, {in, weights, -1}, {out});
  CHECK(tflite_graph(writer, in, out).parameters[0].weight == Reals{1, -2, 0x1p-24F, 65504});
}

TEST_CASE("a last softmax in float leaves an int8 network int8") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 2}, 1, 0), dense = writer.int8("dense", {1, 2}, 1, 0);
  const int scores = real(writer, "scores", {1, 2}), out = real(writer, "out", {1, 2});
  writer.node(test::kTfDense, {in, writer.weights({2, 2}, {1}, {1, 0, 0, 1}), -1}, {dense});
  writer.node(test::kTfDequantize, {dense}, {scores});
  writer.node(test::kTfSoftmax, {scores}, {out}, {{0, 4, 0x3f800000}});
  const import::Folded folded = import::fold(import::read_tflite(writer.finish({in}, {out})));
  REQUIRE(folded.graph.quant);
  CHECK(folded.output.type == import::Type::kFloat32);
  CHECK(folded.output.quant == ir::TensorQuant{.scale = 1.0F / 256, .zero_point = -128});
}

TEST_CASE("factors and relus go into the layer before, unless others read it, too") {
  for (const bool shared : {false, true}) {
    INFO(shared);
    TfliteWriter writer;
    const int in = real(writer, "in", {1, 1, 1, 2}), conv = real(writer, "conv", {1, 1, 1, 2});
    const int scaled = real(writer, "scaled", {1, 1, 1, 2}), relu = real(writer, "relu", {1, 1, 1, 2});
    const int out = real(writer, "out", {1, 1, 1, 2});
    writer.node(test::kTfConv, {in, reals(writer, {2, 1, 1, 2}, {1, 2, 3, 4}), reals(writer, {2}, {1, 1})},
                {conv}, kConvOptions);
    writer.node(test::kTfMul, {conv, reals(writer, {2}, {2, -1})}, {scaled});
    writer.node(test::kTfRelu, {scaled}, {relu});
    if (shared) writer.node(test::kTfAdd, {relu, conv}, {out});
    const ir::Graph graph = tflite_graph(writer, in, shared ? out : relu);
    CHECK(graph.layers.size() == (shared ? 3U : 1U));
    // 1 + 2 * (-3) + 1 = -4 and 3 - 12 + 1 = -8; times 2 and -1; relu; plus -4 and -8.
    check_near(quant::run_float(graph, Reals{1, -3}), shared ? Reals{-4, 0} : Reals{0, 8});
  }
}

TEST_CASE("a batch norm is part of the convolution before it, or a layer of its own") {
  for (const bool conv : {true, false}) {
    INFO(conv);
    const std::string numbers = test::floats("g", "dims: 2", "2, 3") + test::floats("b", "dims: 2", "1, -1") +
                                test::floats("m", "dims: 2", "0.5, 2") +
                                test::floats("v", "dims: 2", "3.75, 0.75") +
                                test::floats("w", "dims: [2, 2, 1, 1]", "1, 1, 1, -1");
    const std::string norm = test::node("BatchNormalization", {conv ? "c" : "x", "g", "b", "m", "v"}, "n",
                                        attribute_float("epsilon", 0.25F));
    const ir::Graph graph = float_graph(onnx_model(float_ends({1, 2, 1, 1}, {1, 2, 1, 1}) + numbers +
                                                   (conv ? test::node("Conv", {"x", "w"}, "c") : "") + norm +
                                                   test::node("Relu", {"n"}, "y")));
    CHECK(graph.layers.size() == 1);
    CHECK(graph.layer(0).activation == ir::Activation::kRelu);
    // 2 / sqrt(4) (a - 0.5) + 1 and 3 / sqrt(1) (b - 2) - 1.
    if (conv)  // a = 4, b = 2
      check_near(quant::run_float(graph, Reals{3, 1}), {4.5F, 0});
    else
      check_near(quant::run_float(graph, Reals{3, 4}), {3.5F, 5});
  }
}

TEST_CASE("groups of a convolution read their channels alone") {
  // Two groups of two channels, one filter each.
  const ir::Graph graph = float_graph(onnx_model(
      float_ends({1, 4, 1, 1}, {1, 2, 1, 1}) + test::floats("w", "dims: [2, 2, 1, 1]", "1, 2, 3, 4") +
      test::node("Conv", {"x", "w"}, "y", attribute_int("group", 2))));
  check_near(quant::run_float(graph, Reals{1, 10, 100, 1000}), {21, 4300});
}

TEST_CASE("Gemm takes its alpha and beta, and the Add behind a MatMul is its bias") {
  const std::string ends = float_ends({1, 2}, {1, 2});
  const std::string w = test::floats("w", "dims: [2, 2]", "1, 2, 3, 4"),
                    b = test::floats("b", "dims: 2", "5, 6");
  const ir::Graph gemm = float_graph(onnx_model(
      ends + w + b +
      test::node("Gemm", {"x", "w", "b"}, "y",
                 attribute_int("transB", 1) + attribute_float("alpha", 2) + attribute_float("beta", 0.5F))));
  check_near(quant::run_float(gemm, Reals{1, 10}), {2 * 21 + 2.5F, 2 * 43 + 3});
  const ir::Graph matmul = float_graph(
      onnx_model(ends + w + b + test::node("MatMul", {"x", "w"}, "m") + test::node("Add", {"b", "m"}, "y")));
  CHECK(matmul.layers.size() == 1);
  check_near(quant::run_float(matmul, Reals{1, 10}), {31 + 5, 42 + 6});
}

TEST_CASE("float values are clipped between any bounds") {
  const std::string ends = float_ends({1, 4}, {1, 4});
  const auto bound = [](const std::string& name, const std::string& number) {
    return test::floats(name, "", number);
  };
  const auto clipped = [&](const std::vector<std::string>& inputs) {
    return quant::run_float(float_graph(onnx_model(ends + bound("lo", "-1") + bound("hi", "2") +
                                                   test::node("Clip", inputs, "y"))),
                            Reals{-7, -0.5F, 1.5F, 9});
  };
  check_near(clipped({"x", "lo", "hi"}), {-1, -0.5F, 1.5F, 2});
  check_near(clipped({"x", "lo"}), {-1, -0.5F, 1.5F, 9});
  check_near(clipped({"x", "", "hi"}), {-7, -0.5F, 1.5F, 2});
  // By default 0.2 x + 0.5.
  check_near(quant::run_float(float_graph(onnx_model(ends + test::node("HardSigmoid", {"x"}, "y"))),
                              Reals{-7, -0.5F, 1.5F, 9}),
             {0, 0.4F, 0.8F, 1});
  check_near(
      quant::run_float(float_graph(onnx_model(ends + bound("c", "3") + test::node("Sub", {"c", "x"}, "y"))),
                       Reals{-7, -0.5F, 1.5F, 9}),
      {10, 3.5F, 1.5F, -6});
}

TEST_CASE("x times its sigmoid is two layers") {
  const ir::Graph graph =
      float_graph(onnx_model(float_ends({1, 1, 1, 2}, {1, 1, 1, 2}) + test::node("Sigmoid", {"x"}, "s") +
                             test::node("Mul", {"x", "s"}, "y")));
  check_near(quant::run_float(graph, Reals{0, 2}), {0, 1.761594F});  // 2 / (1 + exp(-2))
}

TEST_CASE("integers with scales that the network computes are reals") {
  const std::string w = test::integers("w", 2, "dims: [2, 1]", "130, 126") +
                        test::integers("wz", 2, "", "128") + test::floats("ws", "", "0.5");
  const std::string behind = test::node("Cast", {"i"}, "f", attribute_int("to", 1)) +
                             test::node("Mul", {"xs", "ws"}, "s") + test::node("Mul", {"f", "s"}, "y");
  const std::string dynamic =
      "node { op_type: 'DynamicQuantizeLinear' input: 'x' output: 'q' output: 'xs' output: 'xz' }\n";
  const std::string fixed = test::floats("xs", "", "0.125") + test::integers("xz", 2, "", "7") +
                            test::node("QuantizeLinear", {"x", "xs", "xz"}, "q");
  for (const std::string& quantize : {dynamic, fixed}) {
    const ir::Graph graph =
        float_graph(onnx_model(float_ends({1, 2}, {1, 1}) + w + quantize +
                               test::node("MatMulInteger", {"q", "w", "xz", "wz"}, "i") + behind));
    CHECK(graph.layers.size() == 1);
    check_near(graph.parameters[0].weight, {1, -1});
  }
}

TEST_CASE("a relu that a quantizer left to the saturation is one in float, too") {
  const std::string text =
      float_ends({1, 2}, {1, 2}) + test::floats("s", "", "0.5") + test::integers("z", 3, "", "-128") +
      test::floats("w", "dims: [2, 2]", "1, 0, 0, 1") + test::node("MatMul", {"x", "w"}, "m") +
      test::node("QuantizeLinear", {"m", "s", "z"}, "q") +
      test::node("DequantizeLinear", {"q", "s", "z"}, "d") + test::node("Sigmoid", {"d"}, "y");
  check_near(quant::run_float(float_graph(onnx_model(text)), Reals{-3, 0.25F}), {0.5F, 0.562177F});
}

TEST_CASE("a bias in float ahead of the last softmax leaves an int8 network int8") {
  const std::string text = float_ends({1, 2}, {1, 2}) + test::floats("s", "", "1") +
                           test::integers("z", 3, "", "0") + test::floats("b", "dims: 2", "-28, 28") +
                           test::node("QuantizeLinear", {"x", "s", "z"}, "q") +
                           test::node("DequantizeLinear", {"q", "s", "z"}, "d") +
                           test::node("Add", {"d", "b"}, "a") + test::node("Softmax", {"a"}, "y");
  const ir::Graph graph = import::fold(onnx_model(text)).graph;
  REQUIRE(graph.quant);
  // -128 .. 127 less and plus 28: from -156 to 155.
  const ir::TensorQuant& sums = graph.quant_of(graph.layers.back().inputs[0]);
  CHECK(sums.scale == Approx(311.0 / 255));
  CHECK(sums.zero_point == 0);
}

TEST_CASE("constants may lie in a file beside the model, and nowhere else") {
  const test::TemporaryFolder folder;
  const Reals weights = {7, 1, -2};  // the first is another's
  write_file(folder / "net.data", std::string(reinterpret_cast<const char*>(weights.data()), 12));
  const auto write = [&](const std::string& location, int length) {
    ::onnx::ModelProto model;
    const auto entry = [](const std::string& key, const std::string& text) {
      return " external_data { key: '" + key + "' value: '" + text + "' }";
    };
    REQUIRE(google::protobuf::TextFormat::ParseFromString(
        float_ends({1, 2}, {1, 1}) +
            "initializer { name: 'w' data_type: 1 dims: [2, 1] data_location: EXTERNAL" +
            entry("location", location) + entry("offset", "4") + entry("length", std::to_string(length)) +
            " }\n" + test::node("MatMul", {"x", "w"}, "y"),
        model.mutable_graph()));
    write_file(folder / "net.onnx", model.SerializeAsString());
    return import::read_network(folder / "net.onnx").graph;
  };
  CHECK(write("net.data", 8).parameters[0].weight == Reals{1, -2});
  CHECK_THROWS_WITH(write("net.data", 12), Catch::Contains("12 bytes at 4 of 'net.data', which has 12"));
  CHECK_THROWS_WITH(write("lost.data", 8), Catch::Contains("'lost.data', which is not there"));
  CHECK_THROWS_WITH(write("../net.data", 8), Catch::Contains("only files beside the model"));
}

TEST_CASE("what float networks cannot have is refused by name") {
  const std::string ends = float_ends({1, 2}, {1, 2});
  const auto refused = [&](const std::string& nodes) {
    try {
      import::fold(onnx_model(ends + nodes));
    } catch (const UnsupportedError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(refused(test::node("LSTM", {"x"}, "y")), Catch::Contains("LSTM (node 0 'y'): it keeps state"));
  CHECK_THAT(refused(test::node("LayerNormalization", {"x"}, "a") + test::node("Relu", {"a"}, "y")),
             Catch::Contains("LayerNormalization (node 0 'a')") && !Catch::Contains("Relu (node"));
  CHECK_THAT(refused(test::floats("s", "", "1") + test::floats("z", "", "0") + test::floats("bits", "", "3") +
                     test::node("Quant", {"x", "s", "z", "bits"}, "y", "domain: 'qonnx.custom_op.general' ")),
             Catch::Contains("Quant (node 0 'y'): it rounds to 3 bits"));
  CHECK_THAT(
      refused(test::floats("w", "dims: [2, 2]", "1, 0, 0, nan") + test::node("MatMul", {"x", "w"}, "y")),
      Catch::Contains("holds no number"));
  CHECK_THAT(refused(test::floats("w", "dims: [2, 2]", "1, 0, 0, 1") +
                     test::node("Gemm", {"x", "w"}, "y", attribute_int("transA", 1))),
             Catch::Contains("transA"));
}
