#include <algorithm>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::onnx {
namespace {

using test::GraphBuilder;
using test::TemporaryFolder;

ir::Graph round_trip(const ir::Graph& graph) {
  const TemporaryFolder folder;
  export_onnx(graph, {}, folder / "model.onnx");
  return import_onnx(folder / "model.onnx").graph;
}

}  // namespace

TEST_CASE("import(export(graph)) == graph for 60 random networks") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const ir::Graph graph = test::random_quantized_network(Rng(seed), static_cast<int>(seed % 5));
    REQUIRE(round_trip(graph) == graph);
  }
}

TEST_CASE("every operation comes back") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const ir::Graph graph = test::quantize_on_noise(test::every_operation(Rng(seed)), Rng(seed));
    CHECK(round_trip(graph) == graph);
    const ir::Graph further = test::quantize_on_noise(test::further_operations(Rng(seed)), Rng(seed));
    CHECK(round_trip(further) == further);
  }
}

TEST_CASE("several inputs and outputs come back") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const ir::Graph graph = test::quantize_on_noise(test::several_ends(Rng(seed)), Rng(seed));
    CHECK(round_trip(graph) == graph);
  }
}

TEST_CASE("values that move come back") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const ir::Graph graph = test::quantize_on_noise(test::moving_network(Rng(seed)), Rng(seed));
    CHECK(round_trip(graph) == graph);
  }
}

TEST_CASE("every function comes back") {
  for (const ir::FunctionInfo& info : ir::kFunctions) {
    if (info.kind == ir::Function::kNone) continue;
    INFO(info.name);
    const float slope = info.kind == ir::Function::kLeakyRelu ? 0.1F : 0;
    GraphBuilder b({.h = 3, .w = 3, .c = 2}, Rng(6));
    const int made = b.append(
        {.op = ir::OpKind::kFunction, .function = info.kind, .slope = slope, .inputs = {b.conv(0, 4, 3), -1}},
        0);
    const ir::Graph graph = test::quantize_on_noise(b.finish(made), Rng(7));
    CHECK(round_trip(graph) == graph);
  }
}

TEST_CASE("graphs without names come back without names") {
  ir::Graph graph = test::random_quantized_network(Rng(3));
  graph.names.clear();
  CHECK(round_trip(graph) == graph);
}

TEST_CASE("names that look like ours for tensors come back too") {
  ir::Graph graph = test::random_quantized_network(Rng(4));
  graph.names[0] = "t1";
  graph.names[1] = "t2_real";
  graph.names[2] = "input";
  CHECK(round_trip(graph) == graph);
}

TEST_CASE("tensor numbers in any order come back") {
  ir::Graph graph = test::random_quantized_network(Rng(5));
  const int last = graph.tensor_count() - 1;  // reverse all numbers
  std::reverse(graph.tensors.begin(), graph.tensors.end());
  std::reverse(graph.quant->tensors.begin(), graph.quant->tensors.end());
  for (ir::Layer& layer : graph.layers) {
    layer.output = last - layer.output;
    for (int& input : layer.inputs) input = input < 0 ? input : last - input;
  }
  graph.input = last - graph.input;
  graph.output = last - graph.output;
  CHECK(round_trip(graph) == graph);
}

TEST_CASE("one-channel convolutions keep their kind") {
  GraphBuilder b({.h = 5, .w = 5, .c = 1}, Rng(6));
  const ir::Graph graph = test::quantize_on_noise(b.finish(b.depthwise(b.conv(0, 1, 3), 3)), Rng(7));
  CHECK(round_trip(graph) == graph);
}

TEST_CASE("dense layers in a row, and a map as output") {
  GraphBuilder b({.h = 1, .w = 1, .c = 6}, Rng(8));
  const ir::Graph dense = test::quantize_on_noise(b.finish(b.dense(b.dense(0, 5), 4)), Rng(9));
  CHECK(round_trip(dense) == dense);
  GraphBuilder m({.h = 4, .w = 3, .c = 2}, Rng(8));
  const ir::Graph map = test::quantize_on_noise(m.finish(m.conv(0, 5, 3)), Rng(9));
  CHECK(round_trip(map) == map);
}

TEST_CASE("a convolution of a dense layer's output sees a map again") {
  GraphBuilder b({.h = 1, .w = 1, .c = 6}, Rng(8));
  const int hidden = b.dense(0, 6);
  const ir::Graph graph = test::quantize_on_noise(b.finish(b.add(b.conv(hidden, 6, 1), hidden)), Rng(9));
  CHECK(round_trip(graph) == graph);
}

TEST_CASE("metadata comes back and equal graphs make equal bytes") {
  const TemporaryFolder folder;
  const Metadata metadata = {{"tinynas.schedule", "0-3 rings\n4-9 full"}, {"a", ""}, {"umlaut", "\xC3\xA4"}};
  const ir::Graph graph = test::random_quantized_network(Rng(10));
  export_onnx(graph, metadata, folder / "a.onnx");
  export_onnx(ir::Graph(graph), metadata, folder / "b.onnx");
  CHECK(import_onnx(folder / "a.onnx").metadata == metadata);
  CHECK(read_file(folder / "a.onnx") == read_file(folder / "b.onnx"));
}

TEST_CASE("float graphs are refused") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(export_onnx(test::random_network(Rng(1)), {}, folder / "x.onnx"),
                    Catch::Contains("not quantized"));
  CHECK_FALSE(std::filesystem::exists(folder / "x.onnx"));
}

}  // namespace tinynas::onnx
