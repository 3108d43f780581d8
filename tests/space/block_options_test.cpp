#include "space/support.h"
#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"
#include "tinynas/space/lower.h"

using namespace tinynas;
using Catch::Matchers::Contains;

namespace {

constexpr space::Task kTask{.input_channels = 1, .classes = 4};

space::SearchSpace space_of(const std::string& stage, const std::string& top = "") {
  return space::SearchSpace::read(
      yaml::Node::parse("name: gated\nresolutions: [8]\nwidths: [1.0]\n"
                        "stem: { channels: 8, stride: 2 }\nkernels: [3]\n"
                        "depths: [1]\nexpansions: [2, 4]\n" +
                            top + "stages:\n  - " + stage + "\n",
                        "gated.yaml"));
}

}  // namespace

TEST_CASE("squeeze-and-excite stands between the depthwise layer and the projection") {
  const auto space = space_of("{ channels: 16, activation: hard_swish, squeeze_excite: 0.25 }");
  const ir::Graph graph = space::lower_named(space, kTask, space::largest(space));
  ir::validate(graph);
  const std::vector<std::string> names = {"stem",
                                          "stage0.block0.expand",
                                          "stage0.block0.expand.function",
                                          "stage0.block0.depthwise",
                                          "stage0.block0.depthwise.function",
                                          "stage0.block0.squeeze.pool",
                                          "stage0.block0.squeeze",
                                          "stage0.block0.excite",
                                          "stage0.block0.excite.gate",
                                          "stage0.block0.excite.scale",
                                          "stage0.block0.project",
                                          "pool",
                                          "classifier"};
  CHECK(graph.names == names);
  CHECK(graph.layer(0).activation == ir::Activation::kRelu6);  // the stem has the file's, not the stage's
  CHECK(graph.layer(1).activation == ir::Activation::kNone);
  CHECK(graph.layer(2).function == ir::Function::kHardSwish);
  CHECK(graph.out_shape(graph.layer(6)) == ir::Shape{1, 1, 8});  // a quarter of 8 * 4
  CHECK(graph.layer(6).activation == ir::Activation::kRelu);
  CHECK(graph.layer(8).function == ir::Function::kHardSigmoid);
  CHECK(graph.out_shape(graph.layer(9)) == ir::Shape{4, 4, 32});
}

TEST_CASE("the inner channels of squeeze-and-excite follow the expansion that is searched") {
  const auto space = space_of("{ channels: 16, squeeze_excite: 0.5 }");
  const auto inner = [&](const space::Genome& genome) {
    return space::lower_named(space, kTask, genome).layer(4);
  };
  for (const bool large : {false, true}) {
    const space::Genome genome = large ? space::largest(space) : space::smallest(space);
    const ir::Graph graph = space::lower_named(space, kTask, genome);
    CHECK(graph.names[4] == "stage0.block0.squeeze");
    CHECK(graph.out_shape(inner(genome)).c == (large ? 16 : 8));  // half of 8 * 4, half of 8 * 2
  }
}

TEST_CASE(
    "an activation at the top of the file is that of the stem, the mix and all stages without their own") {
  const auto space = space_of("{ channels: 16 }\n  - { channels: 24, stride: 2, activation: relu6 }",
                              "activation: hard_swish\nmix_channels: 32\n");
  const ir::Graph graph = space::lower_named(space, kTask, space::largest(space));
  std::vector<std::string> functions;
  for (std::size_t i = 0; i < graph.layers.size(); ++i)
    if (graph.layers[i].op == ir::OpKind::kFunction) functions.push_back(graph.names[i]);
  CHECK(functions == std::vector<std::string>{"stem.function", "stage0.block0.expand.function",
                                              "stage0.block0.depthwise.function", "mix.function"});
}

TEST_CASE("options that a block cannot have are refused where they stand") {
  CHECK_THROWS_WITH(space_of("{ block: convolution, channels: 16, squeeze_excite: 0.25 }"),
                    Contains("gated.yaml:9") && Contains("squeeze_excite") && Contains("expands nothing"));
  CHECK_THROWS_WITH(space_of("{ channels: 16, activation: hard_swich }"),
                    Contains("did you mean 'hard_swish'"));
  CHECK_THROWS_WITH(space_of("{ channels: 16, squeeze_excite: 2 }"), Contains("squeeze_excite"));
  // At the top of the file it is for the stages that expand.
  CHECK(space_of("{ block: convolution, channels: 16 }", "squeeze_excite: 0.25\n").stages[0].squeeze_excite ==
        0);
}
