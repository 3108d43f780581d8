#include "support/catch.h"
#include "tinynas/train/rendezvous.h"
#include "tinynas/train/stages.h"
#include "tinynas/train/steps.h"

// What a user compiles with, -Wextra, asks for every field that has no default.
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wmissing-field-initializers"

using namespace tinynas::train;

TEST_CASE("options of a training are given by the fields that differ from their defaults") {
  const Recipe recipe{.epochs = 2};
  const Context context{.seed = 3};
  const Trainer::Options trainer{.loader_workers = 1};
  const TuneOptions tune{.from_scratch = true};
  const Augmentation augmentation{.crop_padding = 4};
  const Rendezvous rendezvous{.size = 2};
  const StepOptions step{.loss = [](const torch::Tensor& logits, const Batch&) { return logits.sum(); }};
  const Batch batch{.labels = torch::zeros({1})};
  CHECK(recipe.name == "uniform");
  CHECK(context.compute_device == "cpu");
  CHECK(trainer.stage == "training");
  CHECK(tune.name == "tuned");
  CHECK(augmentation.mixup + rendezvous.rank == 0);
  CHECK(step.peers.count == 1);
  CHECK_FALSE(batch.share.defined());
}

#pragma GCC diagnostic pop
