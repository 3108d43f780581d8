#include "supernet/chain/in_parts.h"

#include "supernet/chain/autograd_node.h"
#include "supernet/chain/chain_tasks.h"
#include "supernet/chain/pairwise_sum.h"
#include "tinynas/core/error.h"

namespace tinynas::supernet {
namespace {

constexpr std::int64_t kPartImages = kMostTaskImages;

/// Calls body(number of the part, part of a tensor of the batch ->) for all parts of `images`.
template <typename Body>
void for_parts(std::int64_t images, const Body& body) {
  for (std::int64_t first = 0; first < images; first += kPartImages) {
    const std::int64_t count = std::min(kPartImages, images - first);
    body(first / kPartImages,
         [first, count](const torch::Tensor& whole) { return whole.narrow(0, first, count); });
  }
}

/// One of `size` for each part of `images`.
torch::Tensor empty_parts(std::int64_t images, torch::IntArrayRef size) {
  std::vector<std::int64_t> all = {divide_up(images, kPartImages)};
  all.insert(all.end(), size.begin(), size.end());
  return torch::empty(all);
}

class ConvolutionNode : public torch::autograd::Node {
 public:
  ConvolutionNode(torch::Tensor x, torch::Tensor weight, const ConvolutionStep& step)
      : x_(std::move(x)), weight_(std::move(weight)), step_(step) {}

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    TINYNAS_CHECK(x_.defined(), "a convolution's backward pass runs once");
    const torch::NoGradGuard no_grad;
    const torch::Tensor dy = gradients[0].contiguous(torch::MemoryFormat::ChannelsLast);
    torch::Tensor dx;
    if (task_should_compute_output(0)) dx = std::get<0>(backward(dy, x_, {true, false, false}));
    return {dx, weight_gradient(dy)};
  }

  void release_variables() override { x_.reset(); }

 private:
  torch::Tensor weight_gradient(const torch::Tensor& dy) const {
    constexpr std::array kWeight = {false, true, false};
    // One piece makes a whole step in bfloat16 a fifth faster; two processes then agree up to rounding only.
    if (x_.scalar_type() != torch::kFloat) return std::get<1>(backward(dy, x_, kWeight)).to(torch::kFloat);
    const torch::Tensor parts = empty_parts(x_.size(0), weight_.sizes());
    for_parts(x_.size(0), [&](std::int64_t i, const auto& part) {
      parts[i].copy_(std::get<1>(backward(part(dy), part(x_), kWeight)));
    });
    return pairwise_sum(parts);
  }

  std::tuple<torch::Tensor, torch::Tensor, torch::Tensor> backward(const torch::Tensor& dy,
                                                                   const torch::Tensor& x,
                                                                   std::array<bool, 3> wanted) const {
    return at::convolution_backward(dy, x, weight_, at::OptionalIntArrayRef(),
                                    {step_.stride_h, step_.stride_w}, {step_.pad_h, step_.pad_w}, {1, 1},
                                    /*transposed=*/false, {0, 0}, step_.groups, wanted);
  }

  torch::Tensor x_, weight_;
  ConvolutionStep step_;
};

class LinearNode : public torch::autograd::Node {
 public:
  LinearNode(torch::Tensor x, torch::Tensor weight) : x_(std::move(x)), weight_(std::move(weight)) {}

  torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
    TINYNAS_CHECK(x_.defined(), "a dense layer's backward pass runs once");
    const torch::NoGradGuard no_grad;
    const torch::Tensor dy = gradients[0].contiguous();
    const torch::Tensor dx = torch::empty_like(x_), weights = empty_parts(x_.size(0), weight_.sizes()),
                        biases = empty_parts(x_.size(0), weight_.size(0));
    for_parts(x_.size(0), [&](std::int64_t i, const auto& part) {
      part(dx).copy_(part(dy).mm(weight_));
      weights[i].copy_(part(dy).t().mm(part(x_)));
      biases[i].copy_(part(dy).sum(0));
    });
    return {dx, pairwise_sum(weights), pairwise_sum(biases)};
  }

  void release_variables() override { x_.reset(); }

 private:
  torch::Tensor x_, weight_;
};

}  // namespace

torch::Tensor convolve_in_parts(const torch::Tensor& x, const torch::Tensor& weight,
                                const ConvolutionStep& step) {
  const torch::autograd::variable_list inputs = {x, weight};
  const torch::Tensor like_x = weight.detach().to(x.scalar_type());
  torch::Tensor y;
  {
    const torch::NoGradGuard no_grad;  // an image's outputs do not depend on the others: no parts here
    y = torch::conv2d(x, like_x, {}, {step.stride_h, step.stride_w}, {step.pad_h, step.pad_w}, {1, 1},
                      step.groups);
  }
  if (differentiates(inputs)) set_backward(y, new ConvolutionNode(x.detach(), like_x, step), inputs);
  return y;
}

torch::Tensor linear_in_parts(const torch::Tensor& x, const torch::Tensor& weight,
                              const torch::Tensor& bias) {
  const torch::autograd::variable_list inputs = {x, weight, bias};
  torch::Tensor y;
  {
    const torch::NoGradGuard no_grad;
    y = torch::empty({x.size(0), weight.size(0)});
    for_parts(x.size(0),
              [&](std::int64_t, const auto& part) { part(y).copy_(torch::linear(part(x), weight, bias)); });
  }
  if (differentiates(inputs)) set_backward(y, new LinearNode(x.detach(), weight.detach()), inputs);
  return y;
}

}  // namespace tinynas::supernet
