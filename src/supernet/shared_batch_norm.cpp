#include "supernet/shared_batch_norm.h"

#include "supernet/chain/autograd_node.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/weights.h"

namespace tinynas::supernet {
namespace {

torch::Tensor channel_sums(const torch::Tensor& x) {
  return x.sum({0, 2, 3}, /*keepdim=*/false, torch::kDouble);
}
torch::Tensor per_channel(const torch::Tensor& values) {
  return values.to(torch::kFloat).reshape({1, -1, 1, 1});
}

/// Sums of x and of x * y per channel, double [2, C], over the batches of all processes.
torch::Tensor sums_over_all(const torch::Tensor& sum, const torch::Tensor& product, const Peers& peers) {
  torch::Tensor sums = torch::stack({sum, product});
  peers.add_up(sums);
  return sums;
}

/// dx = gamma * inverse * (dy - mean(dy) - normal * mean(dy * normal)), normal = (x - mean) * inverse
/// (Ioffe 2015, arXiv:1502.03167, section 3), means over the batches of all processes.
class SharedNormNode : public torch::autograd::Node {
 public:
  SharedNormNode(torch::Tensor normal, torch::Tensor gamma, torch::Tensor inverse, Peers peers)
      : normal_(std::move(normal)),
        gamma_(std::move(gamma)),
        inverse_(std::move(inverse)),
        peers_(std::move(peers)) {}

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    TINYNAS_CHECK(normal_.defined(), "a batch norm's backward pass runs once");
    const torch::NoGradGuard no_grad;
    const torch::Tensor dy = gradients[0].to(torch::kFloat);
    const torch::Tensor beta = channel_sums(dy), gamma = channel_sums(dy * normal_);
    const double count = static_cast<double>(dy.numel() / dy.size(1)) * peers_.count;
    const torch::Tensor means = sums_over_all(beta, gamma, peers_) / count;
    const torch::Tensor dx =
        per_channel(gamma_ * inverse_) * (dy - per_channel(means[0]) - normal_ * per_channel(means[1]));
    return {dx.to(gradients[0].scalar_type()), gamma.to(torch::kFloat), beta.to(torch::kFloat)};
  }

  void release_variables() override { normal_.reset(); }

 private:
  torch::Tensor normal_, gamma_, inverse_;
  Peers peers_;
};

}  // namespace

torch::Tensor shared_batch_norm(const LayerTensors& tensors, const torch::Tensor& x, const Peers& peers) {
  const torch::autograd::variable_list inputs = {x, tensors.gamma, tensors.beta};
  torch::Tensor y, normal, gamma, inverse;
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor values = x.detach().to(torch::kFloat);
    gamma = tensors.gamma.detach();
    const double count = static_cast<double>(x.numel() / x.size(1)) * peers.count;
    const torch::Tensor means =
        sums_over_all(channel_sums(values), channel_sums(values * values), peers) / count;
    const torch::Tensor variance = (means[1] - means[0] * means[0]).clamp_min(0);
    inverse = torch::rsqrt(variance + static_cast<double>(ir::kBatchNormEpsilon)).to(torch::kFloat);
    normal = (values - per_channel(means[0])) * per_channel(inverse);
    y = (normal * per_channel(gamma) + per_channel(tensors.beta.detach())).to(x.scalar_type());
  }
  if (differentiates(inputs)) set_backward(y, new SharedNormNode(normal, gamma, inverse, peers), inputs);
  return y;
}

}  // namespace tinynas::supernet
