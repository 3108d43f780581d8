#pragma once

#include <torch/torch.h>

#include "tinynas/space/search_space.h"
#include "tinynas/supernet/supernet.h"

namespace tinynas::test {

/// A space with every choice in it: no expansion, fractional expansion, three kernels, two depths, residuals,
/// all kinds of blocks.
inline space::SearchSpace elastic_space() {
  return space::SearchSpace::read(yaml::Node::parse(R"(name: elastic
resolutions: [10]
widths: [1.0]
stem: { channels: 8, kernel: 3, stride: 1 }
first_channels: 8
kernels: [3, 5, 7]
expansions: [1, 2.5, 4]
stages:
  - { channels: 16, stride: 2, depths: [1, 2] }
  - { channels: 24, depths: [2, 3] }
  - { block: fused_inverted_residual, channels: 16, stride: 2, depths: [1, 2] }
  - { block: convolution, channels: 24, stride: 2, depths: [1, 2] }
)",
                                                    "elastic.yaml"));
}

constexpr space::Task kElasticTask{.input_channels = 3, .classes = 5};

/// Images [n, channels, side, side] of normal values.
inline torch::Tensor random_images(int n, int channels, int side, Rng rng) {
  torch::Tensor images = torch::empty({n, channels, side, side});
  for (std::int64_t i = 0; i < images.numel(); ++i)
    images.data_ptr<float>()[i] = static_cast<float>(rng.normal());
  return images.contiguous(torch::MemoryFormat::ChannelsLast);
}

inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace tinynas::test
