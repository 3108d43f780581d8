#include "tinynas/quant/quantize.h"

#include <cmath>

#include "support/catch.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::quant {
namespace {

using test::GraphBuilder;

/// A dense layer 2 -> 2 with given parameters.
ir::Graph dense(std::vector<float> weight, std::vector<float> bias,
                ir::Activation activation = ir::Activation::kNone) {
  GraphBuilder b({.h = 1, .w = 1, .c = 2}, Rng(1));
  ir::Graph graph = b.finish(b.dense(0, 2, activation));
  graph.parameters[0] = {.weight = std::move(weight), .bias = std::move(bias)};
  return graph;
}

constexpr ir::TensorQuant kInput = {.scale = 0.5F, .zero_point = 0};

}  // namespace

TEST_CASE("batch norm is folded into weights and bias") {
  // variance + epsilon = 4, so scale = 6 / 2 = 3: weight 3 * 2 = 6, bias 1 - 3 * 0.5 = -0.5
  GraphBuilder b({.h = 1, .w = 1, .c = 1}, Rng(1));
  ir::Graph graph = b.finish(b.conv(0, 1, 1));
  const auto blob = [](float value) { return ir::Blob{.shape = {1}, .data = {value}}; };
  const ir::Weights weights = {{"layer0.weight", blob(2)},
                               {"layer0.bn.gamma", blob(6)},
                               {"layer0.bn.beta", blob(1)},
                               {"layer0.bn.mean", blob(0.5F)},
                               {"layer0.bn.variance", blob(4 - ir::kBatchNormEpsilon)}};
  attach_weights(graph, weights);
  CHECK(graph.parameters[0].weight[0] == Approx(6));
  CHECK(graph.parameters[0].bias[0] == Approx(-0.5));
}

TEST_CASE("missing, wrongly sized and diverged weights are refused by name") {
  ir::Graph graph = dense({}, {});
  const auto refuses = [&](ir::Weights weights, const char* reason) {
    CHECK_THROWS_WITH(attach_weights(graph, weights), Catch::Contains(reason));
  };
  const ir::Blob four = {.shape = {2, 2}, .data = {1, 2, 3, 4}};
  const ir::Blob nan = {.shape = {2}, .data = {1, std::nanf("")}};
  refuses({}, "'layer0.weight' is missing");
  refuses({{"layer0.weight", four}}, "'layer0.bias' is missing");
  refuses({{"layer0.weight", four}, {"layer0.bias", four}}, "'layer0.bias' has 4 values, expected 2");
  refuses({{"layer0.weight", four}, {"layer0.bias", nan}}, "layer 0 (layer0): weights are not finite");
}

TEST_CASE("weights are symmetric with a scale for each output channel") {
  // Largest magnitudes 1.27 and 12.7: scales 0.01 and 0.1. Bias in units of 0.5 * scale.
  const ir::Graph graph =
      quantize(dense({1.27F, -0.5F, 2.0F, -12.7F}, {1, -1}), {{-2, 2}, {-10, 10}}, {.input = kInput});
  const ir::QuantParameters& q = graph.quant->layers[0];
  CHECK(q.weight == std::vector<std::int8_t>{127, -50, 20, -127});
  CHECK(q.weight_scale[0] == Approx(0.01));
  CHECK(q.weight_scale[1] == Approx(0.1));
  CHECK(q.bias == std::vector<std::int32_t>{200, -20});
  CHECK(graph.parameters.empty());
  CHECK(graph.quant->tensors[0] == kInput);
}

TEST_CASE("activation ranges contain an exact zero") {
  const auto out = [](Range range) {
    return quantize(dense({1, 1, 1, 1}, {0, 0}), {{-2, 2}, range}, {.input = kInput}).quant->tensors[1];
  };
  // -5.1 .. 20.4 in 255 steps of 0.1: -128 + 51
  CHECK(out({-5.1F, 20.4F}).scale == Approx(0.1));
  CHECK(out({-5.1F, 20.4F}).zero_point == -77);
  CHECK(out({5, 25.5F}).zero_point == -128);   // widened to 0 .. 25.5
  CHECK(out({-25.5F, -5}).zero_point == 127);  // widened to -25.5 .. 0
}

TEST_CASE("ReLU and ReLU6 vanish into the saturation") {
  const auto out = [](ir::Activation activation, Range range) {
    const ir::Graph graph =
        quantize(dense({1, 1, 1, 1}, {0, 0}, activation), {{-2, 2}, range}, {.input = kInput});
    CHECK(graph.layers[0].activation == ir::Activation::kNone);
    return graph.quant->tensors[1];
  };
  CHECK(out(ir::Activation::kRelu, {0, 25.5F}) == ir::TensorQuant{.scale = 25.5F / 255, .zero_point = -128});
  CHECK(out(ir::Activation::kRelu6, {0, 25.5F}) == ir::TensorQuant{.scale = 6.0F / 255, .zero_point = -128});
  CHECK(out(ir::Activation::kRelu6, {0, 3}) == ir::TensorQuant{.scale = 3.0F / 255, .zero_point = -128});
}

TEST_CASE("channels without weights keep their bias and every multiplier fits") {
  // A batch norm with gamma 0 leaves only its beta.
  const ir::Graph graph = quantize(dense({0, 0, 1e-20F, 0}, {3, -1}), {{-2, 2}, {-4, 4}}, {.input = kInput});
  const auto scores = Int8Interpreter(graph).run(std::vector<std::int8_t>{100, -100});
  const ir::TensorQuant& out = graph.quant->tensors[1];
  CHECK(out.scale * static_cast<float>(scores[0] - out.zero_point) == Approx(3).margin(out.scale));
  CHECK(out.scale * static_cast<float>(scores[1] - out.zero_point) == Approx(-1).margin(out.scale));
}

TEST_CASE("biases of depthwise layers fit 24 bits, whatever is left of the weights") {
  // What batch norm leaves of a dying channel: weights of 1e-3, 1e-6 ... 1e-15 beside a bias of -2.
  GraphBuilder b({.h = 4, .w = 4, .c = 5}, Rng(1));
  ir::Graph network = b.finish(b.depthwise(0, 3));
  auto& [weight, bias] = network.parameters[0];
  for (std::size_t k = 0; k < weight.size(); ++k) weight[k] *= std::pow(1e-3F, static_cast<float>(k / 9 + 1));
  std::fill(bias.begin(), bias.end(), -2.0F);
  const ir::Graph graph = quantize(network, {{-2, 2}, {-4, 4}}, {.input = kInput});
  for (const std::int32_t q : graph.quant->layers[0].bias) CHECK(std::abs(q) < 1 << 23);
  const ir::TensorQuant& out = graph.quant->tensors[1];
  for (const std::int8_t q : Int8Interpreter(graph).run(std::vector<std::int8_t>(80, 4)))  // 4 steps are 2
    CHECK(out.scale * static_cast<float>(q - out.zero_point) == Approx(-2).margin(out.scale));
}

TEST_CASE("a network that only makes zeros is quantized all the same") {
  GraphBuilder b({.h = 3, .w = 3, .c = 1}, Rng(1));
  const int dead = b.conv(0, 4, 3, 1, ir::Activation::kRelu6);
  ir::Graph network = b.finish(b.dense(b.global_pool(b.add(dead, dead)), 2));
  for (auto& p : network.parameters) {
    std::fill(p.weight.begin(), p.weight.end(), 0.0F);
    std::fill(p.bias.begin(), p.bias.end(), 0.0F);
  }
  const ir::Graph graph = test::quantize_on_noise(network, Rng(2));
  const auto scores = Int8Interpreter(graph).run(std::vector<std::int8_t>(9, 50));
  const auto zero = static_cast<std::int8_t>(graph.quant_of(graph.output).zero_point);
  CHECK(scores == std::vector<std::int8_t>{zero, zero});
}

TEST_CASE("calibration sees the extremes of every tensor and does not depend on the threads") {
  const ir::Graph network = test::random_network(Rng(3), 2);
  const auto pixels = test::random_pixels(Rng(4), 20 * network.tensors[0].elements());
  const Ranges ranges = test::calibrate_on(network, pixels);
  CHECK(ranges[0].min <= 0);
  // The output is not clipped: its range is exactly what was seen.
  Range seen;
  const auto size = at(network.tensors[0].elements());
  for (std::size_t i = 0; i < 20; ++i) {
    std::vector<float> image(size);
    for (std::size_t k = 0; k < size; ++k)
      image[k] = test::kPixelQuant.scale * static_cast<float>(pixels[i * size + k] - 128);
    for (const float value : run_float(network, image)) {
      seen.min = std::min(seen.min, value);
      seen.max = std::max(seen.max, value);
    }
  }
  CHECK(ranges[at(network.output)] == seen);
  for (const int threads : {1, 3}) {
    set_parallel_threads(threads);
    CHECK(test::calibrate_on(network, pixels) == ranges);
  }
  set_parallel_threads(0);
}

TEST_CASE("one outlier in a million does not widen the range of a tensor") {
  // A 1x1 convolution that makes -0.47 .. 0.47 of n = 1.2 million pixels, and 0.94 of one. Rounding costs
  // n * (range / 255)^2 / 12: 3.1 for the whole range -0.47 .. 0.94; 1.4 without the outlier, whose clipping
  // costs 0.2.
  GraphBuilder b({.h = 64, .w = 64, .c = 1}, Rng(1));
  ir::Graph network = b.finish(b.global_pool(b.conv(0, 1, 1)));
  network.parameters[0] = {.weight = {10}, .bias = {0}};
  auto pixels = test::random_pixels(Rng(5), 300 * 64 * 64);
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(128 + pixel % 7 - 3);  // +-3 / 64 * 10
  pixels[100] = 128 + 6;
  const Ranges ranges = test::calibrate_on(network, pixels);
  CHECK(ranges[1].max < 0.6F);
  CHECK(ranges[1].max > 0.46F);
  CHECK(ranges[1].min < -0.46F);
}

TEST_CASE("bad calls are refused") {
  const ir::Graph graph = dense({1, 1, 1, 1}, {0, 0});
  CHECK_THROWS_WITH(quantize(graph, {{0, 1}}, {.input = kInput}), Catch::Contains("1 ranges for 2 tensors"));
  CHECK_THROWS_WITH(quantize(graph, {{0, 1}, {2, 1}}, {.input = kInput}),
                    Catch::Contains("range of tensor 1"));
  CHECK_THROWS_WITH(image_inputs(graph, std::vector<std::uint8_t>(3), kInput),
                    Catch::Contains("no whole number of images"));
}

}  // namespace tinynas::quant
