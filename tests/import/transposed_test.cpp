// Blocks of pixels: depth to space and transposed convolutions.
#include <algorithm>

#include "import/tflite_writer.h"
#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/core/rng.h"
#include "tinynas/import/import.h"
#include "tinynas/ir/ops.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;

namespace {

using Bytes8 = std::vector<std::int8_t>;

struct Transposed {
  ir::Shape in;
  int out_h, out_w, channels;
  int kernel_h, kernel_w, stride_h, stride_w;
  bool same;
};

/// By its definition: each input adds the kernel, times its value, to the outputs that it reaches.
Bytes8 scattered(const Transposed& t, const Bytes8& image, const Bytes8& weights, int bias) {
  const auto ahead = [&](int in, int kernel, int stride, int out) {
    return t.same ? std::max(0, (in - 1) * stride + kernel - out) / 2 : 0;
  };
  const int top = ahead(t.in.h, t.kernel_h, t.stride_h, t.out_h);
  const int left = ahead(t.in.w, t.kernel_w, t.stride_w, t.out_w);
  std::vector<int> sums(at(t.out_h * t.out_w * t.channels), bias);
  for (int y = 0; y < t.in.h; ++y)
    for (int x = 0; x < t.in.w; ++x)
      for (int ky = 0; ky < t.kernel_h; ++ky)
        for (int kx = 0; kx < t.kernel_w; ++kx) {
          const int to_y = y * t.stride_h + ky - top, to_x = x * t.stride_w + kx - left;
          if (to_y < 0 || to_x < 0 || to_y >= t.out_h || to_x >= t.out_w) continue;
          for (int o = 0; o < t.channels; ++o)
            for (int i = 0; i < t.in.c; ++i)
              sums[at((to_y * t.out_w + to_x) * t.channels + o)] +=
                  image[at((y * t.in.w + x) * t.in.c + i)] *
                  weights[at(((o * t.kernel_h + ky) * t.kernel_w + kx) * t.in.c + i)];
        }
  Bytes8 made;
  for (const int sum : sums) made.push_back(static_cast<std::int8_t>(std::clamp(sum, -128, 127)));
  return made;
}

/// Random int8 values up to `most`.
Bytes8 drawn(Rng& rng, std::int64_t count, int most) {
  Bytes8 values(at(static_cast<int>(count)));
  for (auto& value : values) value = static_cast<std::int8_t>(rng.between(-most, most));
  return values;
}

tinynas::import::Folded folded_file(const std::string& file) {
  return import::fold(import::read_tflite(file));
}

}  // namespace

TEST_CASE("a DEPTH_TO_SPACE takes pixels from channels") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 1, 1, 8}, 1, 0), out = writer.int8("out", {1, 2, 2, 2}, 1, 0);
  writer.node(test::kTfDepthToSpace, {in}, {out}, {{0, 4, 2}});
  const import::Folded folded = folded_file(writer.finish({in}, {out}));
  CHECK(quant::Int8Interpreter(folded.graph).run(Bytes8{1, 2, 3, 4, 5, 6, 7, 8}) ==
        Bytes8{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("a transposed convolution is a convolution of blocks, for all kernels, strides and paddings") {
  const std::vector<Transposed> cases = {
      {{3, 4, 2}, 6, 8, 3, 3, 3, 2, 2, true},    // SAME: twice the size
      {{3, 4, 2}, 6, 8, 3, 4, 4, 2, 2, true},    // a pixel is cut off ahead and behind
      {{3, 4, 2}, 7, 9, 3, 3, 3, 2, 2, false},   // VALID: an odd size
      {{3, 4, 2}, 8, 10, 3, 4, 4, 2, 2, false},  // VALID: whole blocks
      {{3, 4, 2}, 3, 4, 3, 3, 3, 1, 1, true},    // no blocks
      {{3, 4, 2}, 9, 8, 1, 5, 2, 3, 2, true},
      {{3, 4, 2}, 9, 8, 2, 1, 1, 3, 2, true},  // kernels smaller than the strides
      {{5, 1, 4}, 20, 1, 2, 8, 1, 4, 1, true},
      {{1, 6, 3}, 1, 13, 2, 1, 3, 1, 2, false},
      {{2, 2, 30}, 4, 4, 2, 4, 4, 2, 2, true},  // many channels: cutting off is cheaper than taps
  };
  Rng rng(8);
  for (const Transposed& t : cases) {
    CAPTURE(t.kernel_h, t.kernel_w, t.stride_h, t.stride_w, t.same);
    test::TfliteWriter writer;
    const int in = writer.int8("in", {1, t.in.h, t.in.w, t.in.c}, 1, 3),
              out = writer.int8("out", {1, t.out_h, t.out_w, t.channels}, 1, 0);
    const Bytes8 weights = drawn(rng, std::int64_t{t.channels} * t.kernel_h * t.kernel_w * t.in.c, 3);
    const int sizes = writer.int32({4}, {1, t.out_h, t.out_w, t.channels});
    const int kernel = writer.weights({t.channels, t.kernel_h, t.kernel_w, t.in.c},
                                      std::vector<float>(at(t.channels), 1.0F), weights);
    const int bias = writer.int32({t.channels}, std::vector<std::int32_t>(at(t.channels), 5));
    writer.node(test::kTfTransposeConv, {sizes, kernel, in, bias}, {out},
                {{0, 1, t.same ? 0 : 1}, {1, 4, t.stride_w}, {2, 4, t.stride_h}});
    const import::Folded folded = folded_file(writer.finish({in}, {out}));
    const Bytes8 real = drawn(rng, t.in.elements(), 9);
    Bytes8 image = real;
    for (auto& value : image) value = static_cast<std::int8_t>(value + 3);
    CHECK(quant::Int8Interpreter(folded.graph).run(image) == scattered(t, real, weights, 5));
  }
}

TEST_CASE("a transposed convolution whose output no input reaches is refused") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 2, 2, 1}, 1, 0), out = writer.int8("out", {1, 9, 9, 1}, 1, 0);
  const int sizes = writer.int32({4}, {1, 9, 9, 1}), kernel = writer.weights({1, 1, 1, 1}, {1}, {1});
  writer.node(test::kTfTransposeConv, {sizes, kernel, in}, {out}, {{0, 1, 1}, {1, 4, 2}, {2, 4, 2}});
  const std::string file = writer.finish({in}, {out});
  CHECK_THROWS_WITH(folded_file(file), Catch::Contains("TRANSPOSE_CONV (node 0 'out'): its output [9, 9]"));
}
