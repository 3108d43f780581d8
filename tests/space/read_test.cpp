#include <cmath>

#include "space/support.h"
#include "support/catch.h"
#include "tinynas/core/files.h"

using namespace tinynas;
using Catch::Matchers::Contains;

namespace {

/// The message for the tiny space with `from` replaced by `to`.
std::string failure_with(const std::string& from, const std::string& to) {
  std::string text = test::kTinyYaml;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  try {
    space::SearchSpace::read(yaml::Node::parse(text, "tiny.yaml"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no ConfigError";
}

}  // namespace

TEST_CASE("a space is read with the choices of the whole file and of a stage") {
  const auto space = test::tiny_space();
  CHECK(space.name == "tiny");
  for (const space::Stage& stage : space.stages) CHECK(stage.block == space::Block::kInvertedResidual);
  CHECK(space.resolutions == std::vector{8, 12});
  CHECK(space.channel_divisor == 8);
  CHECK(space.stages[0].kernels == std::vector{3, 5});
  CHECK(space.stages[1].kernels == std::vector{3, 5, 7});
  CHECK(space.stages[1].expansions == std::vector<double>{1, 2.5, 4});
  CHECK(space.stages[0].stride == 2);
  CHECK(space.stages[1].stride == 1);
  CHECK(space.mix_channels == 0);
}

TEST_CASE("a kind of block is chosen for the whole file or for a stage") {
  const auto space = space::SearchSpace::read(yaml::Node::parse(R"(name: mixed
block: fused_inverted_residual
resolutions: [8]
widths: [1.0]
stem: { channels: 8 }
depths: [1, 2]
kernels: [3]
expansions: [1, 2]
stages:
  - { channels: 16 }
  - { channels: 24, block: inverted_residual }
)",
                                                                "mixed.yaml"));
  CHECK(space.stages[0].block == space::Block::kFusedInvertedResidual);
  CHECK(space.stages[1].block == space::Block::kInvertedResidual);
}

TEST_CASE("stages of single convolutions expand nothing and pool within their images") {
  const auto read = [](const std::string& stages) {
    return space::SearchSpace::read(yaml::Node::parse(R"(name: plain
block: convolution
resolutions: [8, 16]
widths: [1.0]
stem: { channels: 8, stride: 2 }
depths: [1, 2]
kernels: [3]
stages:
)" + stages,
                                                      "plain.yaml"));
  };
  const auto space = read("  - { channels: 16, stride: 4 }\n");
  CHECK(space.stages[0].block == space::Block::kConvolution);
  CHECK(space.stages[0].expansions == std::vector<double>{1});
  CHECK_THROWS_WITH(read("  - { channels: 16, expansions: [2] }\n"),
                    Contains("plain.yaml:9: stages[0].expansions:") && Contains("leave this key out"));
  CHECK_THROWS_WITH(read("  - { channels: 16, stride: 2 }\n  - { channels: 16, stride: 3 }\n"),
                    Contains("plain.yaml:10") && Contains("a window of 3 x 3 does not fit into the 2 x 2"));
}

TEST_CASE("a wrong space file is refused with file, line, key and remedy") {
  CHECK_THAT(failure_with("resolutions", "resolution"),
             Contains("tiny.yaml:1: the key 'resolutions' is missing"));
  CHECK_THAT(failure_with("first_channels", "first_chanels"),
             Contains("tiny.yaml:5: unknown key 'first_chanels'; did you mean 'first_channels'?"));
  CHECK_THAT(failure_with("depths: [1, 2]", "depth: [1, 2]"),
             Contains("tiny.yaml:9") && Contains("'depths' is missing"));
  CHECK_THAT(failure_with("stride: 2, depths", "strides: 2, depths"),
             Contains("unknown key 'stages[0].strides'; did you mean 'stride'?"));
  CHECK_THAT(failure_with("[8, 12]", "[12, 8]"), Contains("expected ascending values, but 8 follows 12"));
  CHECK_THAT(failure_with("[3, 5]", "[3, 4]"), Contains("tiny.yaml:6: kernels: kernel 4 is even"));
  CHECK_THAT(failure_with("[3, 5]", "[]"), Contains("expected at least one value"));
  CHECK_THAT(failure_with("[1, 2.5, 4]", "[0.5, 4]"), Contains("'0.5' is not a number from 1 to 16"));
  CHECK_THAT(failure_with("depths: [2, 3]", "depths: [2, 9]"),
             Contains("stages[1].depths") && Contains("from 1 to 6"));
  CHECK_THAT(failure_with("name: tiny", "name: tiny\nblock: inverted_resdual"),
             Contains("did you mean 'inverted_residual'?"));
}

TEST_CASE("every space that comes with tinynas can be read") {
  const auto names = list_resources(std::string(TINYNAS_SOURCE_TREE) + "/search_spaces", ".yaml");
  CHECK(names.size() >= 4);
  for (const auto& name : names) CHECK(test::shipped_space(name).name == name);
}

TEST_CASE("the MCUNet space is the paper's grid of 12 resolutions and 9 widths") {
  const auto space = test::shipped_space("mcunet");
  CHECK(space.resolutions.size() == 12);
  CHECK(space.widths.size() == 9);
  // Per stage of depth 2, 3 or 4 with 9 choices a block: 9^2 + 9^3 + 9^4 = 7371; five stages, a last one
  // of 9.
  const auto one = space::restrict_to(space, 0, 0);
  CHECK(space::log10_size(one) == Approx(5 * std::log10(7371.0) + std::log10(9.0)));
  CHECK(space::log10_size(space) == Approx(space::log10_size(one) + std::log10(108.0)));
}
