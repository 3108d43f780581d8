// Dilations, groups, and operators of two tensors, in TFLite files.
#include <cmath>

#include "import/tflite_writer.h"
#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/import/import.h"
#include "tinynas/ir/ops.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;

namespace {

using Numbers8 = std::vector<std::int8_t>;

tinynas::import::Folded further_fold(const std::string& file) {
  return import::fold(import::read_tflite(file));
}

Numbers8 further_run(const std::string& file, const Numbers8& image) {
  return quant::Int8Interpreter(further_fold(file).graph).run(image);
}

/// in [1, H, W, C] -> two tensors by 1x1 depthwise layers of 1 and -1 -> op -> out.
Numbers8 of_both_signs(test::TfliteOp op, const Numbers8& image) {
  const auto n = static_cast<std::int32_t>(image.size());
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 1, 1, n}, 1, 0), out = writer.int8("out", {1, 1, 1, n}, 1, 0);
  const int one = writer.int8("one", {1, 1, 1, n}, 1, 0), other = writer.int8("other", {1, 1, 1, n}, 2, 0);
  const std::vector<std::int32_t> shape = {1, 1, 1, n};
  writer.node(test::kTfDepthwise, {in, writer.weights(shape, {1}, Numbers8(image.size(), 1), 3), -1}, {one},
              {{1, 4, 1}, {2, 4, 1}});
  writer.node(test::kTfDepthwise, {in, writer.weights(shape, {1}, Numbers8(image.size(), -1), 3), -1},
              {other}, {{1, 4, 1}, {2, 4, 1}});
  writer.node(op, {one, other}, {out});
  return further_run(writer.finish({in}, {out}), image);
}

}  // namespace

TEST_CASE("a dilated convolution reads every other row, and has zeros between its columns") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 3, 3, 1}, 1, 0), out = writer.int8("out", {1, 1, 1, 1}, 1, 0);
  const int w = writer.weights({1, 2, 2, 1}, {1}, {1, 2, 3, 4});
  writer.node(test::kTfConv, {in, w, -1}, {out}, {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}, {4, 4, 2}, {5, 4, 2}});
  const std::string file = writer.finish({in}, {out});
  const ir::Layer layer = further_fold(file).graph.layers.at(0);
  CHECK(layer.kernel_h == 2);
  CHECK(layer.dilation_h == 2);
  CHECK(layer.kernel_w == 3);
  // The corners: 1 + 2 * 3 + 3 * 7 + 4 * 9.
  CHECK(further_run(file, {1, 2, 3, 4, 5, 6, 7, 8, 9}) == Numbers8{64});
}

TEST_CASE("a convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND is a dilated one") {
  for (const bool constant : {true, false}) {
    test::TfliteWriter writer;
    const int in = writer.int8("in", {1, 3, 2, 1}, 1, 0), out = writer.int8("out", {1, 3, 2, 1}, 1, 0);
    const int apart = writer.int8("apart", {4, 4, 3, 1}, 1, 0),
              made = writer.int8("made", {4, 2, 1, 1}, 1, 0);
    const int block = writer.int32({2}, {2, 2});
    // 2 rows of zeros ahead and 3 behind, of which one is for whole blocks only.
    const int pads = constant ? writer.int32({2, 2}, {2, 3, 2, 2}) : in;
    const int crops = writer.int32({2, 2}, {0, 1, 0, 0});
    const int w = writer.weights({1, 3, 3, 1}, {1}, {1, 0, 0, 0, 2, 0, 0, 0, 0});
    writer.node(test::kTfSpaceToBatch, {in, block, pads}, {apart});
    writer.node(test::kTfConv, {apart, w, -1}, {made}, {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}});
    writer.node(test::kTfBatchToSpace, {made, block, crops}, {out});
    const std::string file = writer.finish({in}, {out});
    if (constant) {
      // Twice each value, and the one two rows above and two columns to the left: none here has one.
      CHECK(further_run(file, {1, 2, 3, 4, 5, 6}) == Numbers8{2, 4, 6, 8, 10, 12});
      CHECK(further_fold(file).graph.layers.at(0).dilation_h == 2);
      CHECK(further_fold(file).graph.layer_count() == 1);
    } else {
      CHECK_THROWS_WITH(further_run(file, {1, 2, 3, 4, 5, 6}),
                        Catch::Contains("SPACE_TO_BATCH_ND (node 0 'apart'): it is computed around"));
    }
  }
}

TEST_CASE("groups of a convolution do not mix") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 1, 1, 4}, 1, 0), out = writer.int8("out", {1, 1, 1, 2}, 1, 0);
  const int w = writer.weights({2, 1, 1, 2}, {1}, {1, 2, 3, 4});
  writer.node(test::kTfConv, {in, w, -1}, {out}, {{1, 4, 1}, {2, 4, 1}});
  // 1 + 2 * 2, 3 * 3 + 4 * 4.
  CHECK(further_run(writer.finish({in}, {out}), {1, 2, 3, 4}) == Numbers8{5, 25});
}

TEST_CASE("two tensors are subtracted, and the smaller or larger one is taken") {
  // -x in steps of 2: 3 becomes -1.5, which rounds up to -1, that is -2; -9 becomes 4.5, 5, that is 10.
  CHECK(of_both_signs(test::kTfSub, {3, -9, 0}) == Numbers8{5, -19, 0});
  CHECK(of_both_signs(test::kTfMaximum, {3, -9, 0}) == Numbers8{3, 10, 0});
  CHECK(of_both_signs(test::kTfMinimum, {3, -9, 0}) == Numbers8{-2, -9, 0});
}

TEST_CASE("a tensor of one pixel is added to every pixel, one of one channel to every channel") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 2, 2, 2}, 1, 0), out = writer.int8("out", {1, 2, 2, 2}, 1, 0);
  const int pixel = writer.int8("pixel", {1, 1, 1, 2}, 1, 0),
            channel = writer.int8("channel", {1, 2, 2, 1}, 1, 0),
            sum = writer.int8("sum", {1, 2, 2, 2}, 1, 0);
  writer.node(test::kTfMaxPool, {in}, {pixel}, {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}, {3, 4, 2}, {4, 4, 2}});
  writer.node(test::kTfConv, {in, writer.weights({1, 1, 1, 2}, {1}, {1, 0}), -1}, {channel},
              {{1, 4, 1}, {2, 4, 1}});
  writer.node(test::kTfAdd, {pixel, in}, {sum});
  writer.node(test::kTfSub, {sum, channel}, {out});
  // Largest: 7 and 8. The first channel is taken off: 7, and 8 + 1.
  CHECK(further_run(writer.finish({in}, {out}), {1, 2, 3, 4, 5, 6, 7, 8}) ==
        Numbers8{7, 9, 7, 9, 7, 9, 7, 9});
}

TEST_CASE("constants bound values, and values are taken from constants") {
  for (const test::TfliteOp op : {test::kTfMaximum, test::kTfMinimum, test::kTfSub}) {
    test::TfliteWriter writer;
    const int in = writer.int8("in", {1, 1, 1, 3}, 1, 0), out = writer.int8("out", {1, 1, 1, 3}, 1, 0);
    const int five = writer.tensor("five", {1}, test::kTfInt8, {{0.5F}, {0}}, "\x0a");
    writer.node(op, {five, in}, {out});
    const Numbers8 made = further_run(writer.finish({in}, {out}), {-7, 4, 9});
    CHECK(made == (op == test::kTfMaximum   ? Numbers8{5, 5, 9}
                   : op == test::kTfMinimum ? Numbers8{-7, 4, 5}
                                            : Numbers8{12, 1, -4}));
  }
}

TEST_CASE("a LOG_SOFTMAX is computed in int8, also behind the last DEQUANTIZE") {
  for (const bool real : {false, true}) {
    test::TfliteWriter writer;
    const int in = writer.int8("in", {1, 3}, 0.5F, 0);
    const int out =
        real ? writer.tensor("out", {1, 3}, test::kTfFloat32, {}) : writer.int8("out", {1, 3}, 0.0625F, 127);
    int from = in;
    if (real) {
      from = writer.tensor("real", {1, 3}, test::kTfFloat32, {});
      writer.node(test::kTfDequantize, {in}, {from});
    }
    writer.node(test::kTfLogSoftmax, {from}, {out});
    const import::Folded folded = further_fold(writer.finish({in}, {out}));
    CHECK(folded.output.quant == ir::TensorQuant{.scale = 0.0625F, .zero_point = 127});
    // x = 1, 0, -2: ln(e^1 + 1 + e^-2) = 1.3490.
    const double sum = std::log(std::exp(1.0) + 1 + std::exp(-2.0));
    Numbers8 expected;
    for (const double x : {1.0, 0.0, -2.0})
      expected.push_back(static_cast<std::int8_t>(127 + std::lround((x - sum) / 0.0625)));
    CHECK(quant::Int8Interpreter(folded.graph).run(Numbers8{2, 0, -4}) == expected);
  }
}
