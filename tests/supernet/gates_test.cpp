// Blocks with functions and squeeze-and-excite in a supernet.
#include "supernet/support.h"
#include "support/catch.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/quantize.h"
#include "tinynas/space/lower.h"
#include "tinynas/supernet/batch_norm.h"
#include "tinynas/supernet/extract.h"
#include "tinynas/supernet/forward.h"
#include "tinynas/supernet/sort_channels.h"

using namespace tinynas;
using namespace tinynas::supernet;

namespace {

space::SearchSpace gated_space() {
  return space::SearchSpace::read(yaml::Node::parse(R"(name: gated
resolutions: [10]
widths: [1.0]
activation: hard_swish
stem: { channels: 8, kernel: 3, stride: 1 }
depths: [1, 2]
kernels: [3, 5]
expansions: [1, 2.5, 4]
squeeze_excite: 0.25
stages:
  - { channels: 16, stride: 2, activation: relu6 }
  - { channels: 24 }
  - { block: fused_inverted_residual, channels: 16, stride: 2, activation: sigmoid }
)",
                                                    "gated.yaml"));
}

}  // namespace

TEST_CASE("a sub-network with gates computes what its float and int8 networks compute") {
  Rng rng(31);
  const Supernet net(gated_space(), test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(6, 3, 10, rng.fork("images"));
  const torch::NoGradGuard no_grad;
  for (int i = 0; i < 5; ++i) {
    const space::Genome genome = i == 0 ? space::largest(net.space()) : space::sample(net.space(), rng);
    INFO(space::to_string(net.space(), genome));
    Network network = net.sub_network(genome);
    reestimate_batch_norm(
        network, [&](std::size_t) { return images; }, 1);
    const torch::Tensor active = net.forward(images, genome);
    CHECK(test::largest_difference(
              active, forward(fold_batch_norm(network), images, {.statistics = Statistics::kStored})) < 1e-5);
    CHECK(test::largest_difference(active, forward(network, images, {.kernels = Kernels::kLibTorch})) < 1e-4);
    ir::Graph graph = space::lower_named(net.space(), net.task(), genome);
    quant::attach_weights(graph, to_weights(network));
    const torch::Tensor plain = images[2].permute({1, 2, 0}).contiguous();
    const std::vector<float> pixels(plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
    const std::vector<float> logits = quant::run_float(graph, pixels);
    REQUIRE(logits.size() == 5);
    for (std::size_t c = 0; c < logits.size(); ++c)
      CHECK(logits[c] == Approx(active[2][static_cast<std::int64_t>(c)].item<float>()).margin(1e-4));
  }
}

TEST_CASE("sorting channels takes their gates along") {
  Rng rng(32);
  const Supernet net(gated_space(), test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(4, 3, 10, rng);
  Network sorted = detached_copy(net.shared());
  sort_channels(sorted);
  const torch::NoGradGuard no_grad;
  CHECK(test::largest_difference(forward(sorted, images, {}), forward(net.shared(), images, {})) < 1e-4);
  int blocks = 0;
  for (std::size_t i = 0; i < sorted.graph.names.size(); ++i) {
    if (!sorted.graph.names[i].ends_with(".project")) continue;
    ++blocks;
    CHECK(sorted.layers[i].weight.abs().sum({0, 2, 3}).diff().max().item<float>() <= 0);
  }
  CHECK(blocks == 6);
}

TEST_CASE("a step of training reaches the weights of the gates") {
  Rng rng(33);
  const Supernet net(gated_space(), test::kElasticTask, rng.fork("net"));
  net.forward(test::random_images(4, 3, 10, rng), space::smallest(net.space())).square().sum().backward();
  int gates = 0;
  for (std::size_t i = 0; i < net.shared().graph.names.size(); ++i) {
    const std::string& name = net.shared().graph.names[i];
    if (name.find("block0") == std::string::npos) continue;
    if (!name.ends_with(".squeeze") && !name.ends_with(".excite")) continue;
    ++gates;
    CHECK(net.shared().layers[i].weight.grad().abs().sum().item<float>() > 0);
  }
  CHECK(gates == 6);
}
