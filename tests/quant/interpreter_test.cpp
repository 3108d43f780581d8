#include "tinynas/quant/interpreter.h"

#include <cmath>

#include "support/catch.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::quant {
namespace {

using test::GraphBuilder;
constexpr ir::Activation kNone = ir::Activation::kNone;

/// The definition, tap by tap: sum of w * q over the taps inside the image, and of w * zero point outside.
std::int64_t plain_sum(const ir::Graph& g, const ir::Layer& l, const ir::QuantParameters& q,
                       std::span<const std::int8_t> in, int zero_point, int y, int x, int c) {
  const ir::Shape& shape = g.in_shape(l);
  const bool per_channel = l.op == ir::OpKind::kDepthwiseConv2d;
  const int depth = per_channel ? 1 : shape.c;
  std::int64_t sum = 0;
  for (int kh = 0; kh < l.kernel_h; ++kh)
    for (int kw = 0; kw < l.kernel_w; ++kw)
      for (int k = 0; k < depth; ++k) {
        const int row = y * l.stride_h + kh - l.pad_top;
        const int column = x * l.stride_w + kw - l.pad_left;
        const bool inside = row >= 0 && row < shape.h && column >= 0 && column < shape.w;
        const int channel = per_channel ? c : k;
        const int value = inside ? in[at((row * shape.w + column) * shape.c + channel)] : zero_point;
        sum += q.weight[at(((c * l.kernel_h + kh) * l.kernel_w + kw) * depth + k)] * (value - zero_point);
      }
  return sum;
}

/// A layer with weights in plain steps of its own, by the formula of docs/design.md, "Arithmetic".
std::vector<std::int8_t> plain_layer(const ir::Graph& g, int index, std::span<const std::int8_t> in) {
  const ir::Layer& l = g.layer(index);
  const ir::QuantParameters& q = g.layer_quant(index);
  const ir::TensorQuant& from = g.quant_of(l.inputs[0]);
  const ir::TensorQuant& to = g.quant_of(l.output);
  const ir::Shape& out = g.out_shape(l);
  std::vector<std::int8_t> result;
  for (int y = 0; y < out.h; ++y)
    for (int x = 0; x < out.w; ++x)
      for (int c = 0; c < out.c; ++c) {
        const std::int64_t acc = plain_sum(g, l, q, in, from.zero_point, y, x, c) + q.bias[at(c)];
        // acc * scale in units of 2^-31, then the nearest integer, halves upward.
        const double scale = static_cast<double>(from.scale) * q.weight_scale[at(c)] / to.scale;
        int exponent = 0;
        while (std::round(std::ldexp(scale, 31 - exponent)) >= std::ldexp(1.0, 31)) ++exponent;
        const auto m = static_cast<std::int64_t>(std::round(std::ldexp(scale, 31 - exponent)));
        const long double exact = std::ldexp(static_cast<long double>(acc * m), exponent - 31);
        const long double rounded = std::floor(exact + 0.5L) + to.zero_point;
        result.push_back(static_cast<std::int8_t>(std::min(127.0L, std::max(-128.0L, rounded))));
      }
  return result;
}

std::vector<std::int8_t> random_int8(Rng rng, std::int64_t count) {
  return pixels_to_int8(test::random_pixels(rng, count));
}

}  // namespace

TEST_CASE("the interpreter's weighted layers equal the formula, tap by tap") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const Rng rng = Rng(seed);
    const ir::Graph graph = test::random_quantized_network(rng);
    const Int8Interpreter interpreter(graph);
    std::vector<std::vector<std::int8_t>> values(graph.tensors.size());
    interpreter.run(random_int8(rng.fork("image"), graph.tensors[0].elements()),
                    [&](int t, std::span<const std::int8_t> v) { values[at(t)].assign(v.begin(), v.end()); });
    for (std::size_t i = 0; i < graph.layers.size(); ++i) {
      const ir::Layer& layer = graph.layers[i];
      if (graph.quant->layers[i].bias.empty()) continue;
      CAPTURE(i);
      REQUIRE(values[at(layer.output)] ==
              plain_layer(graph, static_cast<int>(i), values[at(layer.inputs[0])]));
    }
  }
}

TEST_CASE("asymmetric padding and unequal strides are honoured") {
  GraphBuilder b({.h = 9, .w = 6, .c = 2}, Rng(3));
  const int t = b.append({.op = ir::OpKind::kConv2d,
                          .kernel_h = 5,
                          .kernel_w = 2,
                          .stride_h = 3,
                          .stride_w = 1,
                          .pad_top = 4,
                          .pad_left = 1,
                          .pad_bottom = 2,
                          .pad_right = 0,
                          .inputs = {0, -1}},
                         9);
  const ir::Graph graph = test::quantize_on_noise(b.finish(t), Rng(4));
  const auto image = random_int8(Rng(5), graph.tensors[0].elements());
  CHECK(Int8Interpreter(graph).run(image) == plain_layer(graph, 0, image));
}

TEST_CASE("int8 results stay near the float network's") {
  const ir::Graph network = test::random_network(Rng(11), 2);
  const auto pixels = test::random_pixels(Rng(12), 8 * network.tensors[0].elements());
  const ir::Graph graph =
      quantize(network, test::calibrate_on(network, pixels), {.input = test::kPixelQuant});
  const std::span<const std::uint8_t> image(pixels.data(), at(network.tensors[0].elements()));
  std::vector<float> real(image.size());
  for (std::size_t i = 0; i < real.size(); ++i)
    real[i] = test::kPixelQuant.scale * static_cast<float>(image[i] - 128);
  const auto expected = run_float(network, real);
  const auto found = Int8Interpreter(graph).run(pixels_to_int8(image));
  const ir::TensorQuant& out = graph.quant_of(graph.output);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const float value = out.scale * static_cast<float>(found[i] - out.zero_point);
    CHECK(std::abs(value - expected[i]) < 0.25F);  // logits are of the order of 1
  }
}

TEST_CASE("a float layer is its formula: 3x3 depthwise by hand") {
  // One channel, 2x2 image (1 2 / 3 4), kernel all ones, padding 1, bias 0.5: every output sees all four
  // = 10.5, ReLU6 leaves 6.
  GraphBuilder b({.h = 2, .w = 2, .c = 1}, Rng(1));
  ir::Graph graph = b.finish(b.depthwise(0, 3, 1, kNone));
  graph.parameters[0] = {.weight = std::vector<float>(9, 1.0F), .bias = {0.5F}};
  const std::vector<float> image = {1, 2, 3, 4};
  CHECK(run_float(graph, image) == std::vector<float>(4, 10.5F));
  graph.layers[0].activation = ir::Activation::kRelu6;
  CHECK(run_float(graph, image) == std::vector<float>(4, 6.0F));
}

TEST_CASE("the global pool rounds the mean once") {
  // Two pixels (3, 4), scales equal, zero points 1 and 0: ((3 - 1) + (4 - 1)) / 2 = 2.5, ties upward: 3.
  GraphBuilder b({.h = 1, .w = 2, .c = 1}, Rng(1));
  ir::Graph graph = b.finish(b.global_pool(0));
  graph.parameters.clear();
  graph.quant = ir::Quantization{
      .tensors = {{.scale = 0.5F, .zero_point = 1}, {.scale = 0.5F, .zero_point = 0}}, .layers = {{}}};
  CHECK(Int8Interpreter(graph).run(std::vector<std::int8_t>{3, 4}) == std::vector<std::int8_t>{3});
}

TEST_CASE("accuracy counts the first of equal scores and does not depend on the threads") {
  const ir::Graph graph = test::random_quantized_network(Rng(21));
  const auto size = graph.tensors[0].elements();
  const auto images = test::random_pixels(Rng(22), 10 * size);
  std::vector<std::uint16_t> labels;
  const Int8Interpreter interpreter(graph);
  for (std::size_t i = 0; i < 10; ++i) {
    const auto scores = interpreter.run(pixels_to_int8(std::span(images).subspan(i * at(size), at(size))));
    labels.push_back(
        static_cast<std::uint16_t>(std::max_element(scores.begin(), scores.end()) - scores.begin()));
  }
  CHECK(answers_int8(graph, images) == labels);
  CHECK_THROWS_WITH(answers_int8(graph, std::span(images).first(3)), Catch::Contains("expected"));
  CHECK_THROWS_WITH(accuracy_int8(graph, images, std::span(labels).first(9)),
                    Catch::Contains("10 images for 9 labels"));
  labels[3] = 999;
  CHECK(accuracy_int8(graph, images, labels) == Approx(90.0));
  set_parallel_threads(3);
  CHECK(accuracy_int8(graph, images, labels) == Approx(90.0));
  set_parallel_threads(0);
}

TEST_CASE("several inputs and outputs stand one behind the other") {
  GraphBuilder b({.h = 1, .w = 1, .c = 2}, Rng(1));
  const int other = b.other_input({.h = 1, .w = 1, .c = 2});
  const int sum = b.add(0, other);
  b.other_output(b.append({.op = ir::OpKind::kConcat, .inputs = {sum, 0}}, 0));
  ir::Graph graph = b.finish(sum);
  CHECK(run_float(graph, std::vector<float>{1, 2, 10, 20}, {}) == std::vector<float>{11, 22, 11, 22, 1, 2});
  graph.quant = ir::Quantization{.tensors = std::vector<ir::TensorQuant>(4), .layers = {{}, {}}};
  graph.parameters.clear();
  CHECK(Int8Interpreter(graph).run(std::vector<std::int8_t>{1, 2, 10, 20}) ==
        std::vector<std::int8_t>{11, 22, 11, 22, 1, 2});
  CHECK_THROWS_WITH(Int8Interpreter(graph).run(std::vector<std::int8_t>(2)),
                    Catch::Contains("the image has 2 values, the input takes 4"));
  CHECK_THROWS_WITH(answers_int8(graph, std::vector<std::uint8_t>(4)),
                    Catch::Contains("the network has 2 outputs, but one that scores classes is needed"));
}

TEST_CASE("graphs the interpreter cannot run are refused by name") {
  const ir::Graph bare = test::random_network(Rng(1));
  CHECK_THROWS_WITH(Int8Interpreter(bare), Catch::Contains("not quantized"));
  const ir::Graph graph = test::random_quantized_network(Rng(1));
  CHECK_THROWS_WITH(Int8Interpreter(graph).run(std::vector<std::int8_t>(3)),
                    Catch::Contains("the image has 3 values"));
}

}  // namespace tinynas::quant
