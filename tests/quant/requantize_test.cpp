#include "tinynas/quant/requantize.h"

#include <cmath>

#include "support/catch.h"
#include "support/graphs.h"
#include "tinynas/core/error.h"

namespace tinynas::quant {
namespace {

constexpr std::int32_t kHalf = 1 << 30;  // 0.5 in units of 2^-31

/// Dense layer of two inputs and one output with given scales.
ir::Graph dense(float in_scale, int in_zero, float weight_scale, float out_scale,
                std::vector<std::int8_t> weight, std::int32_t bias) {
  test::GraphBuilder b({.h = 1, .w = 1, .c = static_cast<int>(weight.size())}, Rng(1));
  ir::Graph graph = b.finish(b.dense(0, 1));
  graph.parameters.clear();
  graph.quant = ir::Quantization{
      .tensors = {{.scale = in_scale, .zero_point = in_zero}, {.scale = out_scale, .zero_point = 7}},
      .layers = {{.weight = std::move(weight), .weight_scale = {weight_scale}, .bias = {bias}}}};
  return graph;
}

}  // namespace

TEST_CASE("multipliers are the nearest 31-bit fraction") {
  CHECK(make_multiplier(0.5) == Multiplier{.multiplier = kHalf, .shift = 0});
  CHECK(make_multiplier(0.001) == Multiplier{.multiplier = 2147484, .shift = 0});  // 2147483.648
  CHECK(make_multiplier(1.0) == Multiplier{.multiplier = kHalf, .shift = 1});
  CHECK(make_multiplier(3.0) == Multiplier{.multiplier = 3 << 29, .shift = 2});  // 0.75 * 2^2
  // Rounds to 2^31, which is no int32: halved once.
  CHECK(make_multiplier(1.0 - 1e-12) == Multiplier{.multiplier = kHalf, .shift = 1});
  CHECK(make_multiplier(1e-30).multiplier == 1);
  CHECK_THROWS_AS(make_multiplier(0.0), GraphError);
  CHECK_THROWS_AS(make_multiplier(std::nan("")), GraphError);
  CHECK_THROWS_AS(make_multiplier(1e10), GraphError);
}

TEST_CASE("requantization rounds once, ties upward, and saturates") {
  const Multiplier half = make_multiplier(0.5);
  CHECK(requantize(5, half, 0) == 3);    // 2.5
  CHECK(requantize(-5, half, 0) == -2);  // -2.5
  CHECK(requantize(-7, half, 10) == 7);  // -3.5 -> -3, + 10
  CHECK(requantize(1000, half, 0) == 127);
  CHECK(requantize(-1000, half, 0) == -128);
  CHECK(requantize(0x7fffffff, {.multiplier = 0x7fffffff, .shift = 0}, 0) == 127);
  CHECK(requantize(-0x7fffffff - 1, {.multiplier = 0x7fffffff, .shift = 0}, 0) == -128);
  CHECK(requantize(3, make_multiplier(2.0), 0) == 6);
}

TEST_CASE("requantization is the nearest integer of the exact product") {
  Rng rng(1);
  for (int i = 0; i < 20000; ++i) {
    const auto m = static_cast<std::int32_t>(1 + rng.below(0x7fffffff));
    const int acc = rng.between(-1 << 20, 1 << 20);
    const int zero_point = rng.between(-128, 127);
    // |acc| < 2^21 and m < 2^31: the product has at most 52 bits and is exact in a double.
    const double exact = std::floor(static_cast<double>(acc) * m / 2147483648.0 + 0.5) + zero_point;
    REQUIRE(requantize(acc, {.multiplier = m, .shift = 0}, zero_point) == std::clamp(exact, -128.0, 127.0));
  }
}

TEST_CASE("add uses the largest shift that keeps both multipliers in 15 bits") {
  // Ratios 0.5 and 0.25. 0.5 * 2^16 = 32768 is one too many; 2^15: 16384 and 8192.
  // c = 2^15 * 3 - 16384 * 1 - 8192 * -2 + 2^14 = 98304 - 16384 + 16384 + 16384
  const AddMultipliers m = make_add({.scale = 0.5F, .zero_point = 1}, {.scale = 0.25F, .zero_point = -2},
                                    {.scale = 1.0F, .zero_point = 3});
  CHECK(m == AddMultipliers{.ma = 16384, .mb = 8192, .c = 114688, .shift = 15});
  // (11 - 1) * 0.5 + (6 + 2) * 0.25 = 7; + 3
  CHECK((11 * m.ma + 6 * m.mb + m.c) >> m.shift == 10);
}

TEST_CASE("add keeps its sum in 32 bits at the ends of the zero points") {
  // 0.00195 * 2^24 = 32716: shift 24 by the multipliers alone, but the sum can then reach
  // 2^24 * -128 + 2^23 - 255 * 2 * 32716 < -2^31.
  const ir::TensorQuant in = {.scale = 0.00195F, .zero_point = 127};
  const AddMultipliers m = make_add(in, in, {.scale = 1.0F, .zero_point = -128});
  const double worst = std::abs(static_cast<double>(m.c)) + 128.0 * (m.ma + m.mb);
  CHECK(worst < 2147483648.0);
  CHECK(m.shift == 23);
  CHECK_THROWS_AS(make_add({.scale = 1e6F, .zero_point = 0}, {.scale = 1, .zero_point = 0},
                           {.scale = 1, .zero_point = 0}),
                  GraphError);
}

TEST_CASE("the input's zero point is folded into the bias") {
  // 100 - 5 * (3 - 4) = 105; scale 0.5 * 0.25 / 1 = 0.125
  const LayerArithmetic a = layer_arithmetic(dense(0.5F, 5, 0.25F, 1.0F, {3, -4}, 100), 0);
  CHECK(a.folded_bias == std::vector<std::int32_t>{105});
  CHECK(a.multipliers[0] == make_multiplier(0.125));
  CHECK(a.in_zero_point == 5);
  CHECK(a.out_zero_point == 7);
}

TEST_CASE("accumulators that may leave int32 are refused with layer and channel") {
  // |bias| + 128 * |weights|: 2147483000 + 128 * 5 = 2147483640 < 2^31 = 2147483648; one more weight step is
  // too much.
  CHECK_NOTHROW(layer_arithmetic(dense(0.5F, 0, 0.25F, 1.0F, {5}, 2147483000), 0));
  CHECK_THROWS_WITH(layer_arithmetic(dense(0.5F, 0, 0.25F, 1.0F, {6}, 2147483000), 0),
                    Catch::Contains("layer 0 (layer0): output channel 0"));
  // Scale 2 shifts by 2 first (0.5 * 2^2): a quarter of the room.
  CHECK_NOTHROW(layer_arithmetic(dense(1, 0, 2, 1, {0}, (1 << 29) - 1), 0));
  CHECK_THROWS_AS(layer_arithmetic(dense(1, 0, 2, 1, {0}, 1 << 29), 0), GraphError);
}

TEST_CASE("the pool's multiplier divides by the pixels") {
  test::GraphBuilder b({.h = 2, .w = 4, .c = 3}, Rng(1));
  ir::Graph graph = b.finish(b.global_pool(0));
  graph.quant = ir::Quantization{
      .tensors = {{.scale = 0.5F, .zero_point = 0}, {.scale = 0.25F, .zero_point = 0}}, .layers = {{}}};
  CHECK(pool_multiplier(graph, 0) == make_multiplier(2.0 / 8));
}

}  // namespace tinynas::quant
