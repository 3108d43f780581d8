#include "tinynas/train/trainer.h"

#include "support/catch.h"

using namespace tinynas::train;

TEST_CASE("the learning rate warms up linearly and ends at nothing") {
  // 100 steps, 10 of warm-up, peak 1: the middle of step 4 is 4.5 / 10; half way down the cosine at step 55 -
  // 0.5.
  CHECK(scheduled_rate(1, 4, 100, 10) == Approx(0.45));
  CHECK(scheduled_rate(1, 10, 100, 10) == Approx(1).margin(1e-3));
  CHECK((scheduled_rate(1, 54, 100, 10) + scheduled_rate(1, 55, 100, 10)) / 2 == Approx(0.5));
  CHECK(scheduled_rate(1, 99, 100, 10) < 1e-3);
  CHECK(scheduled_rate(1, 99, 100, 10) > 0);
}
