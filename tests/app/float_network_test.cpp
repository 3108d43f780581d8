// Networks of others in float, from the file to int8.
#include "app/support.h"
#include "import/tflite_writer.h"
#include "support/catch.h"
#include "tinynas/app/model.h"
#include "tinynas/app/read_model.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas {
namespace {

using test::TemporaryFolder;

/// A dense layer of two inputs and outputs, [1, -2] and [0.5, 3]; or one function in int8.
std::string small_network(bool in_float) {
  test::TfliteWriter writer;
  const auto reals = [&](std::vector<std::int32_t> shape, const std::vector<float>& values) {
    return writer.tensor("reals", std::move(shape), test::kTfFloat32, {},
                         std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size()));
  };
  if (in_float) {
    const int in = writer.tensor("in", {1, 2}, test::kTfFloat32, {});
    const int out = writer.tensor("out", {1, 2}, test::kTfFloat32, {});
    writer.node(test::kTfDense, {in, reals({2, 2}, {1, -2, 0.5F, 3}), reals({2}, {0, 1})}, {out});
    return writer.finish({in}, {out});
  }
  const int in = writer.int8("in", {1, 2}, 0.1F, 0), out = writer.int8("out", {1, 2}, 1.0F / 256, -128);
  writer.node(test::kTfLogistic, {in}, {out});
  return writer.finish({in}, {out});
}

}  // namespace

TEST_CASE("a network in float is calibrated on the files of a folder") {
  const TemporaryFolder folder;
  write_file(folder / "net.tflite", small_network(true));
  write_file(folder / "inputs/a.bin", std::string("\x10\xf0", 2));
  write_file(folder / "inputs/b.bin", std::string("\xff\x02", 2));
  const app::Model model =
      app::read_model(folder / "net.tflite", {.from = folder / "inputs", .mean = 128, .std = 64});
  REQUIRE(model.quantization);
  CHECK(model.quantization->inputs == 2);
  CHECK(model.quantization->layers.size() == model.graph.layers.size());
  CHECK(model.quantization->output_noise > 30);
  // Bytes: firmware feeds pixel - 128.
  CHECK(model.graph.quant_of(model.graph.input) == ir::TensorQuant{.scale = 1.0F / 64, .zero_point = 0});
  // x = 1, -1: 3 and 0.5 - 3 + 1 = -1.5
  const auto made = quant::to_real(quant::Int8Interpreter(model.graph).run(std::vector<std::int8_t>{64, -64}),
                                   model.graph.quant_of(model.graph.output));
  CHECK(made[0] == Approx(3).margin(0.1));
  CHECK(made[1] == Approx(-1.5).margin(0.1));
}

TEST_CASE("without inputs a network in float has costs, but no C") {
  const TemporaryFolder folder;
  write_file(folder / "net.tflite", small_network(true));
  const app::Model model = app::read_model(folder / "net.tflite", {}, app::Uncalibrated::kCosted);
  CHECK(model.graph.quant.has_value());
  REQUIRE(model.quantization);
  CHECK(model.quantization->layers.empty());
  CHECK_THROWS_WITH(app::read_model(folder / "net.tflite"),
                    Catch::Contains("net.tflite: is in float") && Catch::Contains("--calibrate DIR"));
  CHECK(
      app::read_model(folder / "net.tflite", {.from = app::kRandomInputs, .most = 7}).quantization->inputs ==
      7);
}

TEST_CASE("a network in int8 is taken as it is") {
  const TemporaryFolder folder;
  write_file(folder / "net.tflite", small_network(false));
  CHECK_FALSE(app::read_model(folder / "net.tflite").quantization);
  CHECK_THROWS_WITH(app::read_model(folder / "net.tflite", {.from = folder.path()}),
                    Catch::Contains("in int8 already"));
}

TEST_CASE("inputs that do not fit and a deviation of 0 are refused") {
  const TemporaryFolder folder;
  write_file(folder / "net.tflite", small_network(true));
  write_file(folder / "x.bin", "abc");
  CHECK_THROWS_WITH(app::read_model(folder / "net.tflite", {.from = folder / "x.bin"}),
                    Catch::Contains("x.bin: has 3 bytes; expected 8 (float32) or 2 (bytes)"));
  CHECK_THROWS_WITH(app::read_model(folder / "net.tflite", {.from = folder / "x.bin", .std = 0}),
                    Catch::Contains("--input-std"));
}

}  // namespace tinynas
