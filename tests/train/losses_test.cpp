#include "tinynas/train/losses.h"

#include <cmath>

#include "support/catch.h"

using namespace tinynas::train;

TEST_CASE("label smoothing and soft labels are the cross entropies of their papers") {
  // Logits (ln 3, 0): probabilities 3/4, 1/4. Smoothing 0.2 makes the label (0.9, 0.1):
  // -0.9 ln 0.75 - 0.1 ln 0.25 = 0.39754
  const torch::Tensor logits = torch::tensor({std::log(3.0F), 0.0F}).reshape({1, 2});
  CHECK(label_loss(logits, torch::tensor({std::int64_t{0}}), 0.2).item<double>() ==
        Approx(0.39754).epsilon(1e-4));
  // A teacher that says 1/2, 1/2: -0.5 ln 0.75 - 0.5 ln 0.25 = 0.83699
  CHECK(distillation_loss(logits, torch::zeros({1, 2})).item<double>() == Approx(0.83699).epsilon(1e-4));
}

TEST_CASE("the loss of blended images is that of both labels by their shares") {
  // Cross entropies -ln 0.75 = 0.28768 and -ln 0.25 = 1.38629; 0.7 of the first and 0.3 of the second.
  const torch::Tensor logits = torch::tensor({std::log(3.0F), 0.0F}).reshape({1, 2});
  const Batch batch{.labels = torch::tensor({std::int64_t{0}}),
                    .other_labels = torch::tensor({std::int64_t{1}}),
                    .share = torch::tensor({0.7F})};
  CHECK(label_loss(logits, batch, 0).item<double>() == Approx(0.61726).epsilon(1e-4));
}
