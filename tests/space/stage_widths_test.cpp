#include <map>

#include "space/support.h"
#include "support/catch.h"
#include "tinynas/space/lower.h"

using namespace tinynas;
using Catch::Matchers::Contains;
using space::Genome;

namespace {

constexpr std::uint64_t kStageWidthSeed = 21;

/// Both stages have the same channels and the second keeps the size, so that its first block has a residual
/// where the two widths are equal.
const std::string kStageWidthsYaml = R"(name: tapering
resolutions: [8]
widths: [1.0]
stem: { channels: 8, kernel: 3, stride: 2 }
kernels: [3, 5]
expansions: [1, 4]
stage_widths: [0.5, 1]
stages:
  - { channels: 16, stride: 2, depths: [1, 2] }
  - { channels: 16, depths: [1, 2], widths: [0.5, 1, 1.5] }
)";

space::SearchSpace tapering_space() {
  return space::SearchSpace::read(yaml::Node::parse(kStageWidthsYaml, "tapering.yaml"));
}

/// Output channels of a layer by its name; 0 if the network has no such layer.
int channels_of(const ir::Graph& graph, const std::string& name) {
  for (std::size_t i = 0; i < graph.names.size(); ++i)
    if (graph.names[i] == name) return graph.out_shape(graph.layers[i]).c;
  return 0;
}

}  // namespace

TEST_CASE("the width of a stage scales its blocks' outputs, and what the next stage expands") {
  const auto space = tapering_space();
  const Genome genome = space::parse_genome(space, "r8-w1.0 d1,2 k3,3.5 e4,4.4 w0_5,1_5", "test");
  CHECK(space::to_string(space, genome) == "r8-w1.0 d1,2 k3,3.5 e4,4.4 w0_5,1_5");
  const ir::Graph graph = space::lower_named(space, {}, genome);
  CHECK(channels_of(graph, "stage0.block0.project") == 8);
  CHECK(channels_of(graph, "stage1.block0.expand") == 32);
  CHECK(channels_of(graph, "stage1.block1.project") == 24);
  CHECK(channels_of(graph, "stage1.block0.add") == 0);
  const Genome level = space::parse_genome(space, "r8-w1.0 d1,2 k3,3.5 e4,4.4 w1,1", "test");
  CHECK(channels_of(space::lower_named(space, {}, level), "stage1.block0.add") == 16);
}

TEST_CASE("drawn, mutated and crossed stage widths are in the space, and every one is reached") {
  const auto space = tapering_space();
  Rng rng(kStageWidthSeed);
  std::map<double, int> drawn, mutated;
  Genome a = space::sample(space, rng);
  for (int i = 0; i < 600; ++i) {
    const Genome b = space::sample(space, rng);
    const Genome child = space::mutate(space, space::cross_over(space, a, b, rng), 0.3, rng);
    INFO("seed " << kStageWidthSeed << " draw " << i << ": " << space::to_string(space, child));
    REQUIRE(space::contains(space, child));
    REQUIRE(space::parse_genome(space, space::to_string(space, child), "test") == child);
    ++drawn[space::stage_width_of(space, b, 1)];
    ++mutated[space::stage_width_of(space, space::mutate(space, space::smallest(space), 0.3, rng), 1)];
    a = child;
  }
  for (const double width : {0.5, 1.0, 1.5}) CHECK(drawn[width] == Approx(200).epsilon(0.2));
  // Redrawn with probability 0.3, and another of three widths in 2 of 3 redraws.
  CHECK(mutated[1.0] + mutated[1.5] == Approx(120).epsilon(0.25));
}

TEST_CASE("a crossed network's stage has the width of one of its parents") {
  const auto space = tapering_space();
  Rng rng(kStageWidthSeed);
  int from_smallest = 0;
  for (int i = 0; i < 200; ++i) {
    const Genome child = space::cross_over(space, space::smallest(space), space::largest(space), rng);
    const double width = space::stage_width_of(space, child, 1);
    CHECK((width == 0.5 || width == 1.5));
    from_smallest += width == 0.5;
  }
  CHECK(from_smallest == Approx(100).epsilon(0.25));
}

TEST_CASE("stage widths multiply the number of networks") {
  auto space = tapering_space();
  const double with = space::log10_size(space);
  for (space::Stage& stage : space.stages) stage.widths = {1};
  CHECK(std::pow(10, with - space::log10_size(space)) == Approx(2 * 3));
}

TEST_CASE(
    "a text without the stage widths of its space, and a list that falls, are refused with what was "
    "expected") {
  const auto space = tapering_space();
  CHECK_THROWS_WITH(space::parse_genome(space, "r8-w1.0 d1,1 k3,3 e4,4", "test"), Contains("w0_5,1"));
  CHECK_THROWS_WITH(space::parse_genome(space, "r8-w1.0 d1,1 k3,3 e4,4 w0_5,0_7", "test"),
                    Contains("width of stage 1 '0_7' is not one of 0.5, 1, 1.5"));
  std::string falling = kStageWidthsYaml;
  falling.replace(falling.find("[0.5, 1]"), 8, "[1, 0.5]");
  CHECK_THROWS_WITH(space::SearchSpace::read(yaml::Node::parse(falling, "tapering.yaml")),
                    Contains("tapering.yaml:7") && Contains("ascending"));
}
