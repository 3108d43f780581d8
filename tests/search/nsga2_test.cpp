#include "tinynas/search/nsga2.h"

#include <chrono>

#include "search/support.h"
#include "support/catch.h"
#include "tinynas/core/parallel.h"
#include "tinynas/search/cached_oracle.h"
#include "tinynas/search/evolution.h"
#include "tinynas/search/run.h"

using namespace tinynas;
using Catch::Matchers::Contains;
using search::Point;
using Indices = std::vector<std::size_t>;

namespace {

search::Nsga2Options options(std::uint64_t seed) {
  return {.objectives = search::objectives_named({"error", "latency", "flash"}, "test"),
          .population = 20,
          .generations = 8,
          .seed = seed};
}

}  // namespace

TEST_CASE("fronts are sorted as by hand") {
  // (1,4) (2,2) (4,1): first front. (3,3) and (2,5) are dominated by (2,2) alone. (4,4) by (3,3) too.
  const std::vector<Point> points = {{4, 4}, {1, 4}, {3, 3}, {2, 2}, {4, 1}, {2, 5}};
  CHECK(search::non_dominated_sort(points) == std::vector<Indices>{{1, 3, 4}, {2, 5}, {0}});
  CHECK(search::non_dominated_sort({}).empty());
}

TEST_CASE("crowding distance is the normalised box between neighbours, infinite at the ends") {
  const std::vector<Point> points = {{0, 10}, {9, 9}, {1, 4}, {4, 0}};
  const Indices front = {0, 2, 3};
  const auto distances = search::crowding_distances(points, front);
  CHECK(std::isinf(distances[0]));
  CHECK(distances[1] == Approx((4.0 - 0) / 4 + (10.0 - 0) / 10));
  CHECK(std::isinf(distances[2]));
}

TEST_CASE("the hypervolume of worked examples") {
  // Columns 1..2, 2..3, 3..4 are covered from 3, 2, 1 up to 4.
  CHECK(search::hypervolume(std::vector<Point>{{1, 3}, {2, 2}, {3, 1}}, {4, 4}) == Approx(1 + 2 + 3));
  CHECK(search::hypervolume(std::vector<Point>{{1, 1, 1}}, {2, 3, 4}) == Approx(1 * 2 * 3));
  CHECK(search::hypervolume(std::vector<Point>{{5, 0}}, {4, 4}) == 0);  // not below the reference
  CHECK(search::hypervolume({}, {4, 4}) == 0);
}

TEST_CASE("the hypervolume agrees with counting cells") {
  constexpr std::uint64_t kSeed = 12;
  Rng rng(kSeed);
  for (int trial = 0; trial < 200; ++trial) {
    INFO("seed " << kSeed << " trial " << trial);
    std::vector<Point> points(rng.below(9));
    for (Point& point : points)
      for (int k = 0; k < 3; ++k) point.push_back(rng.between(0, 7));
    int cells = 0;
    for (int x = 0; x < 6; ++x)
      for (int y = 0; y < 6; ++y)
        for (int z = 0; z < 6; ++z)
          cells += std::any_of(points.begin(), points.end(),
                               [&](const Point& p) { return p[0] <= x && p[1] <= y && p[2] <= z; });
    CHECK(search::hypervolume(points, {6, 6, 6}) == Approx(cells));
  }
}

TEST_CASE("the hypervolume of a hundred points in four objectives takes no time to speak of") {
  Rng rng(13);
  std::vector<Point> points(100);
  for (Point& point : points)
    for (int k = 0; k < 4; ++k) point.push_back(rng.uniform());
  const auto begin = std::chrono::steady_clock::now();
  CHECK(search::hypervolume(points, {1, 1, 1, 1}) > 0.5);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE("NSGA-II covers more than random search with equal evaluations") {
  const auto problem = test::search_problem({.sram_bytes = {}, .flash_bytes = 12000});
  double evolved = 0, random = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto front = options(seed);
    const auto reference = Point{60, 5, 12000};
    const auto volume = [&](const search::SearchResult& result) {
      return search::hypervolume(search::points_of(result.history, front.objectives), reference);
    };
    const auto result = test::run_toy(problem, search::nsga2(problem, front));
    CHECK(result.history.size() == 160);
    CHECK(result.generations.back().figures.at("hypervolume") >
          result.generations.front().figures.at("hypervolume"));
    CHECK(result.generations.back().figures.at("front") >= 5);
    evolved += volume(result);
    random += volume(test::run_toy(
        problem, search::random_search(problem, {.evaluations = 160, .batch = 20, .seed = seed})));
  }
  CHECK(evolved > random);
}

TEST_CASE("NSGA-II keeps the best of each objective and gives the same history for any number of threads") {
  const auto problem = test::search_problem({.sram_bytes = {}, .flash_bytes = 12000});
  search::Nsga2 nsga2(problem, options(2));
  std::vector<search::Evaluation> all;
  for (auto proposals = nsga2.ask(); !proposals.empty(); proposals = nsga2.ask()) {
    const std::size_t begin = all.size();
    for (const auto& proposal : proposals)
      all.push_back({.genome = proposal.genome,
                     .cost = proposal.cost,
                     .accuracy = test::toy_accuracy(problem.space, proposal.genome)});
    nsga2.tell(std::span(all).subspan(begin));
  }
  CHECK(nsga2.population().size() == 20);
  for (const auto& objective : options(2).objectives) {
    const auto less = [&](const auto& a, const auto& b) { return objective.value(a) < objective.value(b); };
    CHECK(objective.value(*std::min_element(all.begin(), all.end(), less)) ==
          objective.value(*std::min_element(nsga2.population().begin(), nsga2.population().end(), less)));
  }
  for (const int threads : {1, 3}) {
    set_parallel_threads(threads);
    const auto again = test::run_toy(problem, search::nsga2(problem, options(2))).history;
    REQUIRE(again.size() == all.size());
    CHECK(std::equal(again.begin(), again.end(), all.begin(), [](const auto& a, const auto& b) {
      return a.genome == b.genome && a.accuracy == b.accuracy;
    }));
  }
  set_parallel_threads(0);
}

TEST_CASE("objectives are chosen by name, and a wrong one says which there are") {
  const auto chosen = search::objectives_named({"error", "sram"}, "search.objectives");
  search::Evaluation evaluation{.accuracy = 91.5};
  evaluation.cost.sram_bytes = 1234;
  CHECK(search::point_of(evaluation, chosen) == Point{8.5, 1234});
  CHECK_THAT(test::message_of([] { search::objectives_named({"latncy"}, "a.yaml:3: search.objectives"); }),
             Contains("a.yaml:3: search.objectives: unknown objective 'latncy'; did you mean 'latency'?"));
  CHECK_THAT(test::message_of([] {
               search::objectives_named({"sram", "sram"}, "x");
             }),
             Contains("stands twice"));
  for (const char* word : {"accuracy", "acuracy"})
    CHECK_THAT(test::message_of([&] {
                 search::objectives_named({word, "latency"}, "x");
               }),
               Contains("accuracy is maximised as objective 'error'"));
  CHECK_THROWS_AS(search::nsga2(test::search_problem({}), {.objectives = chosen, .population = 1}),
                  ConfigError);
}

TEST_CASE("a search of several objectives returns its front") {
  // Errors 10, 5, 5, 7 and latencies 1, 3, 4, 3: the third and the fourth lose to the second.
  std::vector<search::Evaluation> history(4);
  const double accuracies[] = {90, 95, 95, 93}, latencies[] = {1, 3, 4, 3};
  for (std::size_t i = 0; i < history.size(); ++i) {
    history[i].accuracy = accuracies[i];
    history[i].cost.latency_ms = latencies[i];
  }
  const auto front = search::front_of(history, search::objectives_named({"error", "latency"}, "test"));
  CHECK(front == std::vector<search::Evaluation>{history[0], history[1]});
  CHECK(search::front_of({}, search::objectives_named({"error", "latency"}, "test")).empty());
}

TEST_CASE("a remembered oracle is asked about each network once") {
  const auto problem = test::search_problem({});
  int asked = 0;
  const auto oracle = search::remember([&](std::span<const space::Genome> genomes, double, const StopToken&) {
    std::vector<search::Measurement> accuracies;
    for (const auto& genome : genomes) {
      ++asked;
      accuracies.push_back({.accuracy = test::toy_accuracy(problem.space, genome)});
    }
    return accuracies;
  });
  const search::EvolutionOptions small{.population = 10, .generations = 2, .parents = 3};
  const auto first = search::run_search(problem, search::evolution(problem, small), oracle, {});
  CHECK(asked == 20);
  const auto second = search::run_search(problem, search::evolution(problem, small), oracle, {});
  CHECK(asked == 20);
  CHECK(first.history == second.history);
}
