// ONNX files as other tools write them, in protobuf's text form.
#include <google/protobuf/text_format.h>
#include <onnx/onnx_pb.h>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/onnx_text.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;
using test::floats;
using test::integers;
using test::node;
using test::value;
using Values = std::vector<std::int8_t>;

namespace {

constexpr int kFloat = 1, kUint8 = 2, kInt8 = 3, kInt32 = 6;

tinynas::import::Folded read_text(const std::string& graph, int opset = 13) {
  ::onnx::ModelProto model;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(graph, model.mutable_graph()));
  model.add_opset_import()->set_version(opset);
  return import::fold(import::read_onnx(tinynas::onnx::parse_file(model.SerializeAsString())));
}

Values run_onnx(const std::string& graph, const Values& image) {
  return quant::Int8Interpreter(read_text(graph).graph).run(image);
}

std::string shape(const std::string& name, const std::vector<int>& numbers) {
  std::string text =
      "initializer { name: '" + name + "' data_type: 7 dims: " + std::to_string(numbers.size());
  for (const int number : numbers) text += " int64_data: " + std::to_string(number);
  return text + " }\n";
}
std::string ints(const std::string& name, const std::string& numbers) {
  return "attribute { name: '" + name + "' type: INTS ints: [" + numbers + "] } ";
}
std::string integer(const std::string& name, int number) {
  return "attribute { name: '" + name + "' type: INT i: " + std::to_string(number) + " } ";
}
std::string word(const std::string& name, const std::string& text) {
  return "attribute { name: '" + name + "' type: STRING s: '" + text + "' } ";
}
std::string domain(const std::string& name) { return "domain: '" + name + "' "; }

/// Scale 1, zero point 0, for activations and weights.
const std::string kOne = floats("s", "", "1") + integers("z", kInt8, "", "0");
std::string quantize(const std::string& from, const std::string& to) {
  return node("QuantizeLinear", {from, "s", "z"}, to + "_q") +
         node("DequantizeLinear", {to + "_q", "s", "z"}, to);
}
/// int8 weights in scale 1.
std::string weights(const std::string& name, const std::string& dims, const std::string& numbers) {
  return integers(name + "_i", kInt8, dims, numbers) + node("DequantizeLinear", {name + "_i", "s"}, name);
}
/// A network from float x to float y, both quantized.
std::string network(const std::vector<int>& in, const std::vector<int>& out, const std::string& nodes) {
  return value("input", "x", kFloat, in) + value("output", "y", kFloat, out) + kOne + quantize("x", "xr") +
         nodes + quantize("r", "y");
}

}  // namespace

TEST_CASE("a convolution's weights and windows are turned from channels first") {
  // 2 channels of 2 x 2, one filter of 2 x 2: channel 0 has 1 2 3 4, channel 1 has 5 6 7 8.
  const std::string text = network({1, 2, 2, 2}, {1, 1, 1, 2},
                                   weights("w", "dims: [1, 2, 2, 2]", "1, 0, 0, 2, 0, 3, 0, 0") +
                                       node("Conv", {"xr", "w"}, "r", ints("pads", "0, 0, 0, 1")));
  const import::Folded folded = read_text(text);
  CHECK(folded.input.shape == std::vector<std::int64_t>{1, 2, 2, 2});
  CHECK(folded.input.order == "CHW");
  CHECK(folded.output.order.empty());  // of one channel
  // In rows, columns, channels. First window: 1 + 2 * 4 + 3 * 6; the second begins at column 1: 2 + 0 + 0.
  CHECK(quant::Int8Interpreter(folded.graph).run(Values{1, 5, 2, 6, 3, 7, 4, 8}) == Values{27, 2});
}

TEST_CASE("a dense layer behind Flatten has its weights in the file's order") {
  const std::string conv = weights("one", "dims: [2, 2, 1, 1]", "1, 0, 0, 1") +
                           node("Conv", {"xr", "one"}, "c") + quantize("c", "cr");
  const std::string dense = weights("w", "dims: [1, 8]", "1, 2, 3, 4, 5, 6, 7, 8") +
                            node("Gemm", {"flat", "w"}, "r", integer("transB", 1));
  const Values image = {1, 0, 0, 1, 0, 0, 0, 0};  // channel 0 of pixel (0, 0), channel 1 of pixel (0, 1)
  // [1, C, H, W]: channel 0 has weights 1 2 3 4, channel 1 5 6 7 8.
  CHECK(run_onnx(network({1, 2, 2, 2}, {1, 1}, conv + node("Flatten", {"cr"}, "flat") + dense), image) ==
        Values{1 + 6});
  // Transposed to [1, H, W, C] first: pixels have 1 2, 3 4, ...
  CHECK(run_onnx(
            network({1, 2, 2, 2}, {1, 1},
                    shape("to", {1, -1}) + conv + node("Transpose", {"cr"}, "t", ints("perm", "0, 2, 3, 1")) +
                        node("Reshape", {"t", "to"}, "flat") + dense),
            image) == Values{1 + 4});
}

TEST_CASE("an input in rows, columns, channels is read through its Transpose") {
  const std::string text =
      network({1, 1, 2, 3}, {1, 1, 1, 2},
              node("Transpose", {"xr"}, "t", ints("perm", "0, 3, 1, 2")) +
                  weights("w", "dims: [1, 3, 1, 1]", "1, 2, 3") + node("Conv", {"t", "w"}, "r"));
  const import::Folded folded = read_text(text);
  CHECK(folded.input.order.empty());
  CHECK(folded.graph.tensor(folded.graph.input) == ir::Shape{1, 2, 3});
  CHECK(quant::Int8Interpreter(folded.graph).run(Values{1, 2, 3, 4, 5, 6}) == Values{14, 32});
}

TEST_CASE("a flat input takes the shape of its Reshape, and a symbolic batch is 1") {
  const std::string text = value("input", "x", kFloat, {0, 6}) + value("output", "y", kFloat, {0, 1, 1, 2}) +
                           kOne + shape("to", {-1, 1, 2, 3}) + node("Reshape", {"x", "to"}, "image") +
                           quantize("image", "xr") + weights("w", "dims: [1, 1, 2, 2]", "1, 0, 0, -1") +
                           node("Conv", {"xr", "w"}, "r") + quantize("r", "y");
  std::string symbolic = text;
  for (std::size_t at; (at = symbolic.find("dim_value: 0")) != std::string::npos;)
    symbolic.replace(at, 12, "dim_param: 'batch'");
  CHECK(run_onnx(symbolic, {1, 2, 3, 4, 5, 7}) == Values{-4, -5});
}

TEST_CASE("auto_pad puts the odd row and column where it says") {
  for (const bool lower : {false, true}) {
    const std::string text =
        network({1, 1, 3, 3}, {1, 1, 2, 2},
                weights("w", "dims: [1, 1, 2, 2]", "1, 2, 3, 4") +
                    node("Conv", {"xr", "w"}, "r",
                         ints("strides", "2, 2") + word("auto_pad", lower ? "SAME_LOWER" : "SAME_UPPER")));
    // 1 2 3 / 4 5 6 / 7 8 9 with zeros behind: 1 + 4 + 12 + 20, 3 + 18, 7 + 16, 9; ahead: 4, 3 * 2 + 4 * 3,
    // ...
    CHECK(run_onnx(text, {1, 2, 3, 4, 5, 6, 7, 8, 9}) ==
          (lower ? Values{4, 3 * 2 + 4 * 3, 2 * 4 + 4 * 7, 1 * 5 + 2 * 6 + 3 * 8 + 4 * 9}
                 : Values{37, 21, 23, 9}));
  }
}

TEST_CASE("weights are quantized by channel, in uint8, or by a QuantizeLinear of floats") {
  const std::string conv = node("Conv", {"xr", "w"}, "r");
  const auto net = [&](const std::string& of_weights) {
    return network({1, 1, 1, 1}, {1, 2, 1, 1}, of_weights + conv);
  };
  CHECK(run_onnx(net(integers("i", kInt8, "dims: [2, 1, 1, 1]", "-128, 6") +
                     floats("scales", "dims: 2", "0.5, 2") +
                     node("DequantizeLinear", {"i", "scales"}, "w", integer("axis", 0))),
                 {1}) == Values{-64, 12});
  CHECK(run_onnx(net(integers("i", kUint8, "dims: [2, 1, 1, 1]", "125, 130") +
                     integers("zero", kUint8, "", "128") + node("DequantizeLinear", {"i", "s", "zero"}, "w")),
                 {5}) == Values{-15, 10});
  CHECK(run_onnx(net(floats("f", "dims: [2, 1, 1, 1]", "2.5, -3.4") +
                     node("QuantizeLinear", {"f", "s", "z"}, "i") +
                     node("DequantizeLinear", {"i", "s", "z"}, "w")),
                 {3}) == Values{6, -9});  // a tie goes to the even one
}

TEST_CASE("biases are int32, float, or an Add behind the product") {
  const std::string w = weights("w", "dims: [2, 2]", "1, 2, 3, 4");
  const auto net = [&](const std::string& nodes) { return network({1, 2}, {1, 2}, w + nodes); };
  const Values image = {1, 10}, expected = {31 + 5, 42 - 6};  // 1 * 1 + 3 * 10, 2 * 1 + 4 * 10
  CHECK(run_onnx(net(integers("b", kInt32, "dims: 2", "5, -6") +
                     node("DequantizeLinear", {"b", "s"}, "bias") + node("Gemm", {"xr", "w", "bias"}, "r")),
                 image) == expected);
  CHECK(run_onnx(net(floats("bias", "dims: [1, 2]", "5.2, -5.9") + node("Gemm", {"xr", "w", "bias"}, "r")),
                 image) == expected);
  CHECK(run_onnx(net(floats("bias", "dims: 2", "5, -6") + node("MatMul", {"xr", "w"}, "m") +
                     node("Add", {"bias", "m"}, "r")),
                 image) == expected);
}

TEST_CASE("a QLinearConv reads as a convolution between its scales") {
  const std::string text = value("input", "x", kUint8, {1, 1, 1, 2}) +
                           value("output", "y", kUint8, {1, 1, 1, 2}) + floats("s", "", "1") +
                           integers("z", kUint8, "", "100") +
                           integers("w", kInt8, "dims: [1, 1, 1, 1]", "2") + integers("wz", kInt8, "", "0") +
                           integers("b", kInt32, "dims: 1", "7") + floats("half", "", "0.5") +
                           node("QLinearConv", {"x", "s", "z", "w", "s", "wz", "half", "z", "b"}, "y");
  const import::Folded folded = read_text(text);
  CHECK(folded.input.type == import::Type::kUint8);
  CHECK(folded.graph.quant_of(folded.graph.input) == ir::TensorQuant{.scale = 1, .zero_point = -28});
  // 105 means 5: 2 * 5 + 7 = 17 is 34 halves; 98 means -2: 3 is 6 halves. Both from 100 - 128.
  CHECK(quant::Int8Interpreter(folded.graph).run(Values{105 - 128, 98 - 128}) == Values{34 - 28, 6 - 28});
}

TEST_CASE("operators of com.microsoft are computed, others are named") {
  const std::string head = value("input", "x", kInt8, {1, 2}) + value("output", "y", kInt8, {1, 2}) + kOne;
  CHECK(run_onnx(
            head + node("QLinearAdd", {"x", "s", "z", "x", "s", "z", "s", "z"}, "y", domain("com.microsoft")),
            {3, -4}) == Values{6, -8});
  CHECK_THROWS_WITH(
      read_text(head + node("QLinearAdd", {"x", "s", "z", "x", "s", "z", "s", "z"}, "y", domain("mine"))),
      Catch::Contains("mine.QLinearAdd (node 0 'y')"));
}

TEST_CASE("pools, means and activations are read wherever the file has the channels") {
  const std::string relu = node("Relu", {"c"}, "a") + floats("s6", "", "0.02") +
                           integers("low", kInt8, "", "-128") +
                           node("QuantizeLinear", {"a", "s6", "low"}, "aq");
  const std::string conv = weights("one", "dims: [1, 1, 1, 1]", "1") + node("Conv", {"xr", "one"}, "c");
  const auto head = [](const std::vector<int>& out) {
    return value("input", "x", kFloat, {1, 1, 1, 2}) + value("output", "y", kFloat, out) + kOne +
           quantize("x", "xr");
  };
  // 3 is 150 steps from -128.
  CHECK(run_onnx(head({1, 1, 1, 2}) + conv + relu + node("DequantizeLinear", {"aq", "s6", "low"}, "y"),
                 {-3, 3}) == Values{-128, 22});
  // Where 0 lies inside the range, too.
  CHECK(run_onnx(head({1, 1, 1, 2}) + conv + node("Relu", {"c"}, "a") + quantize("a", "y"), {-5, 90}) ==
        Values{0, 90});
  CHECK(run_onnx(head({1, 1, 1, 2}) + node("Relu", {"xr"}, "a") + quantize("a", "y"), {-5, 90}) ==
        Values{0, 90});
  CHECK(run_onnx(head({1, 1, 1, 2}) + conv + floats("low", "", "0") + floats("high", "", "5") +
                     node("Clip", {"c", "low", "high"}, "a") + quantize("a", "y"),
                 {-3, 9}) == Values{0, 5});
  CHECK(run_onnx(network({1, 1, 1, 2}, {1, 1},
                         conv + quantize("c", "cr") +
                             node("ReduceMean", {"cr"}, "r", ints("axes", "-1, 2") + integer("keepdims", 0))),
                 {4, 8}) == Values{6});
  // A pool ahead of the QuantizeLinear chooses the same.
  CHECK(run_onnx(network({1, 1, 1, 2}, {1, 1, 1, 1},
                         conv + node("MaxPool", {"c"}, "r", ints("kernel_shape", "1, 2"))),
                 {4, -8}) == Values{4});
}

TEST_CASE("a softmax that leaves the network in float has 256 steps from 0 to 1") {
  const import::Folded folded =
      read_text(value("input", "x", kFloat, {1, 2}) + value("output", "y", kFloat, {1, 2}) + kOne +
                quantize("x", "xr") + node("Softmax", {"xr"}, "y"));
  CHECK(folded.output.quant == ir::TensorQuant{.scale = 1.0F / 256, .zero_point = -128});
  CHECK(folded.output.type == import::Type::kFloat32);
}

TEST_CASE("all nodes that cannot be computed are listed, and not those behind them") {
  const std::string text = network(
      {1, 2}, {1, 2}, node("Erf", {"xr"}, "e") + node("Relu", {"e"}, "f") + node("Trilu", {"f"}, "r"));
  CHECK_THROWS_WITH(read_text(text), Catch::Contains("Erf (node 2 'e')") &&
                                         Catch::Contains("Trilu (node 4 'r')") &&
                                         !Catch::Contains("Relu (node"));
}

TEST_CASE("a damaged ONNX file is one, and names that nobody makes") {
  CHECK_THROWS_AS(tinynas::onnx::parse_file("no ONNX"), IoError);
  CHECK_THROWS_AS(read_text(network({1, 2}, {1, 2}, node("Relu", {"nobody"}, "r"))), IoError);
  CHECK_THROWS_AS(read_text(network({1, 2}, {1, 2}, node("Relu", {"xr"}, "xr"))), IoError);
}

TEST_CASE("whichever byte of an ONNX file is wrong, it is read or refused") {
  const test::TemporaryFolder folder;
  tinynas::onnx::export_onnx(test::quantize_on_noise(test::every_operation(Rng(6)), Rng(6)), {},
                             folder / "own.onnx");
  const std::string file = read_file(folder / "own.onnx");
  Rng rng(8);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string damaged = file;
    damaged[rng.below(file.size())] = static_cast<char>(rng.below(256));
    damaged[rng.below(file.size())] = static_cast<char>(rng.below(256));
    try {
      import::fold(import::read_onnx(tinynas::onnx::parse_file(damaged)));
    } catch (const Error& error) {  // IoError, UnsupportedError
      CHECK((error.code() == ExitCode::kIo || error.code() == ExitCode::kUnsupported));
      ++refused;
    }
  }
  CHECK(refused > 30);
}

TEST_CASE("a causal convolution over time is read as one over rows") {
  // [1, 1, 3] with two zeros ahead; 3 weights.
  const std::string text = network(
      {1, 1, 3}, {1, 1, 3},
      weights("w", "dims: [1, 1, 3]", "1, 2, 3") + node("Conv", {"xr", "w"}, "r", ints("pads", "2, 0")));
  CHECK(run_onnx(text, {1, 10, 5}) == Values{3, 2 + 30, 1 + 20 + 15});
}

TEST_CASE("what tinynas exported reads the same through both readers") {
  const ir::Graph graph = test::quantize_on_noise(test::every_operation(Rng(5)), Rng(5));
  const test::TemporaryFolder folder;
  tinynas::onnx::export_onnx(graph, {{"tinynas.version", "x"}}, folder / "own.onnx");
  const import::Network own = import::read_network(folder / "own.onnx");
  CHECK(own.graph == graph);
  CHECK(own.metadata.at("tinynas.version") == "x");
  const import::Folded other =
      import::fold(import::read_onnx(tinynas::onnx::parse_file(read_file(folder / "own.onnx"))));
  Values image(at(graph.tensor(graph.input).elements()));
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::int8_t>(i * 37);
  CHECK(quant::Int8Interpreter(other.graph).run(image) == quant::Int8Interpreter(graph).run(image));
}

TEST_CASE("values of an ONNX file that change place are layers that move them") {
  const std::string same =
      weights("one", "dims: [4, 4, 1, 1]", "1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1") +
      node("Conv", {"xr", "one"}, "c") + quantize("c", "cr");
  const Values image = {0, 1, 2, 3, 4, 5, 6, 7};  // two pixels of four channels
  const auto made = [&](const std::vector<int>& out, const std::string& nodes) {
    return run_onnx(network({1, 4, 1, 2}, out, same + nodes), image);
  };
  CHECK(made({1, 1, 2, 4}, shape("apart", {1, 1, 2, 2, 1, 2}) + shape("joined", {1, 1, 2, 4}) +
                               node("Reshape", {"cr", "apart"}, "a") +
                               node("Transpose", {"a"}, "t", ints("perm", "0, 1, 4, 2, 5, 3")) +
                               node("Reshape", {"t", "joined"}, "r")) == Values{0, 1, 4, 5, 2, 3, 6, 7});
  CHECK(made({1, 2, 1, 2}, shape("from", {1}) + shape("to", {-1}) +
                               node("Slice", {"cr", "from", "to", "from"}, "r")) == Values{1, 2, 5, 6});
  CHECK(made({1, 4, 1, 1}, shape("from", {1}) + shape("to", {9}) + shape("along", {-1}) +
                               node("Slice", {"cr", "from", "to", "along"}, "r")) == Values{4, 5, 6, 7});
  CHECK(made({1, 3, 1, 2},
             shape("which", {3, 0, -3}) + node("Gather", {"cr", "which"}, "r", integer("axis", 1))) ==
        Values{3, 0, 1, 7, 4, 5});
  CHECK(made({1, 4, 2, 2}, node("Concat", {"cr", "cr"}, "r", integer("axis", 2))) ==
        Values{0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7});
  std::string split = node("Split", {"cr"}, "left", integer("axis", 1));
  split.replace(split.find("output: 'left'"), 14, "output: 'left' output: 'right'");
  CHECK(made({1, 4, 1, 2}, split + node("Concat", {"right", "left"}, "r", integer("axis", 1))) ==
        Values{2, 3, 0, 1, 6, 7, 4, 5});
}

TEST_CASE("a DepthToSpace of either order takes pixels from channels") {
  // 8 channels of one pixel become 2 x 2 pixels of 2. Through a convolution: channels must stand apart.
  for (const bool by_column : {false, true}) {
    const std::string text = network(
        {1, 8, 1, 1}, {1, 2, 2, 2},
        node("DepthToSpace", {"xr"}, "r", integer("blocksize", 2) + (by_column ? word("mode", "CRD") : "")));
    const Values expected = by_column ? Values{1, 5, 2, 6, 3, 7, 4, 8} : Values{1, 2, 3, 4, 5, 6, 7, 8};
    CHECK(run_onnx(text, Values{1, 2, 3, 4, 5, 6, 7, 8}) == expected);
  }
}

TEST_CASE("a ConvTranspose cuts off its pads, and its groups do not mix") {
  // Columns 1 2 3 of each of two channels, each with its own kernel of 4: 1 0 0 1 and 0 1 2 0. Stride 2:
  // channel 0 makes 1 0 2 1 3 2 0 3, channel 1 makes 0 1 2 2 4 3 6 0; a column is cut off at each end.
  const std::string text =
      network({1, 2, 1, 3}, {1, 2, 1, 6},
              weights("w", "dims: [2, 1, 1, 4]", "1, 0, 0, 1, 0, 1, 2, 0") +
                  node("ConvTranspose", {"xr", "w"}, "r",
                       integer("group", 2) + ints("strides", "1, 2") + ints("pads", "0, 1, 0, 1")));
  CHECK(run_onnx(text, Values{1, 1, 2, 2, 3, 3}) == Values{0, 1, 2, 2, 1, 2, 3, 4, 2, 3, 0, 6});
}

TEST_CASE("reductions over channels, blocks as channels, edges and resizes of an ONNX file are read") {
  // Through a convolution that changes nothing, so that channels stand apart: pixels 0 1, 2 3, 4 5, 6 7.
  const std::string same = weights("one", "dims: [2, 2, 1, 1]", "1, 0, 0, 1") +
                           node("Conv", {"xr", "one"}, "c") + quantize("c", "cr");
  const auto made = [&](const std::vector<int>& out, const std::string& nodes) {
    return run_onnx(network({1, 2, 2, 2}, out, same + nodes), {0, 1, 2, 3, 4, 5, 6, 7});
  };
  CHECK(made({1, 1, 2, 2}, node("ReduceMax", {"cr"}, "r", ints("axes", "1"))) == Values{1, 3, 5, 7});
  CHECK(made({1, 1, 2, 2}, node("ReduceMin", {"cr"}, "r", ints("axes", "1"))) == Values{0, 2, 4, 6});
  CHECK(made({1, 2, 2}, shape("over", {1}) + node("ReduceSum", {"cr", "over"}, "r",
                                                  integer("keepdims", 0))) == Values{1, 5, 9, 13});
  CHECK(made({1, 8, 1, 1}, node("SpaceToDepth", {"cr"}, "r", integer("blocksize", 2))) ==
        Values{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(made({1, 2, 3, 2}, shape("pads", {0, 0, 1, 0, 0, 0, 0, 0}) +
                               node("Pad", {"cr", "pads"}, "r", word("mode", "reflect"))) ==
        Values{4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(made({1, 2, 2, 3},
             shape("sizes", {1, 2, 2, 3}) +
                 node("Resize", {"cr", "", "", "sizes"}, "r",
                      word("mode", "linear") + word("coordinate_transformation_mode", "align_corners"))) ==
        Values{0, 1, 1, 2, 2, 3, 4, 5, 5, 6, 6, 7});
  CHECK(made({1, 2, 2, 3},
             shape("sizes", {1, 2, 2, 3}) + node("Resize", {"cr", "", "", "sizes"}, "r",
                                                 word("coordinate_transformation_mode", "asymmetric") +
                                                     word("nearest_mode", "floor"))) ==
        Values{0, 1, 0, 1, 2, 3, 4, 5, 4, 5, 6, 7});
}

TEST_CASE("a constant of an image's shape stands in an ONNX file channels first") {
  // Two channels of a row of two pixels: 1 2 are added to channel 0, 3 4 to channel 1.
  const std::string text =
      network({1, 2, 1, 2}, {1, 2, 1, 2},
              floats("each", "dims: [2, 1, 2]", "1, 2, 3, 4") + node("Add", {"xr", "each"}, "r"));
  CHECK(run_onnx(text, {10, 20, 30, 40}) == Values{11, 23, 32, 44});
}
