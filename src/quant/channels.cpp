#include "quant/channels.h"

#include <cmath>

#include "quant/observe.h"

namespace tinynas::quant {
namespace {

struct Sums {
  std::vector<std::vector<double>> sum;
  std::vector<std::vector<float>> largest = {};
};

}  // namespace

ChannelStatistics observe_channels(const ir::Graph& graph, const Inputs& inputs) {
  const FloatInterpreter network(graph);
  Sums all;
  for (const ir::Shape& shape : graph.tensors) {
    all.sum.emplace_back(at(shape.c));
    all.largest.emplace_back(at(shape.c));
  }
  const auto parts = observe(network, inputs, all, [](Sums& part, int t, std::span<const float> values) {
    auto& sum = part.sum[at(t)];
    auto& largest = part.largest[at(t)];
    for (std::size_t begin = 0; begin < values.size(); begin += sum.size())
      for (std::size_t c = 0; c < sum.size(); ++c) {
        sum[c] += values[begin + c];
        largest[c] = std::max(largest[c], std::abs(values[begin + c]));
      }
  });
  ChannelStatistics made{.means = {}, .largest = all.largest};
  for (std::size_t t = 0; t < all.sum.size(); ++t) {
    const double count = static_cast<double>(inputs.count) * graph.tensors[t].h * graph.tensors[t].w;
    std::vector<float>& means = made.means.emplace_back();
    for (std::size_t c = 0; c < all.sum[t].size(); ++c) {
      double sum = 0;
      for (const Sums& part : parts) {
        sum += part.sum[t][c];
        made.largest[t][c] = std::max(made.largest[t][c], part.largest[t][c]);
      }
      means.push_back(static_cast<float>(sum / count));
    }
  }
  return made;
}

}  // namespace tinynas::quant
