// Operators that become several layers: resizing, reductions, constants of an image's shape, values repeated.
#include <cmath>
#include <numeric>

#include "import/tflite_writer.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/import/import.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;

namespace {

using Whole = std::vector<std::int8_t>;
using Extents = std::vector<std::int32_t>;

/// One operator of int8, scale 1 and zero point 0, on a tensor and constants of integers.
struct OneOperator {
  test::TfliteOp op;
  Extents in, out;
  std::vector<Extents> numbers = {};
  std::vector<test::TfliteField> options = {};
  float out_scale = 1;

  std::string file() const {
    test::TfliteWriter writer;
    const int from = writer.int8("in", in, 1, 0), to = writer.int8("out", out, out_scale, 0);
    Extents inputs = {from};
    for (const Extents& one : numbers)
      inputs.push_back(writer.int32({static_cast<std::int32_t>(one.size())}, one));
    writer.node(op, inputs, {to}, options);
    return writer.finish({from}, {to});
  }
};

ir::Graph graph_of(const std::string& file) { return import::fold(import::read_tflite(file)).graph; }

Whole of_image(const OneOperator& one, const Whole& image) {
  const ir::Graph graph = graph_of(one.file());
  const test::TemporaryFolder folder;
  tinynas::onnx::export_onnx(graph, {}, folder / "model.onnx");
  CHECK(tinynas::onnx::import_onnx(folder / "model.onnx").graph == graph);
  return quant::Int8Interpreter(graph).run(image);
}

/// 0, 1, 2, ... of a shape.
Whole counted(const Extents& shape) {
  Whole image(at(std::accumulate(shape.begin(), shape.end(), 1, std::multiplies<>())));
  std::iota(image.begin(), image.end(), std::int8_t{0});
  return image;
}
Whole of_counted(const OneOperator& one) { return of_image(one, counted(one.in)); }

}  // namespace

TEST_CASE("a bilinear resize by whole factors weighs the nearest pixels, and repeats the edges") {
  const std::vector<test::TfliteField> centred = {{3, 1, 1}}, corners = {{2, 1, 1}};
  // Places of 4 columns from 2 by their centres: -0.25, 0.25, 0.75, 1.25.
  CHECK(of_image({test::kTfResizeBilinear, {1, 1, 2, 1}, {1, 1, 4, 1}, {{1, 4}}, centred}, {0, 40}) ==
        Whole{0, 10, 30, 40});
  // By their edges: 0, 0.5, 1, and beyond the last one.
  CHECK(of_image({test::kTfResizeBilinear, {1, 1, 2, 1}, {1, 1, 4, 1}, {{1, 4}}}, {0, 40}) ==
        Whole{0, 20, 40, 40});
  // Aligned corners: 3 columns from 2 at 0, 0.5, 1; rows too.
  CHECK(of_image({test::kTfResizeBilinear, {1, 2, 2, 1}, {1, 3, 3, 1}, {{3, 3}}, corners},
                 {0, 40, 80, 120}) == Whole{0, 20, 40, 40, 60, 80, 80, 100, 120});
  // Two channels, rows only; 3 rows by their centres at -1/3, 0, 1/3 around each.
  CHECK(of_image({test::kTfResizeBilinear, {1, 2, 1, 2}, {1, 6, 1, 2}, {{6, 1}}, centred}, {0, 3, 30, 63}) ==
        Whole{0, 3, 0, 3, 10, 23, 20, 43, 30, 63, 30, 63});
}

TEST_CASE("a bilinear resize of a small image takes any sizes") {
  // 3 columns from 4 by their centres: 1/6, 1.5, 2 5/6.
  CHECK(of_image({test::kTfResizeBilinear, {1, 1, 4, 1}, {1, 1, 3, 1}, {{1, 3}}, {{3, 1, 1}}},
                 {0, 60, 0, 120}) == Whole{10, 30, 100});
  CHECK_THROWS_WITH(
      graph_of(OneOperator{test::kTfResizeBilinear, {1, 99, 99, 3}, {1, 100, 100, 3}, {{100, 100}}}.file()),
      Catch::Contains("[99, 99] becomes [100, 100]; instead: whole factors"));
}

TEST_CASE("nearest neighbours are found for factors that are not whole, and between corners") {
  // Columns 0, 0.75, 1.5, 2.25 rounded down; rows 0, 0.67, 1.33.
  CHECK(of_counted({test::kTfResizeNearest, {1, 2, 3, 1}, {1, 3, 4, 1}, {{3, 4}}}) ==
        Whole{0, 0, 1, 2, 0, 0, 1, 2, 3, 3, 4, 5});
  // Aligned corners: columns 0, 0.67, 1.33, 2 rounded.
  CHECK(of_counted({test::kTfResizeNearest, {1, 1, 3, 1}, {1, 1, 4, 1}, {{1, 4}}, {{0, 1, 1}}}) ==
        Whole{0, 1, 1, 2});
}

TEST_CASE("mirrored edges repeat the last value or do not") {
  CHECK(of_counted({test::kTfMirrorPad, {1, 2, 3, 1}, {1, 4, 5, 1}, {{0, 0, 1, 1, 1, 1, 0, 0}}}) ==
        Whole{4, 3, 4, 5, 4, 1, 0, 1, 2, 1, 4, 3, 4, 5, 4, 1, 0, 1, 2, 1});
  CHECK(
      of_counted({test::kTfMirrorPad, {1, 2, 3, 1}, {1, 3, 5, 1}, {{0, 0, 1, 0, 0, 2, 0, 0}}, {{0, 1, 1}}}) ==
      Whole{0, 1, 2, 2, 1, 0, 1, 2, 2, 1, 3, 4, 5, 5, 4});
}

TEST_CASE("blocks become channels, and dimensions of 1 are repeated") {
  CHECK(of_counted({test::kTfSpaceToDepth, {1, 2, 4, 1}, {1, 1, 2, 4}, {}, {{0, 4, 2}}}) ==
        Whole{0, 1, 4, 5, 2, 3, 6, 7});
  CHECK(of_counted({test::kTfBroadcastTo, {1, 2, 1, 2}, {1, 2, 3, 2}, {{1, 2, 3, 2}}}) ==
        Whole{0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3});
}

TEST_CASE("sums, means, largest and smallest are over rows, columns or channels") {
  const Extents shape = {1, 2, 2, 3};
  // Pixels 0 1 2, 3 4 5, 6 7 8, 9 10 11.
  CHECK(of_counted({test::kTfMean, shape, {1, 2, 2}, {{3}}}) == Whole{1, 4, 7, 10});
  CHECK(of_counted({test::kTfSum, shape, {1, 2, 2}, {{-1}}}) == Whole{3, 12, 21, 30});
  CHECK(of_counted({test::kTfSum, shape, {1, 1, 1, 3}, {{1, 2}}, {{0, 1, 1}}}) == Whole{18, 22, 26});
  CHECK(of_counted({test::kTfSum, shape, {1}, {{1, 2, 3}}}) == Whole{66});
  CHECK(of_counted({test::kTfReduceMax, shape, {1, 2, 2}, {{3}}}) == Whole{2, 5, 8, 11});
  CHECK(of_counted({test::kTfReduceMax, shape, {1, 2}, {{2, 3}}}) == Whole{5, 11});
  CHECK(of_counted({test::kTfReduceMin, shape, {1, 2, 3}, {{1}}}) == Whole{0, 1, 2, 3, 4, 5});
  CHECK(of_image({test::kTfReduceMin, shape, {1, 2, 2}, {{3}}}, {5, -3, 7, 0, 127, 1, -128, 0, 0, 9, 8, 9}) ==
        Whole{-3, 0, -128, 8});
}

TEST_CASE("a constant of the image's shape is added, subtracted, multiplied") {
  for (const test::TfliteOp op : {test::kTfAdd, test::kTfSub, test::kTfMul}) {
    test::TfliteWriter writer;
    const int in = writer.int8("in", {1, 2, 2, 1}, 1, 0), out = writer.int8("out", {1, 2, 2, 1}, 1, 0);
    const int constant =
        writer.tensor("constant", {1, 2, 2, 1}, test::kTfInt8, {{2}, {1}}, "\x02\x03\x01\x05");
    writer.node(op, {in, constant}, {out});  // 2, 4, 0, 8
    const Whole made = quant::Int8Interpreter(graph_of(writer.finish({in}, {out}))).run(Whole{1, -2, 3, 4});
    CHECK(made == (op == test::kTfAdd   ? Whole{3, 2, 3, 12}
                   : op == test::kTfSub ? Whole{-1, -6, 3, -4}
                                        : Whole{2, -8, 0, 32}));
  }
}

TEST_CASE("a constant of one row's shape is one for all rows, and a pixel is repeated for it") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 2, 2, 1}, 1, 0), out = writer.int8("out", {1, 2, 2, 2}, 1, 0);
  const int constant = writer.tensor("constant", {2, 2}, test::kTfInt8, {{1}, {0}}, "\x01\x02\x03\x04");
  writer.node(test::kTfAdd, {constant, in}, {out});
  const ir::Graph graph = graph_of(writer.finish({in}, {out}));
  CHECK(quant::Int8Interpreter(graph).run(Whole{10, 20, 30, 40}) == Whole{11, 12, 23, 24, 31, 32, 43, 44});
}

TEST_CASE("a softmax with another beta is that of a scaled input") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 2}, 1, 3), out = writer.int8("out", {1, 2}, 1.0F / 256, -128);
  constexpr std::int32_t kHalf = 0x3f000000;  // 0.5F
  writer.node(test::kTfSoftmax, {in}, {out}, {{0, 4, kHalf}});
  // e^(0.5 * 2) : 1 = 0.7311 : 0.2689, in 256ths 187 and 69.
  CHECK(quant::Int8Interpreter(graph_of(writer.finish({in}, {out}))).run(Whole{5, 3}) == Whole{59, -59});
}

TEST_CASE("a network that gives back what it gets, or the first of it, copies that") {
  CHECK(of_counted({test::kTfReshape, {1, 2, 2, 1}, {1, 4}}) == Whole{0, 1, 2, 3});
  CHECK(of_counted({test::kTfSlice, {1, 4}, {1, 2}, {{0, 0}, {1, 2}}}) == Whole{0, 1});
}

TEST_CASE("integers without a scale may only move") {
  for (const bool moves : {true, false}) {
    test::TfliteWriter writer;
    const int in = writer.tensor("in", {1, 1, 1, 4}, test::kTfInt8, {}),
              out = writer.tensor("out", {1, 1, 1, 2}, test::kTfInt8, {});
    if (moves)
      writer.node(test::kTfStridedSlice,
                  {in, writer.int32({4}, {0, 0, 0, 1}), writer.int32({4}, {1, 1, 1, 3}),
                   writer.int32({4}, {1, 1, 1, 1})},
                  {out});
    else
      writer.node(test::kTfRelu, {in}, {out});
    const std::string file = writer.finish({in}, {out});
    if (moves)
      CHECK(quant::Int8Interpreter(graph_of(file)).run(Whole{1, 2, 3, 4}) == Whole{2, 3});
    else
      CHECK_THROWS_WITH(graph_of(file),
                        Catch::Contains("the input 'in': its values are int8 without a scale"));
  }
}

TEST_CASE("nodes behind a refused input are not refused once more") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {2, 3}, 1, 0), out = writer.int8("out", {2, 3}, 1, 0);
  writer.node(test::kTfRelu, {in}, {out});
  const std::string file = writer.finish({in}, {out});
  CHECK_THROWS_WITH(graph_of(file), Catch::Contains("export the network for one input at a time") &&
                                        !Catch::Contains("RELU"));
}
