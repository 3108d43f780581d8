#include "tinynas/app/emulation.h"

#include "support/catch.h"
#include "support/graphs.h"

namespace tinynas {
namespace {

TEST_CASE("emulated layers stand in the network's order, whatever order they were counted in") {
  test::GraphBuilder b({.h = 8, .w = 8, .c = 3}, Rng(1));
  const int first = b.conv(0, 4, 3, 1, ir::Activation::kRelu6);
  const int second = b.conv(first, 4, 3, 1, ir::Activation::kRelu6);
  const int third = b.conv(second, 4, 1, 1, ir::Activation::kRelu6);
  const ir::Graph graph = b.finish(third);
  std::vector<emulator::StepInstructions> counted;
  for (const int tensor : {-1, third, first, second}) counted.emplace_back().tensor = tensor;
  const auto layers = app::emulated_layers(graph, counted);
  REQUIRE(layers.size() == 4);
  CHECK(layers[0].step.tensor == first);
  CHECK(layers[1].step.tensor == second);
  CHECK(layers[2].step.tensor == third);
  CHECK(layers[2].macs == 8 * 8 * 4 * 4);
  CHECK(layers[3].step.tensor == -1);
  CHECK(layers[3].name.empty());
}

}  // namespace
}  // namespace tinynas
