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

}  // namespace

void sort_channels(Network& network) {
  const torch::NoGradGuard no_grad;
  const std::vector<ir::Layer>& layers = network.graph.layers;
  for (std::size_t i = 1; i + 1 < layers.size(); ++i) {
    const bool middle = layers[i].op == ir::OpKind::kDepthwiseConv2d && is_pointwise(layers[i - 1]) &&
                        is_pointwise(layers[i + 1]) && layers[i].inputs[0] == layers[i - 1].output &&
                        layers[i + 1].inputs[0] == layers[i].output;
    // Without an expansion the channels are the stage's own, which others read in their order.
    if (!middle || layers[i - 1].activation == ir::Activation::kNone) continue;
    const torch::Tensor importance = network.layers[i + 1].weight.abs().sum({0, 2, 3});
    const torch::Tensor order = std::get<1>(importance.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
    reorder_outputs(network.layers[i - 1], order);
    reorder_outputs(network.layers[i], order);
    reorder(network.layers[i + 1].weight, 1, order);
  }
}

}  // namespace tinynas::supernet
