// Nodes that move values: what becomes of them, and that no value is lost on the way.
#include <numeric>

#include "import/tflite_writer.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;
using test::TfliteWriter;
using Values = std::vector<std::int8_t>;

namespace {

tinynas::import::Folded fold_moves(const std::string& file) {
  return import::fold(import::read_tflite(file));
}

/// A file whose values move one node after the other; all of scale 1 and zero point 0.
class Moves {
 public:
  explicit Moves(const std::vector<std::int32_t>& shape) { last_ = in_ = writer.int8("in", shape, 1, 0); }
  int made(const std::vector<std::int32_t>& shape) { return writer.int8("made", shape, 1, 0); }
  /// A node on the last result and constants of one dimension each.
  Moves& then(test::TfliteOp op, const std::vector<std::int32_t>& shape,
              const std::vector<std::vector<std::int32_t>>& constants = {},
              const std::vector<test::TfliteField>& options = {}) {
    std::vector<std::int32_t> inputs = {last_};
    for (const auto& numbers : constants)
      inputs.push_back(writer.int32({static_cast<std::int32_t>(numbers.size())}, numbers));
    last_ = made(shape);
    writer.node(op, inputs, {last_}, options);
    return *this;
  }
  void set_last(int value) { last_ = value; }
  int last() const { return last_; }
  std::string finish() { return writer.finish({in_}, {last_}); }
  ir::Graph graph() { return fold_moves(finish()).graph; }

  TfliteWriter writer;

 private:
  int in_ = -1, last_ = -1;
};

/// What a network makes of 0, 1, 2, ...
Values run(const ir::Graph& graph) {
  Values image(at(graph.tensor(graph.input).elements()));
  std::iota(image.begin(), image.end(), std::int8_t{0});
  return quant::Int8Interpreter(graph).run(image);
}

std::vector<ir::OpKind> operations(const ir::Graph& graph) {
  std::vector<ir::OpKind> kinds;
  for (const ir::Layer& layer : graph.layers) kinds.push_back(layer.op);
  return kinds;
}

}  // namespace

TEST_CASE("a channel shuffle is one gather") {
  const ir::Graph graph = Moves({1, 2, 1, 6})
                              .then(test::kTfReshape, {1, 2, 1, 2, 3})
                              .then(test::kTfTranspose, {1, 2, 1, 3, 2}, {{0, 1, 2, 4, 3}})
                              .then(test::kTfReshape, {1, 2, 1, 6})
                              .graph();
  CHECK(operations(graph) == std::vector{ir::OpKind::kGather});
  CHECK(graph.maps == std::vector<ir::ChannelMap>{{0, 3, 1, 4, 2, 5}});
  CHECK(run(graph) == Values{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11});
}

TEST_CASE("moves there and back are no layer") {
  const ir::Graph graph = Moves({1, 2, 2, 3})
                              .then(test::kTfTranspose, {1, 3, 2, 2}, {{0, 3, 1, 2}})
                              .then(test::kTfReshape, {3, 4})
                              .then(test::kTfTranspose, {4, 3}, {{1, 0}})
                              .then(test::kTfReshape, {1, 2, 2, 3})
                              .then(test::kTfSlice, {1, 1, 2, 3}, {{0, 1, 0, 0}, {1, 1, -1, 3}})
                              .graph();
  CHECK(operations(graph).back() == ir::OpKind::kSlice);
  CHECK(run(graph) == Values{6, 7, 8, 9, 10, 11});
}

TEST_CASE("rows and columns are cut by steps, from the end too") {
  // Columns backwards: the values of each row are gathered.
  CHECK(run(Moves({1, 2, 3, 2}).then(test::kTfReverse, {1, 2, 3, 2}, {{2}}).graph()) ==
        Values{4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7});
  // Of one channel, columns count as channels.
  CHECK(run(Moves({1, 4, 5, 1})
                .then(test::kTfStridedSlice, {1, 2, 3, 1}, {{0, -3, 4, 0}, {1, 4, -6, 1}, {1, 2, -2, 1}})
                .graph()) == Values{9, 7, 5, 19, 17, 15});

  const ir::Graph graph = Moves({1, 4, 5, 1})
                              .then(test::kTfStridedSlice, {1, 2, 3, 1},
                                    {{0, -3, 9, 0}, {9, 9, 9, 9}, {1, 2, 2, 1}}, {{0, 4, 4}, {1, 4, 15}})
                              .graph();
  CHECK(operations(graph) == std::vector{ir::OpKind::kSlice});
  CHECK(run(graph) == Values{5, 7, 9, 15, 17, 19});
}

TEST_CASE("parts of a SPLIT may be joined in another order") {
  for (const bool sized : {false, true}) {
    Moves moves({1, 2, 1, 4});
    const int in = moves.last(), a = moves.made({1, 2, 1, sized ? 1 : 2}),
              b = moves.made({1, 2, 1, sized ? 3 : 2});
    if (sized)
      moves.writer.node(test::kTfSplitV, {in, moves.writer.int32({2}, {1, -1}), moves.writer.int32({}, {3})},
                        {a, b});
    else
      moves.writer.node(test::kTfSplit, {moves.writer.int32({}, {-1}), in}, {a, b});
    const int out = moves.made({1, 2, 1, 4});
    moves.writer.node(test::kTfConcat, {b, a}, {out}, {{0, 4, 3}});
    moves.set_last(out);
    const ir::Graph graph = moves.graph();
    CHECK(operations(graph) == std::vector{ir::OpKind::kGather});
    CHECK(run(graph) == (sized ? Values{1, 2, 3, 0, 5, 6, 7, 4} : Values{2, 3, 0, 1, 6, 7, 4, 5}));
  }
}

TEST_CASE("channels are gathered, reversed, unpacked and packed") {
  CHECK(run(Moves({1, 1, 2, 3}).then(test::kTfGather, {1, 1, 2, 2}, {{-1, 0}}, {{0, 4, 3}}).graph()) ==
        Values{2, 0, 5, 3});
  CHECK(run(Moves({1, 1, 2, 3}).then(test::kTfReverse, {1, 1, 2, 3}, {{3}}).graph()) ==
        Values{2, 1, 0, 5, 4, 3});
  Moves moves({1, 2, 3});
  const int in = moves.last(), a = moves.made({1, 3}), b = moves.made({1, 3}), out = moves.made({1, 2, 3});
  moves.writer.node(test::kTfUnpack, {in}, {a, b}, {{0, 4, 2}, {1, 4, 1}});
  moves.writer.node(test::kTfPack, {b, a}, {out}, {{0, 4, 2}, {1, 4, 1}});
  moves.set_last(out);
  CHECK(run(moves.graph()) == Values{3, 4, 5, 0, 1, 2});  // rows backwards
}

TEST_CASE("outputs of detectors are joined along their rows") {
  TfliteWriter writer;
  const int in = writer.int8("in", {1, 2, 1, 2}, 1, 0), doubled = writer.int8("doubled", {1, 2, 1, 4}, 1, 0);
  writer.node(test::kTfConv, {in, writer.weights({4, 1, 1, 2}, {1}, {1, 0, 0, 1, 2, 0, 0, 2}), -1}, {doubled},
              {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}});
  const int few = writer.int8("few", {1, 2, 2}, 1, 0), many = writer.int8("many", {1, 4, 2}, 1, 0);
  const int out = writer.int8("out", {1, 6, 2}, 1, 0);
  writer.node(test::kTfReshape, {in}, {few});
  writer.node(test::kTfReshape, {doubled}, {many});
  writer.node(test::kTfConcat, {many, few}, {out}, {{0, 4, 1}});
  const ir::Graph graph = fold_moves(writer.finish({in}, {out})).graph;
  CHECK(operations(graph).back() == ir::OpKind::kConcatRows);
  CHECK(run(graph) == Values{0, 1, 0, 2, 2, 3, 4, 6, 0, 1, 2, 3});
}

TEST_CASE("an output in another order of rows, columns, channels says so") {
  Moves moves({1, 1, 2, 2});
  const int doubled = moves.made({1, 1, 2, 2});
  moves.writer.node(test::kTfConv, {moves.last(), moves.writer.weights({2, 1, 1, 2}, {1}, {2, 0, 0, 2}), -1},
                    {doubled}, {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}});
  moves.set_last(doubled);
  moves.then(test::kTfReshape, {1, 2, 2}).then(test::kTfTranspose, {1, 2, 2}, {{0, 2, 1}});
  moves.then(test::kTfReshape, {1, 2, 1, 2});
  const import::Folded folded = fold_moves(moves.finish());
  CHECK(folded.output.order == "CHW");
  CHECK(run(folded.graph) == Values{0, 2, 4, 6});
}

TEST_CASE("a dense layer's weights take the order of a transposed input") {
  Moves moves({1, 2, 2, 2});
  moves.then(test::kTfTranspose, {1, 2, 2, 2}, {{0, 3, 1, 2}}).then(test::kTfReshape, {1, 8});
  const int out = moves.made({1, 1});
  // The values come as 0 2 4 6 1 3 5 7; 1 * 0 + 2 * 2 + 3 * 4 + ... = 4 + 12 + 24 + 5 - 3
  moves.writer.node(test::kTfDense,
                    {moves.last(), moves.writer.weights({1, 8}, {1}, {1, 2, 3, 4, 5, -1, 0, 0}), -1}, {out});
  moves.set_last(out);
  const ir::Graph graph = moves.graph();
  CHECK(operations(graph) == std::vector{ir::OpKind::kConv2d});
  CHECK(run(graph) == Values{42});
}
