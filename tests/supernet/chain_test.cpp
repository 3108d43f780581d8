#include "tinynas/supernet/chain.h"

#include <ATen/Parallel.h>

#include <cstdlib>
#include <iostream>

#include "supernet/support.h"
#include "support/catch.h"
#include "tinynas/ir/weights.h"
#include "tinynas/supernet/forward.h"

using namespace tinynas;
using namespace tinynas::supernet;

namespace {

torch::Tensor random_tensor(std::vector<std::int64_t> shape, Rng& rng, double deviation = 1,
                            double mean = 0) {
  torch::Tensor tensor = torch::empty(shape);
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    tensor.data_ptr<float>()[i] = static_cast<float>(mean + deviation * rng.normal());
  return tensor;
}

ChainLayer pointwise(int in, int out, Rng& rng) {
  return {.kind = ChainLayer::Kind::kPointwise,
          .tensors = {.weight = random_tensor({out, in, 1, 1}, rng, 0.4),
                      .gamma = random_tensor({out}, rng, 0.3, 1.5),
                      .beta = random_tensor({out}, rng, 1, 0.5)}};
}

ChainLayer depthwise(int channels, int kernel, int stride, Rng& rng) {
  return {.kind = ChainLayer::Kind::kDepthwise,
          .kernel = kernel,
          .stride = stride,
          .tensors = {.weight = random_tensor({channels, 1, kernel, kernel}, rng, 0.4),
                      .gamma = random_tensor({channels}, rng, 0.3, 1.5),
                      .beta = random_tensor({channels}, rng, 1, 0.5)}};
}

/// The same by LibTorch's operators, in the precision of x.
torch::Tensor reference(const Chain& chain, const torch::Tensor& x) {
  torch::Tensor y = x;
  for (std::size_t i = 0; i < chain.layers.size(); ++i) {
    const ChainLayer& layer = chain.layers[i];
    const LayerTensors& t = layer.tensors;
    if (layer.kind != ChainLayer::Kind::kNormOnly)
      y = torch::conv2d(y, t.weight, {}, layer.stride, layer.kernel / 2, 1,
                        layer.kind == ChainLayer::Kind::kDepthwise ? t.weight.size(0) : 1);
    y = torch::batch_norm(y, t.gamma, t.beta, {}, {}, true, 0, ir::kBatchNormEpsilon, false);
    if (i + 1 < chain.layers.size() || chain.relu6_at_end) y = torch::clamp(y, 0, 6);
  }
  if (chain.pooled_at_end) y = torch::max_pool2d(y, 2);
  return chain.addend.defined() ? y + chain.addend : y;
}

struct Case {
  const char* name;
  Chain chain;
  int images, channels, h, w;
  bool residual = false;  ///< the input is the addend
};

/// Output and the gradients of all inputs for the loss sum(y * direction).
std::vector<torch::Tensor> run(const Case& c, torch::Tensor x, const torch::Tensor& direction,
                               torch::ScalarType type, bool ours) {
  Chain chain = c.chain;
  std::vector<torch::Tensor> leaves;
  const auto leaf = [&](torch::Tensor& t, torch::ScalarType as) {
    if (!t.defined()) return;
    t = t.detach().to(as).clone().requires_grad_(true);
    leaves.push_back(t);
  };
  const torch::ScalarType learned = type == torch::kBFloat16 ? torch::kFloat : type;
  leaf(x, type);
  for (ChainLayer& layer : chain.layers) {
    leaf(layer.tensors.weight, learned);
    leaf(layer.tensors.gamma, learned);
    leaf(layer.tensors.beta, learned);
  }
  if (chain.addend.defined()) leaf(chain.addend, type);
  if (c.residual) chain.addend = x;
  const torch::Tensor y = ours ? run_chain(chain, x, {}) : reference(chain, x);
  (y * direction.to(type)).sum().backward();
  std::vector<torch::Tensor> results = {y.detach()};
  for (const torch::Tensor& t : leaves) results.push_back(t.grad());
  return results;
}

/// Euclidean distance of all values together, relative to their length: single gradients may be truly zero.
double relative_error(const std::vector<torch::Tensor>& found, const std::vector<torch::Tensor>& expected) {
  double error = 0, length = 0;
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    REQUIRE(found[i].sizes() == expected[i].sizes());
    error += (found[i].to(torch::kDouble) - expected[i]).square().sum().item<double>();
    length += expected[i].square().sum().item<double>();
  }
  return std::sqrt(error / length);
}

std::vector<Case> cases(Rng& rng) {
  std::vector<Case> all;
  all.push_back({"inverted residual, 3x3",
                 {.layers = {pointwise(16, 48, rng), depthwise(48, 3, 1, rng), pointwise(48, 16, rng)}},
                 11,
                 16,
                 9,
                 7,
                 true});
  all.push_back({"block of stride 2, 5x5, odd image",
                 {.layers = {pointwise(8, 40, rng), depthwise(40, 5, 2, rng), pointwise(40, 24, rng)}},
                 9,
                 8,
                 7,
                 9});
  all.push_back({"block of stride 2, 7x7, even image",
                 {.layers = {pointwise(24, 72, rng), depthwise(72, 7, 2, rng), pointwise(72, 32, rng)}},
                 3,
                 24,
                 10,
                 6});
  all.push_back({"7x7 on an image smaller than the kernel",
                 {.layers = {pointwise(8, 24, rng), depthwise(24, 7, 1, rng), pointwise(24, 8, rng)}},
                 17,
                 8,
                 2,
                 3,
                 true});
  all.push_back({"stride 2 on one pixel",
                 {.layers = {pointwise(8, 16, rng), depthwise(16, 3, 2, rng), pointwise(16, 8, rng)}},
                 20,
                 8,
                 1,
                 1});
  all.push_back(
      {"depthwise first", {.layers = {depthwise(32, 3, 1, rng), pointwise(32, 8, rng)}}, 8, 32, 6, 6});
  all.push_back(
      {"stride 2, 3x3, first", {.layers = {depthwise(8, 3, 2, rng), pointwise(8, 8, rng)}}, 8, 8, 8, 8});
  all.push_back(
      {"stride 2, 5x5, even image", {.layers = {depthwise(8, 5, 2, rng), pointwise(8, 8, rng)}}, 8, 8, 8, 8});
  all.push_back({"5x5 alone", {.layers = {depthwise(16, 5, 1, rng)}, .relu6_at_end = true}, 8, 16, 5, 12});
  all.push_back({"pointwise with ReLU6 at its end",
                 {.layers = {pointwise(40, 104, rng)}, .relu6_at_end = true},
                 30,
                 40,
                 4,
                 4});
  ChainLayer norm = pointwise(16, 16, rng);
  norm.kind = ChainLayer::Kind::kNormOnly;
  norm.tensors.weight = torch::Tensor();
  all.push_back(
      {"norm first", {.layers = {norm, depthwise(16, 3, 1, rng), pointwise(16, 8, rng)}}, 5, 16, 8, 8});
  all.push_back({"norm alone", {.layers = {norm}, .relu6_at_end = true}, 5, 16, 8, 8});
  all.push_back({"norm alone, something added behind its ReLU6",
                 {.layers = {norm}, .relu6_at_end = true, .addend = random_tensor({5, 16, 8, 8}, rng)},
                 5,
                 16,
                 8,
                 8});
  all.push_back({"norm alone, its input added", {.layers = {norm}}, 5, 16, 8, 8, true});
  ChainLayer falling =
      pointwise(24, 24, rng);  // the largest value of a window is the smallest before the norm
  falling.kind = ChainLayer::Kind::kNormOnly;
  falling.tensors.weight = torch::Tensor();
  falling.tensors.gamma.narrow(0, 0, 12).neg_();
  all.push_back(
      {"norm alone, pooled", {.layers = {norm}, .relu6_at_end = true, .pooled_at_end = true}, 19, 16, 8, 6});
  all.push_back({"norm that turns values round, pooled, odd image",
                 {.layers = {falling}, .relu6_at_end = true, .pooled_at_end = true},
                 9,
                 24,
                 7,
                 5});
  all.push_back(
      {"norm alone, pooled without ReLU6", {.layers = {falling}, .pooled_at_end = true}, 9, 24, 5, 8});
  return all;
}

}  // namespace

TEST_CASE("a chain and its gradients equal LibTorch's operators in double precision", "[kernels]") {
  if (!chains_available()) {
    std::cout << "skipped: chains: this CPU has no AVX2\n";
    return;
  }
  Rng rng(11);
  for (const Case& c : cases(rng)) {
    INFO(c.name);
    const torch::Tensor x = random_tensor({c.images, c.channels, c.h, c.w}, rng, 2, 0.5)
                                .contiguous(torch::MemoryFormat::ChannelsLast);
    torch::Tensor y;
    {
      const torch::NoGradGuard no_grad;
      y = run_chain(c.chain, x, {});
    }
    const torch::Tensor direction = random_tensor(y.sizes().vec(), rng);
    const auto exact = run(c, x, direction, torch::kDouble, /*ours=*/false);
    // Single precision: 1e-7 times what cancels. Which side of a ReLU6 edge a value lies on may differ.
    CHECK(relative_error(run(c, x, direction, torch::kFloat, /*ours=*/true), exact) < 2e-5);
  }
}

TEST_CASE("a batch norm alone keeps bfloat16 and is rounded no more than its values are", "[kernels]") {
  if (!chains_available()) return;
  Rng rng(14);
  for (const Case& c : cases(rng)) {
    if (c.chain.layers.size() > 1 || c.chain.layers[0].kind != ChainLayer::Kind::kNormOnly) continue;
    INFO(c.name);
    const auto rounded = [](const torch::Tensor& x) { return x.to(torch::kBFloat16).to(torch::kFloat); };
    const torch::Tensor x = rounded(random_tensor({c.images, c.channels, c.h, c.w}, rng, 2, 0.5))
                                .contiguous(torch::MemoryFormat::ChannelsLast);
    Case half = c;
    if (c.chain.addend.defined()) half.chain.addend = rounded(c.chain.addend);
    std::vector<std::int64_t> shape = x.sizes().vec();
    if (c.chain.pooled_at_end) shape = {shape[0], shape[1], shape[2] / 2, shape[3] / 2};
    const torch::Tensor direction = rounded(random_tensor(shape, rng));
    const auto exact = run(half, x, direction, torch::kDouble, /*ours=*/false);
    const auto found = run(half, x, direction, torch::kBFloat16, /*ours=*/true);
    CHECK(found[0].scalar_type() == torch::kBFloat16);
    const double unit = 1.0 / 256;  // of the last of 8 bits, rounded to the nearest: half of it at most
    CHECK(relative_error({found[0]}, {exact[0]}) < unit);
    CHECK(relative_error({found[1]}, {exact[1]}) < 2 * unit);  // two roundings, and what cancels
  }
}

TEST_CASE("the kernels that the environment asks for are those that run", "[kernels]") {
  const char* wanted = std::getenv("TINYNAS_KERNELS");
  if (wanted != nullptr) CHECK(kernels_here() == wanted);
  CHECK(chains_available() == (kernels_here() != "libtorch"));
}

TEST_CASE("a chain gives the same bits for any number of threads", "[kernels]") {
  if (!chains_available()) return;
  Rng rng(12);
  const int before = at::get_num_threads();
  for (const Case& c : cases(rng)) {
    INFO(c.name);
    const torch::Tensor x = random_tensor({c.images, c.channels, c.h, c.w}, rng);
    torch::Tensor y;
    {
      const torch::NoGradGuard no_grad;
      y = run_chain(c.chain, x, {});
    }
    const torch::Tensor direction = random_tensor(y.sizes().vec(), rng);
    at::set_num_threads(1);
    const auto one = run(c, x, direction, torch::kFloat, /*ours=*/true);
    at::set_num_threads(3);
    const auto three = run(c, x, direction, torch::kFloat, /*ours=*/true);
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i].equal(three[i]));
  }
  at::set_num_threads(before);
}

TEST_CASE("a network's gradients are as close to double precision with our kernels as with LibTorch's",
          "[kernels]") {
  if (!chains_available()) return;
  Rng rng(13);
  const Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(32, 3, 10, rng);
  const auto gradients = [&](torch::ScalarType type, Kernels kernels) {
    Network network = detached_copy(net.shared());
    for (LayerTensors& layer : network.layers)
      for (torch::Tensor* t : {&layer.weight, &layer.bias, &layer.gamma, &layer.beta})
        if (t->defined()) *t = t->detach().to(type).requires_grad_(true);
    const torch::Tensor logits = forward(network, images.to(type), {.kernels = kernels});
    torch::log_softmax(logits, 1).select(1, 2).mean().backward();
    std::vector<torch::Tensor> all;
    for (const torch::Tensor& p : parameters(network)) all.push_back(p.grad());
    return all;
  };
  const auto exact = gradients(torch::kDouble, Kernels::kLibTorch);
  const double ours = relative_error(gradients(torch::kFloat, Kernels::kFastest), exact);
  const double theirs = relative_error(gradients(torch::kFloat, Kernels::kLibTorch), exact);
  INFO("ours " << ours << ", LibTorch " << theirs);
  // On images this small LibTorch's own are good too; benchmarks/train_step compares them at full size.
  CHECK(ours < 1e-5);
  CHECK(ours < 5 * theirs);
}

TEST_CASE("in bfloat16 full convolutions are rounded, and nothing else changes", "[kernels]") {
  if (!bfloat16_available()) {
    std::cout << "skipped: bfloat16: this CPU has no AVX-512 BF16\n";
    return;
  }
  Rng rng(15);
  const Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(64, 3, 10, rng);
  const auto gradients = [&](Precision precision) {
    const Network network = detached_copy(net.shared());
    const torch::Tensor logits = forward(network, images, {.precision = precision});
    CHECK(logits.scalar_type() == torch::kFloat);
    torch::log_softmax(logits, 1).select(1, 2).mean().backward();
    std::vector<torch::Tensor> all = {logits.detach()};
    for (const torch::Tensor& p : parameters(network)) {
      CHECK(p.grad().scalar_type() == torch::kFloat);
      all.push_back(p.grad());
    }
    return all;
  };
  const auto single = gradients(Precision::kFloat), half = gradients(Precision::kBfloat16);
  const double outputs = relative_error({half[0]}, {single[0].to(torch::kDouble)});
  CHECK(outputs > 1e-4);  // else it was not done
  CHECK(outputs < 0.03);
  CHECK(relative_error(half, single) < 0.1);
}
