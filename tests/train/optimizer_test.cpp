#include "tinynas/train/optimizer.h"

#include "support/catch.h"

using namespace tinynas::train;

TEST_CASE("a step is Nesterov's, with decay on weights and not on biases") {
  // w = 2, g = 1, decay 0.5, momentum 0.9, rate 0.1: d = 1 + 0.5 * 2 = 2, v = 2, w = 2 - 0.1 (2 + 0.9 * 2)
  // = 1.62 b = 2, g = 1, no decay:                          d = 1,             v = 1, b = 2 - 0.1 (1 + 0.9)
  // = 1.81
  torch::Tensor weight = torch::full({1, 1}, 2.0F).requires_grad_(true);
  torch::Tensor bias = torch::full({1}, 2.0F).requires_grad_(true);
  FlatSgd optimizer({weight, bias}, {.momentum = 0.9, .weight_decay = 0.5});
  (weight.sum() + bias.sum()).backward();
  optimizer.step(0.1);
  CHECK(weight.item<float>() == Approx(1.62));
  CHECK(bias.item<float>() == Approx(1.81));
}

TEST_CASE("ten steps equal LibTorch's own optimizer") {
  const auto options = torch::optim::SGDOptions(0.05).momentum(0.9).nesterov(true).weight_decay(0.01);
  torch::Tensor ours = torch::linspace(-1, 1, 12).reshape({3, 4}).clone().requires_grad_(true);
  torch::Tensor theirs = ours.detach().clone().requires_grad_(true);
  FlatSgd optimizer({ours}, {.momentum = 0.9, .weight_decay = 0.01});
  torch::optim::SGD reference({theirs}, options);
  for (int i = 0; i < 10; ++i) {
    optimizer.zero_gradients();
    reference.zero_grad();
    ours.pow(4).sum().backward();
    theirs.pow(4).sum().backward();
    optimizer.step(0.05);
    reference.step();
  }
  CHECK(torch::allclose(ours, theirs, 1e-5, 1e-6));
}

TEST_CASE("a gradient longer than the limit is scaled to it") {
  // Gradient (3, 4) has norm 5; limit 1: (0.6, 0.8); rate 1, no momentum.
  torch::Tensor w = torch::zeros({2}).requires_grad_(true);
  FlatSgd optimizer({w}, {.momentum = 0, .clip_norm = 1});
  (w * torch::tensor({3.0F, 4.0F})).sum().backward();
  optimizer.step(1);
  CHECK(w[0].item<float>() == Approx(-0.6));
  CHECK(w[1].item<float>() == Approx(-0.8));
}
