// QDQ models as other tools write them, in protobuf's text form.
#include <google/protobuf/text_format.h>
#include <onnx/onnx_pb.h>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/onnx_text.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::onnx {
namespace {

ir::Graph import_text(const std::string& graph) {
  ::onnx::ModelProto model;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(graph, model.mutable_graph()));
  const test::TemporaryFolder folder;
  write_file(folder / "foreign.onnx", model.SerializeAsString());
  return import_onnx(folder / "foreign.onnx").graph;
}

using test::floats;
using test::integers;
using test::node;
using test::value;

/// float [1, 2] -> uint8, MatMul with int8 weights, Add of a float bias, ReLU, uint8.
const std::string kMatMul =
    value("input", "x", 1, {1, 2}) + value("output", "y", 1, {1, 3}) + floats("s_x", "", "0.5") +
    integers("z_x", 2, "", "130") + floats("s_w", "", "0.25") + floats("bias", "dims: 3", "1, -2, 0.125") +
    integers("w", 3, "dims: 2 dims: 3", "1, 2, 3, -4, -5, -6") + floats("s_y", "", "0.1") +
    integers("z_y", 2, "", "0") + node("QuantizeLinear", {"x", "s_x", "z_x"}, "x_q") +
    node("DequantizeLinear", {"x_q", "s_x", "z_x"}, "x_r") + node("DequantizeLinear", {"w", "s_w"}, "w_r") +
    node("MatMul", {"x_r", "w_r"}, "m") + node("Add", {"bias", "m"}, "a") + node("Relu", {"a"}, "r") +
    node("QuantizeLinear", {"r", "s_y", "z_y"}, "y_q") + node("DequantizeLinear", {"y_q", "s_y", "z_y"}, "y");

}  // namespace

TEST_CASE("a MatMul with bias and ReLU in uint8 is a dense layer") {
  const ir::Graph graph = import_text(kMatMul);
  REQUIRE(graph.layers.size() == 1);
  CHECK(graph.layers[0].op == ir::OpKind::kDense);
  CHECK(graph.quant->tensors[0] == ir::TensorQuant{.scale = 0.5F, .zero_point = 2});
  CHECK(graph.quant->tensors[1] == ir::TensorQuant{.scale = 0.1F, .zero_point = -128});
  // [in, out] turned round; bias in units of 0.5 * 0.25
  CHECK(graph.quant->layers[0].weight == std::vector<std::int8_t>{1, -4, 2, -5, 3, -6});
  CHECK(graph.quant->layers[0].bias == std::vector<std::int32_t>{8, -16, 1});
  CHECK(graph.names.empty());
}

TEST_CASE("an activation that the saturation does not do is refused") {
  std::string text = kMatMul;
  text.replace(text.find("name: 'z_y' data_type: 2  int32_data: [0]"), 41,
               "name: 'z_y' data_type: 2  int32_data: [9]");
  CHECK_THROWS_WITH(import_text(text),
                    Catch::Contains("(QuantizeLinear)") && Catch::Contains("behind a ReLU"));
}

TEST_CASE("int8 ends, a convolution without bias and a mean over rows and columns are read") {
  // int8 image [1, 1, 2, 2] -> 1x1 Conv to 2 channels -> ReduceMean; weights with one scale, no zero points.
  const ir::Graph graph = import_text(
      value("input", "x", 3, {1, 1, 2, 2}) + value("output", "y_q", 3, {1, 2}) + floats("s", "", "1") +
      integers("z", 3, "", "0") + integers("w", 3, "dims: 2 dims: 1 dims: 1 dims: 1", "1, -2") +
      node("DequantizeLinear", {"x", "s"}, "x_r") + node("DequantizeLinear", {"w", "s"}, "w_r") +
      node("Conv", {"x_r", "w_r"}, "c") + node("QuantizeLinear", {"c", "s", "z"}, "c_q") +
      node("DequantizeLinear", {"c_q", "s", "z"}, "c_r") +
      node("ReduceMean", {"c_r"}, "m", "attribute { name: 'axes' type: INTS ints: [2, 3] }") +
      node("QuantizeLinear", {"m", "s", "z"}, "y_q"));
  // Mean of 1 2 3 10 is 4; times 1 and -2.
  CHECK(quant::Int8Interpreter(graph).run(std::vector<std::int8_t>{1, 2, 3, 10}) ==
        std::vector<std::int8_t>{4, -8});
}

TEST_CASE("a factor per channel may be the first input of a Mul") {
  const std::string q =
      node("DequantizeLinear", {"x", "s"}, "x_r") + node("GlobalAveragePool", {"x_r"}, "p") +
      node("QuantizeLinear", {"p", "s", "z"}, "p_q") + node("DequantizeLinear", {"p_q", "s", "z"}, "p_r") +
      node("Mul", {"p_r", "x_r"}, "m") + node("QuantizeLinear", {"m", "s", "z"}, "y_q");
  const ir::Graph graph =
      import_text(value("input", "x", 3, {1, 1, 2, 2}) + value("output", "y_q", 3, {1, 1, 2, 2}) +
                  floats("s", "", "1") + integers("z", 3, "", "0") + q);
  // The mean of 1 2 3 10 is 4.
  CHECK(quant::Int8Interpreter(graph).run(std::vector<std::int8_t>{1, 2, 3, 10}) ==
        std::vector<std::int8_t>{4, 8, 12, 40});
}

TEST_CASE("what cannot be computed is refused with its node") {
  const auto refuses = [](const std::string& from, const std::string& to, const std::string& reason) {
    std::string text = kMatMul;
    const std::size_t found = text.find(from);
    REQUIRE(found != std::string::npos);
    text.replace(found, from.size(), to);
    CHECK_THROWS_WITH(import_text(text), Catch::Contains(reason));
  };
  refuses("[1, 2, 3, -4, -5, -6]", "[1, 2, 3, -4, -5]", "constant 'w' has 5 values, its shape says 6");
  refuses("'Relu'", "'Erf'", "node 'r' (Erf): this operator is not supported");
  refuses("input: 'x_r' input: 'w_r'", "input: 'x' input: 'w_r'",
          "node 'm' (MatMul): input 0 is not dequantized");
  refuses("input: 'x_r' input: 'w_r'", "input: 'nil' input: 'w_r'",
          "'nil' is made by no node before it is read");
  refuses("dim { dim_value: 2 }", "dim { dim_value: 5 }", "weights for 2 inputs, the input has 5");
  refuses("elem_type: 1", "elem_type: 7", "the input has data type 7");
}

TEST_CASE("functions are read with ONNX's defaults, or refused") {
  const auto model = [](const std::string& op, const std::string& attributes) {
    return value("input", "x", 1, {1, 4}) + value("output", "y", 1, {1, 4}) + floats("s", "", "0.05") +
           integers("z", 3, "", "0") + node("QuantizeLinear", {"x", "s", "z"}, "q") +
           node("DequantizeLinear", {"q", "s", "z"}, "r") + node(op, {"r"}, "f", attributes) +
           node("QuantizeLinear", {"f", "s", "z"}, "p") + node("DequantizeLinear", {"p", "s", "z"}, "y");
  };
  const auto alpha = [](const std::string& number) {
    return "attribute { name: 'alpha' type: FLOAT f: " + number + " }";
  };
  CHECK(import_text(model("HardSigmoid", alpha("0.16666667"))).layer(0).function ==
        ir::Function::kHardSigmoid);
  CHECK(import_text(model("Sigmoid", "")).layer(0).function == ir::Function::kSigmoid);
  CHECK_THROWS_WITH(import_text(model("HardSigmoid", "")), Catch::Contains("alpha 0.2"));  // ONNX's default
  CHECK_THROWS_WITH(import_text(model("HardSigmoid", alpha("nan"))), Catch::Contains("alpha nan"));
  CHECK_THROWS_WITH(import_text(model("", "")), Catch::Contains("not supported"));
  CHECK(import_text(model("Relu", "")).layer(0).function == ir::Function::kRelu);
  CHECK(import_text(model("LeakyRelu", "")).layer(0).slope == 0.01F);  // ONNX's default
  CHECK(import_text(model("LeakyRelu", alpha("0.25"))).layer(0).slope == 0.25F);
  CHECK_THROWS_WITH(import_text(model("LeakyRelu", alpha("nan"))), Catch::Contains("finite slope"));
  CHECK_THROWS_WITH(import_text(model("Elu", alpha("0.5"))), Catch::Contains("only alpha 1"));
}

}  // namespace tinynas::onnx
