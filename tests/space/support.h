#pragma once

#include <string>

#include "support/text.h"
#include "tinynas/space/search_space.h"

namespace tinynas::test {

/// Two stages of 1-2 and 2-3 blocks, two resolutions, two widths; one fractional expansion.
inline const std::string kTinyYaml = R"(name: tiny
resolutions: [8, 12]
widths: [0.5, 1.0]
stem: { channels: 8, kernel: 3, stride: 2 }
first_channels: 8
kernels: [3, 5]
expansions: [1, 2.5, 4]
stages:
  - { channels: 16, stride: 2, depths: [1, 2] }
  - { channels: 16, depths: [2, 3], kernels: [3, 5, 7] }
)";

inline space::SearchSpace tiny_space() {
  return space::SearchSpace::read(yaml::Node::parse(kTinyYaml, "tiny.yaml"));
}

inline space::SearchSpace shipped_space(const std::string& name) {
  return space::SearchSpace::load(std::string(TINYNAS_SOURCE_TREE) + "/search_spaces/" + name + ".yaml");
}

}  // namespace tinynas::test
