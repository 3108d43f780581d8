#include "tinynas/supernet/sort_channels.h"

namespace tinynas::supernet {
namespace {

bool is_pointwise(const ir::Layer& layer) {
  return layer.op == ir::OpKind::kConv2d && layer.kernel_h == 1 && layer.kernel_w == 1;
}

void reorder(torch::Tensor tensor, std::int64_t dim, const torch::Tensor& order) {
  if (tensor.defined()) tensor.copy_(tensor.index_select(dim, order));
}

void reorder_outputs(LayerTensors& layer, const torch::Tensor& order) {
  for (const torch::Tensor& tensor : {layer.weight, layer.gamma, layer.beta, layer.mean, layer.variance})
    reorder(tensor, 0, order);
}

/// The layer that projects a block's middle channels, which layer `expand` makes: behind it, or behind the
/// depthwise convolution between them. 0: `expand` makes a stage's own channels, which others read in their
/// order.
std::size_t projection_of(const std::vector<ir::Layer>& layers, std::size_t expand) {
  if (layers[expand].op != ir::OpKind::kConv2d || layers[expand].activation == ir::Activation::kNone)
    return 0;
  std::size_t last = expand;
  const auto next_reads = [&] {
    return last + 1 < layers.size() && layers[last + 1].inputs[0] == layers[last].output;
  };
  if (next_reads() && layers[last + 1].op == ir::OpKind::kDepthwiseConv2d) ++last;
  const bool projects =
      next_reads() && is_pointwise(layers[last + 1]) && layers[last + 1].activation == ir::Activation::kNone;
  return projects ? last + 1 : 0;
}

}  // namespace

void sort_channels(Network& network) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 1; i < network.layers.size(); ++i) {
    const std::size_t project = projection_of(network.graph.layers, i);
    if (project == 0) continue;
    const torch::Tensor importance = network.layers[project].weight.abs().sum({0, 2, 3});
    const torch::Tensor order = std::get<1>(importance.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
    for (std::size_t layer = i; layer < project; ++layer) reorder_outputs(network.layers[layer], order);
    reorder(network.layers[project].weight, 1, order);
  }
}

}  // namespace tinynas::supernet
