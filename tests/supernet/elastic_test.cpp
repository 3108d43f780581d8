#include "tinynas/supernet/elastic.h"

#include "support/catch.h"
#include "tinynas/core/error.h"

using namespace tinynas;
using namespace tinynas::supernet;

TEST_CASE("a smaller kernel is the centre of the larger one, and channels are the first ones") {
  // Weight (c, y, x) of 4 channels, 5 x 5, holds 100 c + 10 y + x.
  LayerTensors shared;
  shared.weight = torch::empty({4, 1, 5, 5});
  for (int c = 0; c < 4; ++c)
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 5; ++x) shared.weight[c][0][y][x] = 100 * c + 10 * y + x;
  shared.gamma = torch::arange(4, torch::kFloat);
  shared.beta = shared.gamma + 10;
  const LayerTensors part = elastic_part(shared, {.out = 2, .in = 2, .kernel = 3});
  CHECK(part.weight.sizes().vec() == std::vector<std::int64_t>{2, 1, 3, 3});
  CHECK(part.weight[1][0][0][0].item<float>() == 111);  // channel 1, row 1, column 1: one ring inside
  CHECK(part.weight[0][0][2][1].item<float>() == 32);
  CHECK(part.gamma.equal(torch::tensor({0.0F, 1.0F})));
  CHECK(part.beta.equal(torch::tensor({10.0F, 11.0F})));
}

TEST_CASE("a 1x1 layer is cut in both its channels, and the part is a view") {
  LayerTensors shared;
  shared.weight = torch::zeros({6, 4, 1, 1});
  shared.gamma = torch::ones({6});
  shared.beta = torch::zeros({6});
  const LayerTensors part = elastic_part(shared, {.out = 3, .in = 2, .kernel = 1});
  part.weight.fill_(1);
  CHECK(shared.weight.sum().item<float>() == 6);  // 3 x 2 of the 24
  CHECK(shared.weight[2][1].item<float>() == 1);
  CHECK(shared.weight[2][2].item<float>() == 0);
}

TEST_CASE("a part larger than the shared layer is refused") {
  LayerTensors shared;
  shared.weight = torch::zeros({6, 4, 1, 1});
  CHECK_THROWS_AS(elastic_part(shared, {.out = 7, .in = 4, .kernel = 1}), ConfigError);
}
