#include "tinynas/train/trainer.h"

#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/space/lower.h"
#include "tinynas/train/steps.h"
#include "train/support.h"

using namespace tinynas;
using namespace tinynas::train;

namespace {

/// A network of the quadrant space and its batches: 2 epochs of 16 steps of 16 images.
struct Setup {
  test::QuadrantContext q;
  supernet::Network network = supernet::make_network(
      space::lower_named(q.context.space, q.context.task, space::smallest(q.context.space)), Rng(3));
  Recipe recipe = [] {
    Recipe quick = test::quick_recipe();
    quick.epochs = 2;
    return quick;
  }();

  Trainer trainer(const Trainer::Options& options) const {
    return Trainer(supernet::parameters(network), recipe,
                   BatchLoader(q.train, q.context.pixels, {}, recipe.batch, Rng(4)), options);
  }
  torch::Tensor weights() const { return network.layers[0].weight.detach().clone(); }
};

}  // namespace

TEST_CASE("the learning rate warms up linearly and ends at nothing") {
  // 100 steps, 10 of warm-up, peak 1: the middle of step 4 is 4.5 / 10; half way down the cosine at step 55 -
  // 0.5.
  CHECK(scheduled_rate(1, 4, 100, 10) == Approx(0.45));
  CHECK(scheduled_rate(1, 10, 100, 10) == Approx(1).margin(1e-3));
  CHECK((scheduled_rate(1, 54, 100, 10) + scheduled_rate(1, 55, 100, 10)) / 2 == Approx(0.5));
  CHECK(scheduled_rate(1, 99, 100, 10) < 1e-3);
  CHECK(scheduled_rate(1, 99, 100, 10) > 0);
}

TEST_CASE("a schedule that is given sets the rate of every step") {
  Setup own, same, none;
  own.trainer({}).run(network_step(own.network, own.recipe), {}, {});
  // The default, written down: 1.6 per 256 images is 0.1 for 16; half an epoch of 16 steps of warm-up.
  std::vector<std::int64_t> asked;
  same.trainer({.schedule =
                    [&](std::int64_t step, std::int64_t steps) {
                      asked.push_back(step);
                      CHECK(steps == 32);
                      return scheduled_rate(1.6 * 16 / 256, step, steps, 8);
                    }})
      .run(network_step(same.network, same.recipe), {}, {});
  CHECK(own.weights().equal(same.weights()));
  CHECK(asked.size() == 32);
  CHECK(asked.back() == 31);
  const torch::Tensor before = none.weights();
  none.trainer({.schedule = [](std::int64_t, std::int64_t) { return 0.0; }})
      .run(network_step(none.network, none.recipe), {}, {});
  CHECK(none.weights().equal(before));
  CHECK_THROWS_WITH(
      none.trainer({.stage = "mine", .schedule = [](std::int64_t, std::int64_t) { return -1.0; }})
          .run(network_step(none.network, none.recipe), {}, {}),
      Catch::Contains("the schedule of stage mine gives -1 for step 0 of 32"));
}

TEST_CASE("a loss that is given is what is trained") {
  Setup own, same, other;
  own.trainer({}).run(network_step(own.network, own.recipe), {}, {});
  const auto smoothed = [](const torch::Tensor& logits, const Batch& batch) {
    CHECK(logits.size(0) == 16);
    CHECK(logits.size(1) == 4);
    return label_loss(logits, batch, 0.1);
  };
  same.trainer({}).run(network_step(same.network, same.recipe, {.loss = smoothed}), {}, {});
  CHECK(own.weights().equal(same.weights()));
  const auto squares = [](const torch::Tensor& logits, const Batch& batch) {
    return (logits - torch::one_hot(batch.labels, 4)).square().mean();
  };
  other.trainer({}).run(network_step(other.network, other.recipe, {.loss = squares}), {}, {});
  CHECK_FALSE(own.weights().equal(other.weights()));
}

TEST_CASE("a step that is empty and a loss that is not one number are refused") {
  Setup setup;
  CHECK_THROWS_WITH(setup.trainer({}).run({}, {}, {}), Catch::Contains("the step is an empty function"));
  const auto each = [](const torch::Tensor& logits, const Batch&) { return logits.sum(1); };
  CHECK_THROWS_AS(setup.trainer({}).run(network_step(setup.network, setup.recipe, {.loss = each}), {}, {}),
                  ConfigError);
}
