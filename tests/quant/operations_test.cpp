// Operations without weights, by hand and against the float network.
#include <cmath>

#include "support/catch.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::quant {
namespace {

using test::GraphBuilder;
using Values = std::vector<std::int8_t>;

/// A graph of one layer on the input (twice, if it takes two), with given quantization of input and output.
ir::Graph alone(ir::Layer layer, ir::Shape in, ir::TensorQuant from, ir::TensorQuant to) {
  GraphBuilder b(in, Rng(1));
  layer.inputs = {0, layer.op == ir::OpKind::kMul || layer.op == ir::OpKind::kConcat ? 0 : -1};
  ir::Graph graph = b.finish(b.append(layer, 0));
  graph.parameters.clear();
  graph.quant = ir::Quantization{.tensors = {from, to}, .layers = {{}}};
  return graph;
}

constexpr ir::TensorQuant kPlain = {.scale = 1, .zero_point = 0};
const ir::Layer kWindow2x2 = {
    .op = ir::OpKind::kAveragePool, .kernel_h = 2, .kernel_w = 2, .pad_top = 1, .pad_left = 1};

}  // namespace

TEST_CASE("an average pool does not count its padding") {
  // Image (1 2 / 3 5), zero point 1: real values 0 1 / 2 4. Windows: {0}, {0 1}, {0 2}, {0 1 2 4}.
  // Means 0, 0.5, 1, 1.75; rounded with ties upward 0, 1, 1, 2; plus the output's zero point 10.
  const ir::Graph graph = alone(kWindow2x2, {.h = 2, .w = 2, .c = 1}, {.scale = 1, .zero_point = 1},
                                {.scale = 1, .zero_point = 10});
  CHECK(Int8Interpreter(graph).run(Values{1, 2, 3, 5}) == Values{10, 11, 11, 12});
}

TEST_CASE("a max pool looks at the image only") {
  ir::Layer layer = kWindow2x2;
  layer.op = ir::OpKind::kMaxPool;
  const ir::Graph graph = alone(layer, {.h = 2, .w = 2, .c = 1}, kPlain, kPlain);
  CHECK(Int8Interpreter(graph).run(Values{-1, -2, -3, -5}) == Values{-1, -1, -1, -1});
  const ir::Graph rescaled = alone(layer, {.h = 2, .w = 2, .c = 1}, kPlain, {.scale = 2, .zero_point = 0});
  CHECK_THROWS_WITH(Int8Interpreter(rescaled),
                    Catch::Contains("layer 0 (layer0): input and output must have one scale"));
}

TEST_CASE("a product rounds once") {
  // (3 - 1)^2 * (0.5 * 0.5 / 2) = 0.5 -> 1, + 7; (-6 - 1)^2 / 8 = 6.125 -> 6, + 7
  const ir::Graph graph = alone({.op = ir::OpKind::kMul}, {.h = 1, .w = 1, .c = 2},
                                {.scale = 0.5F, .zero_point = 1}, {.scale = 2, .zero_point = 7});
  CHECK(Int8Interpreter(graph).run(Values{3, -6}) == Values{8, 13});
}

TEST_CASE("concat keeps values of equal scale and rescales others") {
  const ir::Graph same = alone({.op = ir::OpKind::kConcat}, {.h = 1, .w = 2, .c = 2}, kPlain, kPlain);
  CHECK(Int8Interpreter(same).run(Values{1, 2, 3, 4}) == Values{1, 2, 1, 2, 3, 4, 3, 4});
  // Scale 1 to 2: halves, ties upward.
  const ir::Graph half =
      alone({.op = ir::OpKind::kConcat}, {.h = 1, .w = 1, .c = 2}, kPlain, {.scale = 2, .zero_point = -5});
  CHECK(Int8Interpreter(half).run(Values{6, -3}) == Values{-2, -6, -2, -6});
}

TEST_CASE("softmax is exp over its sum") {
  // Scale ln 2: each step halves. Differences 0, 1, 2: 1 / 1.75, 0.5 / 1.75, 0.25 / 1.75 of 256 =
  // 146.3, 73.1, 36.6.
  const ir::Graph graph = alone({.op = ir::OpKind::kSoftmax}, {.h = 1, .w = 1, .c = 3},
                                {.scale = std::log(2.0F), .zero_point = 3}, kShareQuant);
  CHECK(Int8Interpreter(graph).run(Values{20, 19, 18}) == Values{18, -55, -91});
  // One certain class is 256 / 256: saturated.
  CHECK(Int8Interpreter(graph).run(Values{100, -100, -100}) == Values{127, -128, -128});
}

TEST_CASE("hard_swish is x times a sixth of x + 3 between -3 and 3") {
  // x = q / 2: 1 * 4 / 6 = 0.667, -2 * 1 / 6 = -0.333, -3 and below 0, 4 above 3 itself; in quarters,
  // rounded: 3, -1, 0, 0, 16; plus the output's zero point -100.
  const ir::Graph graph =
      alone({.op = ir::OpKind::kFunction, .function = ir::Function::kHardSwish}, {.h = 1, .w = 1, .c = 5},
            {.scale = 0.5F, .zero_point = 0}, {.scale = 0.25F, .zero_point = -100});
  CHECK(Int8Interpreter(graph).run(Values{2, -4, -6, -128, 8}) == Values{-97, -101, -100, -100, -84});
}

TEST_CASE("sigmoids end at 0 and at 255 / 256") {
  // x = (q - 1) / 4. hard: (x + 3) / 6 of 256: x = 0 gives 128, 1.5 gives 192, -3 gives 0, 3 gives 256: one
  // too many. exact: 1 / (1 + e) = 0.2689 of 256 = 68.8.
  const auto graph = [](ir::Function function) {
    return alone({.op = ir::OpKind::kFunction, .function = function}, {.h = 1, .w = 1, .c = 4},
                 {.scale = 0.25F, .zero_point = 1}, kShareQuant);
  };
  CHECK(Int8Interpreter(graph(ir::Function::kHardSigmoid)).run(Values{1, 7, -11, 13}) ==
        Values{0, 64, -128, 127});
  CHECK(Int8Interpreter(graph(ir::Function::kSigmoid)).run(Values{1, -3, -128, 127}) ==
        Values{0, -59, -128, 127});
}

TEST_CASE("below 0 a leaky relu has its slope") {
  // x = (q - 2) / 2: -3, 4, -1; a fifth of the negative ones, in quarters: -2.4 and -0.8.
  const ir::Graph graph =
      alone({.op = ir::OpKind::kFunction, .function = ir::Function::kLeakyRelu, .slope = 0.2F},
            {.h = 1, .w = 1, .c = 3}, {.scale = 0.5F, .zero_point = 2}, {.scale = 0.25F, .zero_point = 0});
  CHECK(Int8Interpreter(graph).run(Values{-4, 10, 0}) == Values{-2, 16, -1});
}

TEST_CASE("a tensor that only functions read is quantized where they change") {
  // hard_sigmoid: -3..3 in 255 steps, whatever else is reached; read by a sum too, the whole range counts.
  for (const bool other_reader : {false, true}) {
    GraphBuilder b({.h = 2, .w = 2, .c = 4}, Rng(3));
    const int wide = b.conv(0, 4, 1);
    const int gate = b.append(
        {.op = ir::OpKind::kFunction, .function = ir::Function::kHardSigmoid, .inputs = {wide, -1}}, 0);
    const ir::Graph graph = b.finish(other_reader ? b.add(gate, wide) : gate);
    Ranges ranges(graph.tensors.size(), {.min = -20, .max = 31});
    const ir::Graph quantized = quantize(graph, ranges, {.input = kPlain});
    const float scale = quantized.quant->tensors[static_cast<std::size_t>(wide)].scale;
    CHECK(scale == Approx(other_reader ? 51.0 / 255 : 6.0 / 255));
  }
}

TEST_CASE("resize repeats pixels") {
  const ir::Graph graph = alone({.op = ir::OpKind::kResizeNearest, .stride_h = 2, .stride_w = 3},
                                {.h = 1, .w = 2, .c = 1}, kPlain, kPlain);
  CHECK(Int8Interpreter(graph).run(Values{4, 9}) == Values{4, 4, 4, 9, 9, 9, 4, 4, 4, 9, 9, 9});
}

TEST_CASE("depth to space takes a block's pixels from its channels, row by row") {
  // Blocks of 1 x 2 pixels with 2 channels: channels 0 and 1 are the left one.
  const ir::Graph wide =
      alone({.op = ir::OpKind::kDepthToSpace, .stride_w = 2}, {.h = 1, .w = 2, .c = 4}, kPlain, kPlain);
  CHECK(Int8Interpreter(wide).run(Values{1, 2, 3, 4, 5, 6, 7, 8}) == Values{1, 2, 3, 4, 5, 6, 7, 8});
  // Of 2 x 2 with one channel.
  const ir::Graph square = alone({.op = ir::OpKind::kDepthToSpace, .stride_h = 2, .stride_w = 2},
                                 {.h = 1, .w = 2, .c = 4}, kPlain, kPlain);
  CHECK(Int8Interpreter(square).run(Values{1, 2, 3, 4, 5, 6, 7, 8}) == Values{1, 2, 5, 6, 3, 4, 7, 8});
}

TEST_CASE("a gather takes channels in any order, and zeros") {
  constexpr ir::TensorQuant kShifted = {.scale = 1, .zero_point = 7};
  ir::Graph graph{.tensors = {{1, 2, 3}, {1, 2, 4}},
                  .layers = {{.op = ir::OpKind::kGather, .inputs = {0, -1}, .output = 1, .map = 0}},
                  .output = 1,
                  .quant = ir::Quantization{.tensors = {kShifted, kShifted}, .layers = {{}}},
                  .maps = {{2, -1, 0, 2}}};
  CHECK(Int8Interpreter(graph).run(Values{1, 2, 3, 4, 5, 6}) == Values{3, 7, 1, 3, 6, 7, 4, 6});
  graph.maps = {{2, -1, 0, 3}};
  CHECK_THROWS_WITH(ir::validate(graph), Catch::Contains("its map names channel 3 of 3"));
  graph.maps = {{2, -1}};
  CHECK_THROWS_WITH(ir::validate(graph), Catch::Contains("its map has 2 channels, its output 4"));
  graph.maps.clear();
  CHECK_THROWS_WITH(ir::validate(graph), Catch::Contains("its map is number 0 of 0"));
}

TEST_CASE("a slice takes every second row and column of what is left") {
  const ir::Graph graph =
      alone({.op = ir::OpKind::kSlice, .stride_h = 2, .stride_w = 2, .pad_top = 1, .pad_right = 1},
            {.h = 4, .w = 4, .c = 1}, kPlain, kPlain);
  CHECK(Int8Interpreter(graph).run(Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}) ==
        Values{4, 6, 12, 14});
}

TEST_CASE("every operation in int8 stays near its float form") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    const ir::Graph network =
        seed > 4 ? test::further_operations(Rng(seed)) : test::every_operation(Rng(seed));
    const auto pixels = test::random_pixels(Rng(seed + 10), network.tensors[0].elements());
    const ir::Graph graph =
        quantize(network, test::calibrate_on(network, pixels), {.input = test::kPixelQuant});
    std::vector<std::vector<float>> real(network.tensors.size());
    std::vector<float> image(pixels.size());
    for (std::size_t i = 0; i < image.size(); ++i)
      image[i] = test::kPixelQuant.scale * static_cast<float>(pixels[i] - 128);
    run_float(network, image,
              [&](int t, std::span<const float> v) { real[at(t)].assign(v.begin(), v.end()); });
    Int8Interpreter(graph).run(pixels_to_int8(pixels), [&](int t, std::span<const std::int8_t> v) {
      CAPTURE(t);
      const ir::TensorQuant& q = graph.quant->tensors[at(t)];
      double error = 0;
      double size = 0;
      for (std::size_t i = 0; i < v.size(); ++i) {
        error += std::pow(q.scale * static_cast<float>(v[i] - q.zero_point) - real[at(t)][i], 2);
        size += std::pow(real[at(t)][i], 2);
      }
      CHECK(std::sqrt(error) <= 0.06 * std::sqrt(size));
    });
  }
}

}  // namespace tinynas::quant
