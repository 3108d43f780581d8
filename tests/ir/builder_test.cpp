#include "tinynas/ir/builder.h"

#include "support/catch.h"

namespace tinynas::ir {
namespace {

constexpr Shape kInput = {.h = 9, .w = 6, .c = 3};

/// A convolution, a pool without padding, and what follows in a classifier.
void build(Builder& b) {
  const int stem = b.conv(b.input(kInput), 8, {.kernel = 3, .stride = 2, .name = "stem"});
  b.prefix_names("block.");
  const int pooled = b.max_pool(stem, {.kernel = 2, .stride = 2, .padding = Padding::kNone, .name = "pool"});
  b.finish(b.dense(b.global_pool(b.add(pooled, pooled)), 4, {.name = "scores"}));
}

}  // namespace

TEST_CASE("a builder infers shapes, pads windows by half of the kernel, and finishes a valid graph") {
  Graph graph;
  Builder builder(graph);
  build(builder);
  validate(graph);
  CHECK(graph.tensor(1) == Shape{5, 3, 8});  // (9 + 2 - 3) / 2 + 1, (6 + 2 - 3) / 2 + 1
  CHECK(graph.tensor(2) == Shape{2, 1, 8});
  CHECK(graph.out_shape(graph.layers.back()) == Shape{1, 1, 4});
  CHECK(graph.names.empty());
}

TEST_CASE("a builder writes names behind their prefix, and numbers where none is given") {
  Graph graph;
  Builder builder(graph, Names::kWritten);
  build(builder);
  CHECK(graph.names == std::vector<std::string>{"stem", "block.pool", "layer2", "layer3", "block.scores"});
}

TEST_CASE("a graph that is filled again is the graph filled anew, in the same memory") {
  Graph fresh, used;
  for (Graph* graph : {&fresh, &used}) {
    Builder builder(*graph);
    build(builder);
  }
  used.names.assign(5, "old");
  used.parameters.resize(5);
  used.quant.emplace();
  const Layer* const memory = used.layers.data();
  Builder builder(used);
  build(builder);
  CHECK(used == fresh);
  CHECK(used.layers.data() == memory);
}

TEST_CASE("a builder refuses a layer whose inputs do not fit") {
  Graph graph;
  Builder builder(graph);
  const int image = builder.input(kInput);
  const int half = builder.conv(image, 3, {.kernel = 3, .stride = 2});
  CHECK_THROWS_WITH(builder.add(image, half), Catch::Contains("must have one shape"));
  CHECK_THROWS_WITH(builder.max_pool(image, {.kernel = 7, .padding = Padding::kNone}),
                    Catch::Contains("is larger than its padded input [9, 6, 3]"));
}

}  // namespace tinynas::ir
