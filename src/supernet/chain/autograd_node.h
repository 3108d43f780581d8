#pragma once

#include <torch/csrc/autograd/functions/utils.h>
#include <torch/torch.h>

#include <algorithm>
#include <memory>

namespace tinynas::supernet {

/// Whether LibTorch would differentiate an operator of these inputs now. Undefined inputs do not count.
inline bool differentiates(const torch::autograd::variable_list& inputs) {
  return torch::GradMode::is_enabled() && std::any_of(inputs.begin(), inputs.end(), [](const auto& tensor) {
           return tensor.defined() && tensor.requires_grad();
         });
}

/// Makes `node` compute the gradients of `inputs` from that of `y`. The node is new'ed, and now owned.
inline void set_backward(torch::Tensor& y, torch::autograd::Node* node,
                         const torch::autograd::variable_list& inputs) {
  const std::shared_ptr<torch::autograd::Node> owner(node, torch::autograd::deleteNode);
  torch::autograd::edge_list edges;
  for (const torch::Tensor& tensor : inputs)
    edges.push_back(tensor.defined() ? torch::autograd::impl::gradient_edge(tensor)
                                     : torch::autograd::Edge());
  owner->set_next_edges(std::move(edges));
  torch::autograd::set_history(y, owner);
}

}  // namespace tinynas::supernet
