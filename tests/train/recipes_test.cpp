#include "tinynas/train/recipes.h"

#include <set>

#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/train/stages.h"
#include "train/support.h"

using namespace tinynas;
using namespace tinynas::train;

namespace {

space::SearchSpace two_stages() {
  space::SearchSpace space = test::quadrant_space();
  space.stages.push_back(space.stages.front());
  return space;
}

std::vector<space::Genome> plan(const std::string& recipe, double done, std::uint64_t seed = 1) {
  Rng rng(seed);
  return recipe_row(recipe).draw(two_stages(), done, rng);
}

}  // namespace

TEST_CASE("uniform trains one random sub-network a step") {
  std::set<space::Genome> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto genomes = plan("uniform", 0.5, seed);
    REQUIRE(genomes.size() == 1);
    seen.insert(genomes[0]);
  }
  CHECK(seen.size() > 10);
}

TEST_CASE("sandwich trains the largest first, then the smallest and two random ones") {
  const auto genomes = plan("sandwich", 0.5);
  REQUIRE(genomes.size() == 4);
  CHECK(genomes[0] == space::largest(two_stages()));
  CHECK(genomes[1] == space::smallest(two_stages()));
}

TEST_CASE("progressive frees kernels, then depths, then expansions") {
  const space::Genome largest = space::largest(two_stages());
  // Phases end at 180, 300 and 445 of 590 epochs: 0.31, 0.51, 0.75.
  const auto freed = [&](double done, auto member) {
    for (std::uint64_t seed = 0; seed < 30; ++seed)
      for (const space::Genome& genome : plan("progressive", done, seed))
        if (genome.*member != largest.*member) return true;
    return false;
  };
  using space::Genome;
  CHECK(plan("progressive", 0.30).size() == 1);
  CHECK(plan("progressive", 0.40).size() == 2);
  CHECK(plan("progressive", 0.60).size() == 3);
  CHECK(plan("progressive", 0.99).size() == 5);
  CHECK_FALSE(freed(0.30, &Genome::kernel));
  CHECK(freed(0.40, &Genome::kernel));
  CHECK_FALSE(freed(0.40, &Genome::depth));
  CHECK_FALSE(freed(0.40, &Genome::expansion));
  CHECK(freed(0.60, &Genome::depth));
  CHECK(freed(0.80, &Genome::expansion));
}

TEST_CASE("every recipe draws networks of the space") {
  for (const std::string_view name : recipe_names())
    for (const double done : {0.0, 0.4, 0.6, 0.9})
      for (const space::Genome& genome : plan(std::string(name), done))
        CHECK(space::contains(two_stages(), genome));
}

TEST_CASE("mcunet trains the largest for a third of the time, sorts channels once, then trains four") {
  CHECK(plan("mcunet", 0.33).size() == 1);
  CHECK(plan("mcunet", 0.34).size() == 4);
  int sorted = 0;
  for (std::int64_t step = 0; step < 90; ++step)
    sorted += sorts_channels(recipe_row("mcunet"), step, 90) ? 1 : 0;
  CHECK(sorted == 1);
  CHECK(sorts_channels(recipe_row("mcunet"), 30, 90));
  CHECK_FALSE(sorts_channels(recipe_row("uniform"), 30, 90));
}

TEST_CASE("a step's cost is the mean over the training") {
  // uniform trains one sub-network a step, sandwich four, of which the largest costs most.
  const space::Task task{.input_channels = 1, .classes = 4};
  const double uniform = training_macs_per_image(two_stages(), task, {.name = "uniform"});
  const double sandwich = training_macs_per_image(two_stages(), task, {.name = "sandwich"});
  CHECK(sandwich > 3 * uniform);
  CHECK(sandwich < 6 * uniform);
}
