#include "tinynas/supernet/batch_norm.h"

#include "supernet/support.h"
#include "support/catch.h"

using namespace tinynas;
using namespace tinynas::supernet;

TEST_CASE("re-estimated statistics are those of all images, however they are batched") {
  // The stem is the first layer: what enters its batch norm depends on no other statistics.
  Rng rng(7);
  const Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(12, 3, 10, rng);
  Network at_once = net.sub_network(space::smallest(net.space()));
  Network in_parts = at_once;
  reestimate_batch_norm(
      at_once, [&](std::size_t) { return images; }, 1);
  reestimate_batch_norm(
      in_parts, [&](std::size_t b) { return images.narrow(0, 4 * static_cast<std::int64_t>(b), 4); }, 3);
  CHECK(test::largest_difference(at_once.layers[0].mean, in_parts.layers[0].mean) < 1e-6);
  CHECK(test::largest_difference(at_once.layers[0].variance, in_parts.layers[0].variance) < 1e-5);
}

TEST_CASE("mean and variance of a batch norm are population moments") {
  // A 1x1 stem with weight 1 passes the pixels on: 0, 2, 4, 6 have mean 3 and variance (9 + 1 + 1 + 9) / 4.
  Network network;
  network.graph.tensors = {{.h = 2, .w = 2, .c = 1}, {.h = 2, .w = 2, .c = 1}};
  network.graph.layers = {{.op = ir::OpKind::kConv2d, .inputs = {0, -1}, .output = 1}};
  network.graph.output = 1;
  network.layers = {
      {.weight = torch::ones({1, 1, 1, 1}), .gamma = torch::ones({1}), .beta = torch::zeros({1})}};
  const torch::Tensor image = torch::tensor({0.0F, 2.0F, 4.0F, 6.0F}).reshape({1, 1, 2, 2});
  reestimate_batch_norm(
      network, [&](std::size_t) { return image; }, 1);
  CHECK(network.layers[0].mean.item<float>() == 3);
  CHECK(network.layers[0].variance.item<float>() == 5);
}
