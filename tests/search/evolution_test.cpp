#include "tinynas/search/evolution.h"

#include <numeric>
#include <set>

#include "search/support.h"
#include "support/catch.h"
#include "tinynas/core/parallel.h"
#include "tinynas/search/run.h"

using namespace tinynas;
using Catch::Matchers::Contains;

namespace {

constexpr search::EvolutionOptions kSmall{.population = 20, .generations = 8, .parents = 5, .seed = 7};

}  // namespace

TEST_CASE("evolution asks only for networks that fit and never twice for one") {
  const auto problem = test::search_problem(test::kSearchBudget);
  const auto result = test::run_toy(problem, search::evolution(problem, kSmall));
  CHECK(result.history.size() == 160);
  std::set<space::Genome> genomes;
  for (const auto& evaluation : result.history) {
    CHECK(space::contains(problem.space, evaluation.genome));
    CHECK(evaluation.cost.flash_bytes <= 9000);
    genomes.insert(evaluation.genome);
  }
  CHECK(genomes.size() == 160);
  CHECK(result.history.front().generation == 0);
  CHECK(result.history.back().generation == 7);
  REQUIRE(result.best);
  CHECK(result.best->accuracy == search::best_so_far(result.history).back());
  CHECK_FALSE(result.infeasible);
}

TEST_CASE("evolution beats random search with equal evaluations") {
  const auto problem = test::search_problem(test::kSearchBudget);
  double evolved = 0, random = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    auto options = kSmall;
    options.seed = seed;
    evolved += test::run_toy(problem, search::evolution(problem, options)).best->accuracy;
    const auto baseline = test::run_toy(
        problem, search::random_search(problem, {.evaluations = 160, .batch = 20, .seed = seed}));
    CHECK(baseline.history.size() == 160);
    random += baseline.best->accuracy;
  }
  CHECK(evolved > random);
}

TEST_CASE("a screened evolution evaluates as many networks and ends better on average") {
  const auto problem = test::search_problem(test::kSearchBudget);
  double plain = 0, screened = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    search::EvolutionOptions options{.population = 8, .generations = 6, .parents = 3, .seed = seed};
    plain += test::run_toy(problem, search::evolution(problem, options)).best->accuracy;
    options.screening = 4;
    const auto result = test::run_toy(problem, search::evolution(problem, options));
    CHECK(result.history.size() == 48);  // generation 1 too, when too little is known to fit a predictor
    CHECK(result.generations.back().figures.at("predictor_tau") > 0.5);
    screened += result.best->accuracy;
  }
  CHECK(screened > plain);
}

TEST_CASE("the same seed gives the same history for any number of threads") {
  const auto problem = test::search_problem(test::kSearchBudget);
  for (const bool evolve : {true, false}) {
    const auto once = [&](int threads, std::uint64_t seed) {
      set_parallel_threads(threads);
      auto options = kSmall;
      options.seed = seed;
      const auto result =
          test::run_toy(problem, evolve ? search::evolution(problem, options)
                                        : search::random_search(problem, {.evaluations = 100, .seed = seed}));
      set_parallel_threads(0);
      return result.history;
    };
    const auto one = once(1, 3);
    CHECK(once(2, 3) == one);
    CHECK(once(8, 3) == one);
    CHECK(once(1, 4) != one);
  }
}

TEST_CASE("children resemble the best parent, not the others") {
  const auto problem = test::search_problem({});
  search::Evolution evolution(problem, {.population = 20,
                                        .generations = 2,
                                        .parents = 1,
                                        .crossover_share = 0,
                                        .mutation_rate = 0.1,
                                        .seed = 1});
  std::vector<search::Evaluation> told;
  for (const auto& proposal : evolution.ask())
    told.push_back({.genome = proposal.genome, .cost = proposal.cost});
  REQUIRE(told.size() == 20);
  told[7].accuracy = 1;
  evolution.tell(told);
  const auto differences = [](const space::Genome& a, const space::Genome& b) {
    int count = 0;
    for (std::size_t i = 0; i < a.kernel.size(); ++i)
      count += (a.kernel[i] != b.kernel[i]) + (a.expansion[i] != b.expansion[i]);
    return count;
  };
  int to_best = 0, to_another = 0;
  for (const auto& child : evolution.ask()) {
    to_best += differences(child.genome, told[7].genome);
    to_another += differences(child.genome, told[8].genome);
  }
  CHECK(to_best < 20 * 3);  // of up to 12 entries a child
  CHECK(to_another > 2 * to_best);
}

TEST_CASE("when the parents have no new children, random networks keep the evaluations equal") {
  const auto problem = test::search_problem({});
  const search::EvolutionOptions options{
      .population = 10, .generations = 3, .parents = 1, .crossover_share = 1, .max_tries = 20, .seed = 1};
  CHECK(test::run_toy(problem, search::evolution(problem, options)).history.size() == 30);
}

TEST_CASE("of equal accuracy the faster network is better") {
  search::Evaluation a{.accuracy = 90}, b{.accuracy = 90}, c{.accuracy = 91};
  a.cost.latency_ms = 5;
  b.cost.latency_ms = 4;
  c.cost.latency_ms = 9;
  CHECK(search::better(b, a));
  CHECK_FALSE(search::better(a, b));
  CHECK(search::better(c, b));
  CHECK_FALSE(search::better(a, a));
}

TEST_CASE("a space smaller than the population is searched whole, and the search ends") {
  // Depth 1 only: (3 kernels * 3 expansions)^2 = 81 networks.
  const auto problem = test::search_problem({}, "[1]");
  const auto result = test::run_toy(
      problem, search::evolution(problem, {.population = 100, .generations = 5, .max_tries = 500}));
  CHECK(result.history.size() == 81);
  const auto random =
      test::run_toy(problem, search::random_search(problem, {.evaluations = 200, .max_tries = 500}));
  CHECK(random.history.size() == 81);
  CHECK(random.best->genome == result.best->genome);
}

TEST_CASE("when nothing fits the search says what the smallest network needs") {
  const auto problem = test::search_problem({.sram_bytes = 100, .flash_bytes = 100});
  for (const auto& strategy : {search::evolution(problem, {.population = 10, .max_tries = 50}),
                               search::random_search(problem, {.max_tries = 50})}) {
    const auto result = test::run_toy(problem, strategy);
    CHECK(result.history.empty());
    CHECK_FALSE(result.best);
    REQUIRE(result.infeasible);
    // Stem 9 * 8 = 72; 8 > 16 > 16: 128 + 9 * 16 + 256; 16 > 32 > 24: 512 + 9 * 32 + 768; classifier 24 * 4.
    CHECK(result.infeasible->needs[1].least == 72 + 528 + 1568 + 96);
    CHECK(result.infeasible->needs[1].genome == "r12-w1.0 d1,1 k3,3 e2,2");
    CHECK_THAT(space::describe(*result.infeasible),
               Contains("flash is limited to 100 bytes, but the smallest need is "
                        "2264 bytes (r12-w1.0 d1,1 k3,3 e2,2)"));
  }
}

TEST_CASE("a budget that only the smallest network meets still finds it") {
  const auto problem = test::search_problem({.flash_bytes = 2264});
  const auto result =
      test::run_toy(problem, search::evolution(problem, {.population = 1, .generations = 2, .max_tries = 1}));
  REQUIRE(result.history.size() == 1);
  CHECK(result.best->genome == space::smallest(problem.space));
}
