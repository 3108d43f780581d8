#include <iostream>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/supernet/chain.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/evaluate.h"
#include "train/support.h"

using namespace tinynas;
using namespace tinynas::train;

namespace {

/// A supernet of full convolutions, trained in bfloat16, and where it lies.
struct TrainedInBfloat16 {
  test::QuadrantContext q;
  Recipe recipe = test::quick_recipe();
  test::TemporaryFolder folder;
  TrainedInBfloat16() {
    for (space::Stage& stage : q.context.space.stages) stage.block = space::Block::kFusedInvertedResidual;
    recipe.mixed_precision = true;
    train_supernet(q.context, recipe, folder.path(), {}, {});
  }
};

}  // namespace

TEST_CASE("a GPU trains and evaluates, also in mixed precision") {
  if (!torch::cuda::is_available()) {
    std::cout << "skipped: a GPU trains and evaluates: LibTorch sees no CUDA device\n";
    return;
  }
  for (const bool mixed : {false, true}) {
    INFO("mixed precision " << mixed);
    test::QuadrantContext q;
    q.context.compute_device = "cuda";
    Recipe recipe = test::quick_recipe();
    recipe.mixed_precision = mixed;
    const test::TemporaryFolder folder;
    train_supernet(q.context, recipe, folder.path(), {}, {});
    const std::vector<space::Genome> genomes = {space::largest(q.context.space),
                                                space::smallest(q.context.space)};
    for (const search::Measurement& m : supernet_oracle(q.context, folder.path(), 64)(genomes, 0, {}))
      CHECK(m.accuracy > 90);
    CHECK(tune(q.context, genomes[1], recipe, folder.path(), {}, {}, {}).accuracy > 90);
  }
}

TEST_CASE("a CPU with bfloat16 trains in mixed precision, and no training in float goes on from there") {
  if (!supernet::bfloat16_available()) {
    std::cout << "skipped: mixed precision on the CPU: it has no AVX-512 BF16\n";
    return;
  }
  TrainedInBfloat16 trained;
  test::QuadrantContext& q = trained.q;
  Recipe& recipe = trained.recipe;
  const test::TemporaryFolder& folder = trained.folder;
  const std::vector<space::Genome> genomes = {space::largest(q.context.space)};
  CHECK(supernet_oracle(q.context, folder.path(), 64)(genomes, 0, {})[0].accuracy > 90);
  recipe.mixed_precision = false;  // another training than the one in the folder
  CHECK_THROWS_WITH(train_supernet(q.context, recipe, folder.path(), {}, {}),
                    Catch::Contains("other settings"));
}

TEST_CASE("a supernet trained in bfloat16 is evaluated in it, and its winner in float") {
  if (!supernet::bfloat16_available()) {
    std::cout << "skipped: evaluation in bfloat16: this CPU has no AVX-512 BF16\n";
    return;
  }
  TrainedInBfloat16 trained;
  test::QuadrantContext& q = trained.q;
  Recipe& recipe = trained.recipe;
  const test::TemporaryFolder& folder = trained.folder;
  Context mixed = q.context;
  mixed.mixed_precision = true;
  const space::Genome genome = space::largest(q.context.space);
  const auto means = [&](const Context& context) {
    supernet::Network network = supernet::Supernet(context.space, context.task, Rng(1)).sub_network(genome);
    reestimate(network, context, EvaluationImages(context, 64));
    std::vector<torch::Tensor> all;
    for (const supernet::LayerTensors& layer : network.layers)
      if (layer.mean.defined()) all.push_back(layer.mean);
    return torch::cat(all);
  };
  const torch::Tensor exact = means(q.context), rounded = means(mixed);
  CHECK_FALSE(rounded.equal(exact));
  CHECK((rounded - exact).norm().item<double>() < 0.02 * exact.norm().item<double>());
  recipe.epochs = 0;
  const auto weights = [&](const Context& context) {
    return tune(context, genome, recipe, folder.path(), {}, {}, {}).weights;
  };
  CHECK((weights(mixed) == weights(q.context)));
}

TEST_CASE("what a machine cannot do is refused with the remedy") {
  test::QuadrantContext q;
  const test::TemporaryFolder folder;
  if (!supernet::bfloat16_available()) {
    Recipe recipe = test::quick_recipe();
    recipe.mixed_precision = true;
    CHECK_THROWS_WITH(train_supernet(q.context, recipe, folder.path(), {}, {}),
                      Catch::Contains("mixed_precision: needs a CPU with AVX-512 BF16 or a GPU"));
  }
  if (torch::cuda::is_available()) return;
  q.context.compute_device = "cuda";
  CHECK_THROWS_WITH(train_supernet(q.context, test::quick_recipe(), folder.path(), {}, {}),
                    Catch::Contains("sees no CUDA device"));
}
