#include "tinynas/supernet/supernet.h"

#include <fmt/format.h>

#include <set>

#include "tinynas/core/error.h"
#include "tinynas/supernet/elastic.h"
#include "tinynas/supernet/forward.h"

namespace tinynas::supernet {

namespace {

std::vector<int> kernels_of(const space::SearchSpace& space) {
  std::set<int> kernels;
  for (const space::Stage& stage : space.stages) kernels.insert(stage.kernels.begin(), stage.kernels.end());
  return {kernels.begin(), kernels.end()};
}

}  // namespace

Supernet::Supernet(space::SearchSpace space, const space::Task& task, const Rng& rng, const Options& options)
    : space_(std::move(space)), task_(task) {
  if ((space_.resolutions.size() != 1 && !space_.elastic_resolution) || space_.widths.size() != 1)
    throw ConfigError(fmt::format(
        "{}: a supernet needs one resolution (or elastic_resolution: true) and one width, found {} "
        "and {}; rank the space first",
        space_.name, space_.resolutions.size(), space_.widths.size()));
  shared_ = make_network(space::lower_named(space_, task_, space::largest(space_)), rng);
  for (std::size_t i = 0; i < shared_.graph.names.size(); ++i) layer_by_name_[shared_.graph.names[i]] = i;
  if (options.kernel_transforms) transforms_ = KernelTransforms(shared_, kernels_of(space_));
}

Network Supernet::sub_network(const space::Genome& genome) const {
  if (!space::contains(space_, genome))
    throw ConfigError(
        fmt::format("{}: the genome is not of this space; take one from space::sample or space::parse_genome",
                    space_.name));
  Network part{.graph = space::lower_named(space_, task_, genome)};
  part.layers.reserve(part.graph.layers.size());
  for (std::size_t i = 0; i < part.graph.layers.size(); ++i) {
    const ir::Layer& layer = part.graph.layers[i];
    if (ir::layer_weights(part.graph, layer) ==
        0) {  // a residual may be where the largest sub-network changes its channels
      part.layers.emplace_back();
      continue;
    }
    const auto shared = layer_by_name_.find(part.graph.names[i]);
    TINYNAS_CHECK(shared != layer_by_name_.end(), part.graph.names[i] + " is not in the largest sub-network");
    LayerSize size{
        .out = part.graph.out_shape(layer).c, .in = part.graph.in_shape(layer).c, .kernel = layer.kernel_h};
    const bool transformed = layer.op == ir::OpKind::kDepthwiseConv2d && !transforms_.matrices().empty();
    if (transformed) size.kernel = shared_.graph.layers[shared->second].kernel_h;
    part.layers.push_back(elastic_part(shared_.layers[shared->second], size));
    torch::Tensor& weight = part.layers.back().weight;
    if (transformed) weight = transforms_.apply(shared->second, weight, layer.kernel_h);
  }
  return part;
}

std::vector<torch::Tensor> Supernet::parameters() const {
  std::vector<torch::Tensor> all = supernet::parameters(shared_);
  all.insert(all.end(), transforms_.matrices().begin(), transforms_.matrices().end());
  return all;
}

void Supernet::to(const torch::Device& device) {
  to_device(shared_, device);
  transforms_.to(device);
}

torch::Tensor Supernet::forward(const torch::Tensor& images, const space::Genome& genome) const {
  return supernet::forward(sub_network(genome), images, {});
}

}  // namespace tinynas::supernet
