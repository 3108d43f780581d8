#include "tinynas/ir/graph.h"

#include "support/catch.h"
#include "support/graphs.h"
#include "tinynas/core/error.h"

namespace tinynas::ir {
namespace {

using test::GraphBuilder;

Layer window(OpKind op, std::int16_t kernel, std::int16_t stride, std::int16_t pad) {
  return {.op = op,
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride_h = stride,
          .stride_w = stride,
          .pad_top = pad,
          .pad_left = pad,
          .pad_bottom = pad,
          .pad_right = pad};
}

/// conv 3x3 s2 [9,7,3] -> [5,4,8], depthwise 5x5 -> same, project to 8, add, pool, dense 10.
Graph small_graph() {
  GraphBuilder b({.h = 9, .w = 7, .c = 3}, Rng(1));
  const int stem = b.conv(0, 8, 3, 2, Activation::kRelu6);
  const int inner = b.conv(b.depthwise(stem, 5), 8, 1);
  return b.finish(b.dense(b.global_pool(b.add(stem, inner)), 10));
}

}  // namespace

TEST_CASE("shapes follow the window formula") {
  // (9 + 2 - 3) / 2 + 1 = 5; (6 + 2 - 3) / 2 + 1 = 3 (5 / 2 rounds down)
  CHECK(infer_output(window(OpKind::kConv2d, 3, 2, 1), {9, 6, 3}, {}, 8) == Shape{5, 3, 8});
  CHECK(infer_output(window(OpKind::kDepthwiseConv2d, 7, 1, 3), {2, 2, 5}, {}, 99) == Shape{2, 2, 5});
  CHECK(infer_output(window(OpKind::kMaxPool, 2, 2, 0), {8, 9, 4}, {}, 0) == Shape{4, 4, 4});
  CHECK(infer_output({.op = OpKind::kGlobalAveragePool}, {8, 9, 4}, {}, 0) == Shape{1, 1, 4});
  CHECK(infer_output({.op = OpKind::kDense}, {1, 1, 64}, {}, 12) == Shape{1, 1, 12});
  CHECK(infer_output({.op = OpKind::kConcatRows}, {4, 3, 5}, Shape{2, 3, 5}, 0) == Shape{6, 3, 5});
  CHECK(infer_output({.op = OpKind::kSlice, .stride_h = 2, .pad_top = 1, .pad_left = 2}, {6, 3, 5}, {}, 0) ==
        Shape{3, 1, 5});
  CHECK(infer_output({.op = OpKind::kReshape, .kernel_h = 2, .stride_h = 3}, {4, 3, 4}, {}, 2) ==
        Shape{6, 4, 2});
  CHECK(infer_output({.op = OpKind::kConcat}, {4, 3, 5}, Shape{4, 3, 2}, 0) == Shape{4, 3, 7});
  CHECK(infer_output({.op = OpKind::kMul}, {4, 3, 5}, Shape{1, 1, 5}, 0) == Shape{4, 3, 5});
  CHECK(infer_output({.op = OpKind::kResizeNearest, .stride_h = 2, .stride_w = 3}, {4, 3, 5}, {}, 0) ==
        Shape{8, 9, 5});
}

TEST_CASE("impossible layers are refused with the reason") {
  const auto refuses = [](const Layer& layer, Shape in, std::optional<Shape> second, const char* reason) {
    CHECK_THROWS_WITH(infer_output(layer, in, second, 4), Catch::Contains(reason));
  };
  refuses(window(OpKind::kConv2d, 5, 1, 0), {4, 9, 3}, {}, "larger than its padded input [4, 9, 3]");
  refuses(window(OpKind::kConv2d, 3, 1, 3), {9, 9, 3}, {}, "less than the kernel 3x3");
  refuses(window(OpKind::kConv2d, 3, 0, 1), {9, 9, 3}, {}, "at least 1");
  refuses({.op = OpKind::kDense}, {2, 1, 64}, {}, "must be [1, 1, C]");
  refuses({.op = OpKind::kAdd}, {2, 2, 3}, Shape{2, 2, 4}, "must have one shape");
  refuses({.op = OpKind::kAdd}, {2, 2, 3}, {}, "second input");
  refuses({.op = OpKind::kMul}, {2, 2, 3}, Shape{1, 1, 4}, "[1, 1, 3]");
  refuses({.op = OpKind::kConcatRows}, {2, 2, 3}, Shape{1, 2, 4}, "one width and depth");
  refuses({.op = OpKind::kSlice, .pad_top = 1, .pad_bottom = 1}, {2, 2, 3}, {},
          "cannot be taken off [2, 2, 3]");
  refuses({.op = OpKind::kReshape, .kernel_h = 2}, {3, 2, 3}, {}, "has no groups of 2 rows");
  refuses({.op = OpKind::kConcat}, {2, 2, 3}, Shape{1, 2, 4}, "one height and width");
  refuses({.op = OpKind::kGlobalAveragePool}, {0, 2, 3}, {}, "at least 1 in every direction");
}

TEST_CASE("MACs and weights are counted as products of sizes") {
  const Graph g = small_graph();
  // stem: 9 taps x 3 channels x [5,4,8] = 27 * 160; depthwise: 25 * 160; project: 8 * 160; dense: 8 * 10
  CHECK(layer_macs(g, g.layers[0]) == 4320);
  CHECK(layer_macs(g, g.layers[1]) == 4000);
  CHECK(layer_macs(g, g.layers[2]) == 1280);
  CHECK(graph_macs(g) == 4320 + 4000 + 1280 + 80);
  CHECK(layer_weights(g, g.layers[0]) == 27 * 8);
  CHECK(layer_weights(g, g.layers[1]) == 25 * 8);
  CHECK(layer_weights(g, g.layers[2]) == 64);
  CHECK(layer_biases(g, g.layers[1]) == 8);
  CHECK(layer_biases(g, g.layers[3]) == 0);  // add
}

TEST_CASE("validate names the layer and what is wrong") {
  const auto refuses = [](const auto& damage, const char* reason) {
    Graph g = small_graph();
    damage(g);
    CHECK_THROWS_WITH(validate(g), Catch::Contains(reason));
  };
  CHECK_NOTHROW(validate(small_graph()));
  refuses([](Graph& g) { g.layers[1].inputs[0] = 17; },
          "layer 1 (layer1): input 0 is tensor 17, but there are 7");
  refuses([](Graph& g) { g.layers[1].inputs[0] = 3; }, "before any layer makes it");
  refuses([](Graph& g) { g.layers[2].output = 1; }, "makes tensor 1 a second time");
  refuses([](Graph& g) { g.layers[0].output = -1; }, "output is tensor -1");
  refuses([](Graph& g) { g.layers[0].inputs[1] = 0; }, "takes 1 input");
  refuses([](Graph& g) { g.tensors[2].h = 6; }, "is [6, 4, 8], its inputs make [5, 4, 8]");
  refuses([](Graph& g) { g.output = 99; }, "output 99 must be among");
  refuses([](Graph& g) { g.tensors.push_back({1, 1, 1}); }, "no layer makes tensor 7");
  refuses([](Graph& g) { g.names[2] = g.names[1]; }, "unique");
  refuses([](Graph& g) { g.names.pop_back(); }, "5 names for 6 layers");
  refuses([](Graph& g) { g.parameters[0].weight.pop_back(); }, "layer 0 (layer0): 215 weights, expected 216");
  refuses([](Graph& g) { g.parameters[5].bias.clear(); }, "0 biases, expected 10");
}

TEST_CASE("validate checks the quantization too") {
  const auto refuses = [](const auto& damage, const char* reason) {
    GraphBuilder b({.h = 1, .w = 1, .c = 2}, Rng(1));
    Graph g = b.finish(b.dense(0, 1));
    g.quant = Quantization{.tensors = {{.scale = 1, .zero_point = 0}, {.scale = 1, .zero_point = 0}},
                           .layers = {{.weight = {1, 2}, .weight_scale = {1}, .bias = {0}}}};
    validate(g);
    damage(g);
    CHECK_THROWS_WITH(validate(g), Catch::Contains(reason));
  };
  refuses([](Graph& g) { g.quant->tensors[1].scale = 0; }, "tensor 1: scale 0 must be positive");
  refuses([](Graph& g) { g.quant->tensors[1].zero_point = 128; }, "in -128..127");
  refuses([](Graph& g) { g.quant->layers[0].weight_scale[0] = -1; }, "weight scale -1");
  refuses([](Graph& g) { g.quant->layers[0].weight_scale.clear(); }, "0 weight scales for 1");
  refuses([](Graph& g) { g.quant->tensors.pop_back(); }, "quantization of 1 tensors");
  refuses([](Graph& g) { g.layers[0].activation = Activation::kRelu; }, "relu in a quantized graph");
}

TEST_CASE("several inputs and outputs are checked, counted and printed") {
  const Graph good = test::several_ends(Rng(1));
  CHECK(good.input_count() == 2);
  CHECK(good.output_count() == 3);
  CHECK(input_elements(good) ==
        good.tensor(good.input).elements() + good.tensor(good.other_inputs[0]).elements());
  CHECK(output_elements(good) ==
        good.tensor(good.output_tensor(0)).elements() + good.tensor(good.output_tensor(1)).elements() + 6);
  const std::string text = dump(good);
  CHECK(text.find("input t2") != std::string::npos);
  CHECK(text.find("output t8[1,1,6]") != std::string::npos);
  const auto refuses = [&](const auto& damage, const char* reason) {
    Graph g = good;
    damage(g);
    CHECK_THROWS_WITH(validate(g), Catch::Contains(reason));
  };
  refuses([](Graph& g) { g.other_inputs[0] = 99; }, "input 99 must be among its");
  refuses([](Graph& g) { g.other_inputs[0] = g.input; }, "tensor 0 is an input twice");
  refuses([](Graph& g) { g.other_inputs.clear(); }, "before any layer makes it");
  refuses([](Graph& g) { g.other_outputs[0] = g.output; }, "is an output twice");
  refuses([](Graph& g) { g.other_outputs[0] = g.other_inputs[0]; }, "must be a tensor that a layer makes");
  refuses([](Graph& g) { g.other_outputs.pop_back(); }, "the last layer makes tensor 8, which is no output");
  refuses(
      [](Graph& g) {
        g.input = g.tensor_count();
        g.tensors.push_back({1, 1, 1});
        g.other_inputs.push_back(0);
      },
      "no layer reads input 9");
}

TEST_CASE("a layer without a name is described by its operation") {
  Graph g = small_graph();
  CHECK(describe_layer(g, 1) == "layer 1 (layer1)");
  g.names.clear();
  CHECK(describe_layer(g, 1) == "layer 1 (depthwise)");
}

TEST_CASE("the dump has one line a layer") {
  GraphBuilder b({.h = 9, .w = 7, .c = 3}, Rng(1));
  const int stem = b.conv(0, 8, 3, 2, Activation::kRelu6);
  const Graph g = b.finish(b.add(stem, stem));
  CHECK(dump(g) ==
        "input t0[9,7,3]\n"
        "  0 conv layer0 3x3 stride 2x2 pad 1,1,1,1 relu6: t0 -> t1[5,4,8], 4320 MAC\n"
        "  1 add layer1: t1, t1 -> t2[5,4,8]\n"
        "output t2[5,4,8]\n");
}

}  // namespace tinynas::ir
