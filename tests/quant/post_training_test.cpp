#include "tinynas/quant/post_training.h"

#include <cmath>

#include "quant/channels.h"
#include "quant/clipping.h"
#include "support/catch.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {
namespace {

using test::GraphBuilder;

/// Standard normal values.
Inputs normal_inputs(const ir::Graph& graph, Rng rng, std::size_t count = 16) {
  std::vector<std::vector<float>> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    Rng own = rng.fork("input", i);
    for (std::int64_t k = 0; k < graph.tensor(graph.input).elements(); ++k)
      all[i].push_back(static_cast<float>(own.normal()));
  }
  return listed_inputs(std::move(all));
}

/// conv - ReLU - conv of 8 channels; of the tensor between them seven are `quiet` times what the other is,
/// and the second layer makes up for it: none matters less.
ir::Graph uneven_network(float quiet, ir::Activation activation) {
  GraphBuilder b({.h = 6, .w = 6, .c = 4}, Rng(1));
  const int between = b.conv(0, 8, 3, 1, activation);
  ir::Graph graph = b.finish(b.conv(between, 8, 3));
  ir::Parameters &first = graph.parameters[0], &second = graph.parameters[1];
  for (std::size_t i = 0; i < first.weight.size(); ++i)
    if (i / (first.weight.size() / 8) > 0) first.weight[i] *= quiet;
  for (std::size_t c = 1; c < 8; ++c) first.bias[c] *= quiet;
  for (std::size_t i = 0; i < second.weight.size(); ++i)
    if (i % 8 > 0) second.weight[i] /= quiet;
  return graph;
}

double noise_of(const ir::Graph& network, const Inputs& inputs, const PostTrainingOptions& options) {
  return quantize_after_training(network, inputs, options).scores_noise;
}

constexpr ir::TensorQuant kTenths = {.scale = 0.1F, .zero_point = 5};

}  // namespace

TEST_CASE("equalised channels use int8's steps") {
  const ir::Graph network = uneven_network(0.02F, ir::Activation::kRelu);
  const Inputs inputs = normal_inputs(network, Rng(2));
  // A quiet channel has a fiftieth of 255 steps, about 17 dB: equalised, all have what they need.
  const double without =
      noise_of(network, inputs, {.clipping = Clipping::kNone, .equalise = false, .correct_bias = false});
  const double with =
      noise_of(network, inputs, {.clipping = Clipping::kNone, .equalise = true, .correct_bias = false});
  CAPTURE(without, with);
  CHECK(without < 20);
  CHECK(with > without + 12);
  const PostTraining best = quantize_after_training(network, inputs);
  CHECK(best.equalised);
  CHECK(best.scores_noise >= with);
}

TEST_CASE("an equalised network computes what it did") {
  const ir::Graph network = uneven_network(0.02F, ir::Activation::kRelu);
  const Inputs inputs = normal_inputs(network, Rng(3), 2);
  const ir::Graph equal = equalise(network, observe_channels(network, inputs));
  CHECK(equal.parameters[0] != network.parameters[0]);
  const auto expected = run_float(network, inputs.input(1)), made = run_float(equal, inputs.input(1));
  for (std::size_t i = 0; i < made.size(); ++i) CHECK(made[i] == Approx(expected[i]).margin(1e-4));
}

TEST_CASE("channels stay as they are ahead of what minds a scale") {
  const auto unchanged = [](const ir::Graph& network) {
    return equalise(network, observe_channels(network, normal_inputs(network, Rng(4), 2))) == network;
  };
  CHECK_FALSE(unchanged(uneven_network(0.1F, ir::Activation::kNone)));
  CHECK(unchanged(uneven_network(0.1F, ir::Activation::kRelu6)));
  const auto between = [](const auto& middle) {
    GraphBuilder b({.h = 4, .w = 4, .c = 3}, Rng(5));
    const int first = b.conv(0, 4, 3);
    return b.finish(b.dense(b.global_pool(middle(b, first)), 2));
  };
  CHECK_FALSE(unchanged(between([](GraphBuilder&, int tensor) { return tensor; })));
  CHECK(unchanged(between([](GraphBuilder& b, int tensor) { return b.add(tensor, tensor); })));
  CHECK(unchanged(between([](GraphBuilder& b, int tensor) {
    return b.append({.op = ir::OpKind::kFunction, .function = ir::Function::kTanh, .inputs = {tensor, -1}},
                    0);
  })));
}

TEST_CASE("biases make up for what rounded weights add on average") {
  // Weights a little less than half a step off, all to one side, on inputs whose mean is not 0: 0.004 of
  // 1/127 times the sum of 64 inputs of mean 1.
  GraphBuilder b({.h = 1, .w = 1, .c = 64}, Rng(6));
  ir::Graph network = b.finish(b.dense(0, 1));
  network.parameters[0] = {.weight = std::vector<float>(64, 10.4F / 127), .bias = {0}};
  network.parameters[0].weight[0] = 1;
  std::vector<std::vector<float>> all(32, std::vector<float>(64));
  Rng rng(7);
  for (auto& one : all)
    for (float& value : one) value = 1 + 0.5F * static_cast<float>(rng.normal());
  const Inputs inputs = listed_inputs(all);
  const auto noise = [&](bool correct) {
    return noise_of(network, inputs,
                    {.clipping = Clipping::kNone, .equalise = false, .correct_bias = correct});
  };
  // Uncorrected, the output is less by 64 * 0.4 / 127 = 0.2 of 6.2: 30 dB.
  CHECK(noise(false) == Approx(30).margin(2));
  CHECK(noise(true) > noise(false) + 6);
}

TEST_CASE("a percentile leaves out one value of ten thousand") {
  Histogram histogram{.range = {0, 100}, .counts = std::vector<std::int64_t>(100)};
  histogram.counts[3] = 20000;
  histogram.counts[99] = 2;  // 1 of 10001
  CHECK(central_part(histogram).max == Approx(4));
  histogram.counts[99] = 3;
  CHECK(central_part(histogram) == histogram.range);
  // On both sides of 0 half of it each.
  histogram.range = {-50, 50};
  histogram.counts[99] = 1;
  CHECK(central_part(histogram) == Range{.min = -47, .max = -46});
}

TEST_CASE("scores ahead of a softmax are not clipped") {
  GraphBuilder b({.h = 1, .w = 1, .c = 8}, Rng(8));
  const int scores = b.dense(0, 4);
  const ir::Graph network = b.finish(b.append({.op = ir::OpKind::kSoftmax, .inputs = {scores, -1}}, 0));
  const Inputs inputs = normal_inputs(network, Rng(9), 2000);
  const Ranges clipped = calibrate(network, inputs, Clipping::kPercentile);
  CHECK(clipped[at(scores)] == calibrate(network, inputs, Clipping::kNone)[at(scores)]);
}

TEST_CASE("the input's own quantization is its observed range, or what the caller fixes") {
  const ir::Graph network = uneven_network(1, ir::Activation::kRelu);
  const Inputs inputs = normal_inputs(network, Rng(10));
  const Range seen = calibrate(network, inputs)[at(network.input)];
  const auto input_of = [&](const PostTrainingOptions& options) {
    return quantize_after_training(network, inputs, options).graph.quant_of(network.input);
  };
  CHECK(input_of({}).scale == Approx((seen.max - seen.min) / 255));
  CHECK(input_of({.input = kTenths}) == kTenths);
}

TEST_CASE("a nearly dead channel of a convolution keeps its bias") {
  GraphBuilder b({.h = 4, .w = 4, .c = 3}, Rng(11));
  ir::Graph network = b.finish(b.conv(0, 4, 3));
  ir::Parameters& p = network.parameters[0];
  for (std::size_t k = 0; k < p.weight.size() / 4; ++k) p.weight[k] *= 1e-12F;
  p.bias[0] = 1.5F;
  const Inputs inputs = normal_inputs(network, Rng(12), 4);
  const PostTraining made = quantize_after_training(network, inputs);
  const ir::TensorQuant& out = made.graph.quant_of(network.output);
  const auto values =
      Int8Interpreter(made.graph).run(to_int8(inputs.input(0), made.graph.quant_of(network.input)));
  for (std::size_t i = 0; i < values.size(); i += 4)
    CHECK(to_real({&values[i], 1}, out)[0] == Approx(1.5).margin(out.scale));
}

TEST_CASE("the noise of layers is measured alone and through all ahead, and names the worst") {
  // The second of three layers gets an output that is four times too coarse.
  GraphBuilder b({.h = 6, .w = 6, .c = 4}, Rng(13));
  const int one = b.conv(0, 4, 3), two = b.conv(one, 4, 3);
  const ir::Graph network = b.finish(b.conv(two, 4, 3));
  const Inputs inputs = normal_inputs(network, Rng(14));
  Ranges ranges = calibrate(network, inputs);
  const double before = layer_noise(network, quantize(network, ranges), inputs)[1].alone;
  ranges[at(two)] = {.min = 8 * ranges[at(two)].min, .max = 8 * ranges[at(two)].max};
  const ir::Graph quantized = quantize(network, ranges);
  const auto noise = layer_noise(network, quantized, inputs);
  CHECK(noise[1].alone == Approx(before - 18).margin(3));  // 20 log10(8)
  CHECK(noisiest_layer(noise) == 1);
  CHECK(noise[2].alone > noise[1].alone + 6);
  CHECK(noise[2].through < noise[2].alone - 6);  // what the second did comes through
  CHECK(noise[2].through == Approx(output_noise(network, quantized, inputs)));
  CHECK(noise[0].through < noise[0].alone);  // the input was rounded, too
}

TEST_CASE("quantizing after training does not depend on the threads") {
  const ir::Graph network = test::random_network(Rng(15), 2);
  const Inputs inputs = normal_inputs(network, Rng(16), 20);
  const ir::Graph graph = quantize_after_training(network, inputs).graph;
  for (const int threads : {1, 3}) {
    set_parallel_threads(threads);
    CHECK(quantize_after_training(network, inputs).graph == graph);
  }
  set_parallel_threads(0);
}

TEST_CASE("what cannot be calibrated is refused") {
  const ir::Graph network = uneven_network(1, ir::Activation::kRelu);
  CHECK_THROWS_WITH(quantize_after_training(network, {}), Catch::Contains("no inputs"));
  std::vector<float> wild(at(network.tensor(network.input).elements()), 1.0F);
  wild[7] = std::nanf("");
  CHECK_THROWS_WITH(quantize_after_training(network, listed_inputs({wild})),
                    Catch::Contains("an input holds values that are not finite"));
  ir::Graph other = quantize_after_training(network, normal_inputs(network, Rng(1))).graph;
  other.layers.pop_back();
  CHECK_THROWS_WITH(layer_noise(network, other, {}), Catch::Contains("float network's layers"));
}

}  // namespace tinynas::quant
