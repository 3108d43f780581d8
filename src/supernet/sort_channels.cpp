#include "tinynas/supernet/sort_channels.h"

#include <set>
#include <vector>

namespace tinynas::supernet {
namespace {

bool is_projection(const ir::Layer& layer) {
  return layer.op == ir::OpKind::kConv2d && layer.kernel_h == 1 && layer.kernel_w == 1 &&
         layer.activation == ir::Activation::kNone;
}

void reorder(torch::Tensor tensor, std::int64_t dim, const torch::Tensor& order) {
  if (tensor.defined()) tensor.copy_(tensor.index_select(dim, order));
}

/// The layers that see a block's middle channels: between the one that expands and the one that projects.
struct Middle {
  std::vector<std::size_t> made_by, read_by;  ///< with weights: by their outputs, by their inputs
  std::size_t projection = 0;  ///< 0: these are a stage's own channels, which others read in their order
};

/// Follows the channels that layer `expand` makes through depthwise convolutions, functions, and the gate of
/// a squeeze-and-excite.
Middle middle_of(const std::vector<ir::Layer>& layers, std::size_t expand) {
  Middle middle{.made_by = {expand}};
  std::set<int> same = {layers[expand].output};  // tensors with these channels
  std::set<int> squeezed;                        // what a dense layer made of them
  const auto grows = [&](const ir::Layer& layer) { same.insert(layer.output); };
  for (std::size_t i = expand + 1; i < layers.size(); ++i) {
    const ir::Layer& layer = layers[i];
    if (squeezed.contains(layer.inputs[0]) && layer.op == ir::OpKind::kDense) {
      middle.made_by.push_back(i);
      grows(layer);
      continue;
    }
    if (!same.contains(layer.inputs[0])) return {};
    switch (layer.op) {
      case ir::OpKind::kDepthwiseConv2d:
        middle.made_by.push_back(i);
        grows(layer);
        break;
      case ir::OpKind::kFunction:
      case ir::OpKind::kGlobalAveragePool:
        grows(layer);
        break;
      case ir::OpKind::kMul:
        if (!same.contains(layer.inputs[1])) return {};
        grows(layer);
        break;
      case ir::OpKind::kDense:
        middle.read_by.push_back(i);
        squeezed.insert(layer.output);
        break;
      default:
        if (!is_projection(layer)) return {};
        middle.read_by.push_back(i);
        middle.projection = i;
        return middle;
    }
  }
  return {};
}

/// Does layer i expand: a full convolution with a function or an activation behind it?
bool expands(const std::vector<ir::Layer>& layers, std::size_t i) {
  if (layers[i].op != ir::OpKind::kConv2d) return false;
  return layers[i].activation != ir::Activation::kNone ||
         (i + 1 < layers.size() && layers[i + 1].op == ir::OpKind::kFunction);
}

}  // namespace

void sort_channels(Network& network) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 1; i < network.layers.size(); ++i) {
    if (!expands(network.graph.layers, i)) continue;
    const Middle middle = middle_of(network.graph.layers, i);
    if (middle.projection == 0) continue;
    const torch::Tensor importance = network.layers[middle.projection].weight.abs().sum({0, 2, 3});
    const torch::Tensor order = std::get<1>(importance.sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
    for (const std::size_t made : middle.made_by) {
      const LayerTensors& l = network.layers[made];
      for (const torch::Tensor& tensor : {l.weight, l.bias, l.gamma, l.beta, l.mean, l.variance})
        reorder(tensor, 0, order);
    }
    for (const std::size_t read : middle.read_by) reorder(network.layers[read].weight, 1, order);
  }
}

}  // namespace tinynas::supernet
