#include "tinynas/supernet/supernet.h"

#include "supernet/support.h"
#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/quantize.h"
#include "tinynas/supernet/batch_norm.h"
#include "tinynas/supernet/extract.h"
#include "tinynas/supernet/forward.h"

using namespace tinynas;
using namespace tinynas::supernet;

namespace {

/// One image [C, H, W] of LibTorch as the interpreter's [H, W, C].
std::vector<float> image_values(const torch::Tensor& image) {
  const torch::Tensor plain = image.permute({1, 2, 0}).contiguous();
  return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
}

/// Gammas, betas and the bias away from 1 and 0, so that a mix-up shows.
void disturb(Network& network, Rng rng) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : parameters(network))
    if (parameter.dim() == 1)
      for (std::int64_t i = 0; i < parameter.numel(); ++i) parameter[i] += 0.3 * rng.normal();
}

}  // namespace

TEST_CASE("an extracted sub-network computes what the supernet computes with that genome active") {
  const auto seed = 20261121;
  INFO("seed " << seed);
  Rng rng(seed);
  Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  disturb(net.shared(), rng.fork("disturb"));
  const torch::Tensor images = test::random_images(6, 3, 10, rng.fork("images"));
  const torch::NoGradGuard no_grad;
  const ForwardOptions stored{.statistics = Statistics::kStored};
  for (int i = 0; i < 8; ++i) {
    const space::Genome genome = i == 0   ? space::largest(net.space())
                                 : i == 1 ? space::smallest(net.space())
                                          : space::sample(net.space(), rng);
    INFO(space::to_string(net.space(), genome));
    Network network = net.sub_network(genome);
    reestimate_batch_norm(
        network, [&](std::size_t) { return images; }, 1);
    // One batch: its own statistics and the re-estimated ones are the same numbers.
    const torch::Tensor active = net.forward(images, genome);
    CHECK(test::largest_difference(active, forward(network, images, stored)) < 1e-5);
    CHECK(test::largest_difference(active, forward(fold_batch_norm(network), images, stored)) < 1e-5);

    ir::Graph graph = space::lower_named(net.space(), net.task(), genome);
    quant::attach_weights(graph, to_weights(network));
    const std::vector<float> logits = quant::run_float(graph, image_values(images[2]));
    REQUIRE(logits.size() == 5);
    for (std::size_t c = 0; c < logits.size(); ++c)
      CHECK(logits[c] == Approx(active[2][static_cast<std::int64_t>(c)].item<float>()).margin(1e-5));
  }
}

TEST_CASE("weights survive the way out of LibTorch and back") {
  Rng rng(3);
  Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  disturb(net.shared(), rng.fork("disturb"));
  const torch::Tensor images = test::random_images(4, 3, 10, rng);
  Network network = net.sub_network(space::sample(net.space(), rng));
  reestimate_batch_norm(
      network, [&](std::size_t) { return images; }, 1);
  const ir::Weights weights = to_weights(network);
  CHECK((to_weights(from_weights(network.graph, weights)) == weights));  // glog prints maps, badly

  ir::Weights missing = weights;
  missing.erase("classifier.bias");
  CHECK_THROWS_WITH(from_weights(network.graph, missing), Catch::Contains("classifier.bias"));
}

TEST_CASE("gradients of a sub-network reach its part of the shared weights and nothing else") {
  Rng rng(4);
  const Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  const space::Genome genome = space::smallest(net.space());
  net.forward(test::random_images(4, 3, 10, rng), genome).square().sum().backward();
  const auto layer = [&](const std::string& name) {
    const auto& names = net.shared().graph.names;
    const auto at = std::find(names.begin(), names.end(), name) - names.begin();
    REQUIRE(at < static_cast<std::ptrdiff_t>(names.size()));
    return net.shared().layers[static_cast<std::size_t>(at)];
  };
  // Smallest: depth 1 in stage 0, expansion 1 (so no expand layer), kernel 3 of 7.
  CHECK_FALSE(layer("stage0.block1.depthwise").weight.grad().defined());
  CHECK_FALSE(layer("stage0.block0.expand").weight.grad().defined());
  const torch::Tensor gradient = layer("stage0.block0.depthwise").weight.grad();
  CHECK(gradient[7][0][2][4].item<float>() != 0);  // first 8 channels, rows and columns 2 to 4
  CHECK(gradient[0][0][1][3].item<float>() == 0);
  CHECK(gradient[8].abs().sum().item<float>() == 0);
}

TEST_CASE("the largest sub-network is the shared network itself") {
  const Supernet net(test::elastic_space(), test::kElasticTask, Rng(5));
  const Network largest = net.sub_network(space::largest(net.space()));
  REQUIRE(largest.graph == net.shared().graph);
  for (std::size_t i = 0; i < largest.layers.size(); ++i)
    CHECK(largest.layers[i].weight.is_same(net.shared().layers[i].weight));
}

TEST_CASE("stages of several widths share their first channels, and every kind of kernel agrees on them") {
  space::SearchSpace space = test::elastic_space();
  space.stages[0].widths = {0.5, 1};
  space.stages[1].widths = {
      0.6, 1};  // at 0.6 as many channels as stage 0: a residual the largest network does not have
  Rng rng(6);
  const Supernet net(space, test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(4, 3, 10, rng);
  const space::Genome genome = space::parse_genome(
      space, "r10-w1.0 d2,3,1,2 k3.7,5.3.7,3,5.3 e2_5.4,4.1.2_5,4,1.1 w1,0_6,1,1", "test");
  const Network part = net.sub_network(genome);
  const auto at = [&](const std::string& name) {
    const auto& names = part.graph.names;
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  REQUIRE(at("stage1.block0.add") < part.graph.names.size());
  CHECK(part.layers[at("stage1.block1.project")].weight.size(0) == 16);
  CHECK(part.layers[at("stage1.block1.project")].weight.size(1) == 16);
  CHECK(part.layers[at("classifier")].weight.size(1) == 24);
  CHECK(test::largest_difference(forward(part, images, {.kernels = Kernels::kFastest}),
                                 forward(part, images, {.kernels = Kernels::kLibTorch})) < 1e-4);
}

TEST_CASE("a supernet refuses a space of several resolutions that are not elastic, and of several widths") {
  space::SearchSpace space = test::elastic_space();
  space.resolutions.push_back(20);
  CHECK_THROWS_WITH(Supernet(space, test::kElasticTask, Rng(1)), Catch::Contains("elastic_resolution: true"));
  space.elastic_resolution = true;
  space.widths.push_back(2);
  CHECK_THROWS_AS(Supernet(space, test::kElasticTask, Rng(1)), ConfigError);
}

TEST_CASE("a sub-network at a smaller resolution is that of a supernet of this resolution") {
  space::SearchSpace elastic = test::elastic_space(), ordinary = elastic;
  elastic.resolutions = {7, 10, 16};
  elastic.elastic_resolution = true;
  ordinary.resolutions = {7};
  Rng rng(13);
  const Supernet shared(elastic, test::kElasticTask, rng.fork("net"));
  const Supernet small(ordinary, test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(4, 3, 7, rng.fork("images"));
  CHECK(shared.shared().graph.out_shape(shared.shared().graph.layers[0]).h == 16);
  for (int i = 0; i < 5; ++i) {
    space::Genome genome = space::sample(elastic, rng);
    genome.resolution = 0;
    INFO(space::to_string(elastic, genome));
    const Network part = shared.sub_network(genome);
    CHECK((part.graph == small.sub_network(genome).graph));
    CHECK(shared.forward(images, genome).equal(small.forward(images, genome)));
  }
}

TEST_CASE("kernel transforms start as centre crops, and are learnt") {
  Rng rng(12);
  const Supernet plain(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  const Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"), {.kernel_transforms = true});
  const torch::Tensor images = test::random_images(4, 3, 10, rng);
  const space::Genome smallest = space::smallest(net.space());
  CHECK(test::largest_difference(net.forward(images, smallest), plain.forward(images, smallest)) < 1e-5);

  // Every block has 7x7 kernels at most: a 25 x 25 and a 9 x 9 matrix each, for 2 + 3 blocks.
  const std::size_t shared = parameters(net.shared()).size();
  const std::vector<torch::Tensor> all = net.parameters();
  REQUIRE(all.size() == shared + 10);
  CHECK(all[shared].size(0) == 25);
  CHECK(all[shared + 1].size(0) == 9);

  net.forward(images, smallest).square().sum().backward();
  CHECK(all[shared].grad().abs().max().item<float>() > 0);  // a 3x3 kernel comes by way of 5x5
  CHECK(all[shared + 1].grad().abs().max().item<float>() > 0);
  const torch::Tensor before = net.forward(images, smallest).detach();
  const torch::Tensor largest_before = net.forward(images, space::largest(net.space())).detach();
  {
    const torch::NoGradGuard no_grad;
    torch::Tensor matrix = all[shared + 1];
    matrix.mul_(torch::tensor({-1.0F}));
  }
  CHECK(test::largest_difference(net.forward(images, smallest), before) > 1e-3);
  CHECK(test::largest_difference(net.forward(images, space::largest(net.space())), largest_before) == 0);
}

TEST_CASE("images of another rank, number of channels or type are refused with both shapes") {
  const Supernet net(test::elastic_space(), test::kElasticTask, Rng(1));
  const space::Genome genome = space::smallest(net.space());
  const torch::Tensor images = test::random_images(2, 3, 10, Rng(2));
  CHECK_THROWS_WITH(net.forward(test::random_images(2, 1, 10, Rng(2)), genome),
                    "forward: images are Float [2, 1, 10, 10]; the network takes float [N, 3, 10, 10]");
  CHECK_THROWS_WITH(net.forward(images[0], genome), Catch::Contains("Float [3, 10, 10]"));
  CHECK_THROWS_WITH(net.forward(images.to(torch::kByte), genome), Catch::Contains("images are Byte"));
  CHECK_THROWS_AS(net.forward({}, genome), ConfigError);
  CHECK_THROWS_AS(forward(net.sub_network(genome), images[0], {}), ConfigError);
}

TEST_CASE("a genome of another space is refused") {
  const Supernet net(test::elastic_space(), test::kElasticTask, Rng(1));
  space::Genome genome = space::smallest(net.space());
  genome.kernel[0] = 200;
  CHECK_THROWS_WITH(net.sub_network(genome), Catch::Contains("elastic: the genome is not of this space"));
  CHECK_THROWS_AS(net.forward(test::random_images(2, 3, 10, Rng(2)), genome), ConfigError);
}

TEST_CASE("networks without names, statistics or a valid graph are the caller's mistakes") {
  const Supernet net(test::elastic_space(), test::kElasticTask, Rng(1));
  Network network = net.sub_network(space::smallest(net.space()));
  CHECK_THROWS_WITH(to_weights(network), Catch::Contains("call reestimate_batch_norm first"));
  CHECK_THROWS_AS(fold_batch_norm(network), ConfigError);
  const torch::Tensor images = test::random_images(2, 3, 10, Rng(2));
  {
    const torch::NoGradGuard no_grad;
    CHECK_THROWS_AS(forward(network, images, {.statistics = Statistics::kStored}), ConfigError);
  }
  network.graph.names.clear();
  CHECK_THROWS_WITH(to_weights(network), Catch::Contains("weights: 0 names for "));
  CHECK_THROWS_AS(from_weights(network.graph, {}), GraphError);
  network.graph.layers[0].inputs[0] = 99;
  CHECK_THROWS_AS(make_network(network.graph, Rng(1)), GraphError);
  network.layers.pop_back();
  CHECK_THROWS_AS(forward(network, images, {}), GraphError);
}
