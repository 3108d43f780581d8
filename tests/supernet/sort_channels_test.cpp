#include "tinynas/supernet/sort_channels.h"

#include "supernet/support.h"
#include "support/catch.h"
#include "tinynas/supernet/forward.h"

using namespace tinynas;
using namespace tinynas::supernet;

TEST_CASE("sorting channels changes the order and not the function") {
  Rng rng(8);
  const Supernet net(test::elastic_space(), test::kElasticTask, rng.fork("net"));
  const torch::Tensor images = test::random_images(4, 3, 10, rng);
  Network sorted = detached_copy(net.shared());
  sort_channels(sorted);
  const torch::NoGradGuard no_grad;
  CHECK(test::largest_difference(forward(sorted, images, {}), forward(net.shared(), images, {})) < 1e-4);
  int blocks = 0;
  for (std::size_t i = 0; i < sorted.graph.names.size(); ++i) {
    if (sorted.graph.names[i].find("stage") != 0 ||
        sorted.graph.names[i].find(".project") == std::string::npos)
      continue;
    ++blocks;
    const torch::Tensor importance = sorted.layers[i].weight.abs().sum({0, 2, 3});
    CHECK(importance.diff().max().item<float>() <= 0);  // descending
    CHECK_FALSE(sorted.layers[i].weight.equal(net.shared().layers[i].weight));
  }
  CHECK(blocks == 7);  // depths 2, 3 and, fused, 2
}
