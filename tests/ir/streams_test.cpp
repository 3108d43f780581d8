#include "support/catch.h"
#include "support/streaming_graphs.h"
#include "tinynas/core/error.h"

namespace tinynas::ir {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("a tensor's history is that of the reader which looks back furthest") {
  const Graph graph = test::streaming_network(Rng(1));
  CHECK(is_streaming(graph));
  CHECK(history(graph, graph.input) == 2);             // a kernel of 5 rows, 3 of them new
  CHECK(history(graph, graph.layers[0].output) == 4);  // read by kernels of 5 and 3 rows, 1 new
  CHECK(history(graph, graph.output) == 0);
  CHECK_FALSE(is_streaming(test::whole_signal(graph, 4)));
}

TEST_CASE("rows of earlier calls stand above windows, and nothing below them") {
  const Layer layer{.op = OpKind::kConv2d, .kernel_h = 5, .stride_h = 3, .pad_top = 2, .streams = true};
  CHECK(infer_output(layer, {3, 1, 40}, {}, 32) == Shape{1, 1, 32});
  CHECK(infer_output(layer, {6, 1, 40}, {}, 32) == Shape{2, 1, 32});
  Layer below = layer;
  below.pad_bottom = 1;
  CHECK_THROWS_WITH(infer_output(below, {3, 1, 40}, {}, 32), Contains("nothing below the last"));
  Layer nothing = layer;
  nothing.pad_top = 0;
  CHECK_THROWS_AS(infer_output(nothing, {6, 1, 40}, {}, 32), GraphError);
  CHECK_THROWS_WITH(infer_output({.op = OpKind::kSoftmax, .pad_top = 1, .streams = true}, {1, 1, 4}, {}, 0),
                    Contains("only windows"));
}

TEST_CASE("a dump says which layers stream") {
  CHECK_THAT(dump(test::streaming_network(Rng(1))), Contains("5x1 stride 3x1 pad 2,0,0,0 streams"));
}

}  // namespace
}  // namespace tinynas::ir
