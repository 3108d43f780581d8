#include "tinynas/search/measurement.h"

#include "search/support.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"
#include "tinynas/search/cached_oracle.h"
#include "tinynas/search/evolution.h"
#include "tinynas/search/history.h"

using namespace tinynas;
using namespace tinynas::search;

namespace {

/// As many images as `all` at most, like a supernet that knows a network's true accuracy: noise by genome.
AccuracyOracle noisy_oracle(const space::SearchSpace& space, int all, std::int64_t& looked_at) {
  return [&space, all, &looked_at](std::span<const space::Genome> genomes, double cutoff, const StopToken&) {
    std::vector<Measurement> measurements;
    for (const space::Genome& genome : genomes) {
      Rng rng(space::hash(genome));
      std::vector<Look> looks;
      Look look;
      for (const int size : look_sizes(all)) {
        for (; look.images < size; ++look.images)
          look.right += rng.chance(test::toy_accuracy(space, genome) / 100) ? 1 : 0;
        looks.push_back(look);
        if (is_below(look, cutoff)) break;
      }
      looked_at += look.images;
      measurements.push_back(measurement_of(looks, all));
    }
    return measurements;
  };
}

}  // namespace

TEST_CASE("looks double from 512 images to all") {
  CHECK(look_sizes(5000) == std::vector<int>{512, 1024, 2048, 4096, 5000});
  CHECK(look_sizes(512) == std::vector<int>{512});
  CHECK(look_sizes(100) == std::vector<int>{100});
}

TEST_CASE("an accuracy comes with its standard error") {
  // 460 of 512: 89.84 %, 100 sqrt(0.8984 * 0.1016 / 512) = 1.335 points.
  const Measurement m = measurement_of({{.images = 512, .right = 460}}, 5000);
  CHECK(m.accuracy == Approx(89.84).margin(0.01));
  CHECK(m.standard_error == Approx(1.335).margin(0.001));
  CHECK(m.images == 512);
}

TEST_CASE("a network is left alone three standard errors below the cutoff") {
  // 460 of 512, z = 3: n = 521, p = 464.5 / 521 = 0.89155, error 0.013623: at most 93.24 %.
  CHECK(is_below({.images = 512, .right = 460}, 93.3));
  CHECK_FALSE(is_below({.images = 512, .right = 460}, 93.2));
  CHECK_FALSE(is_below({.images = 512, .right = 0}, kNoCutoff));
  // All wrong is no proof of 0 %: at most (4.5 + 3 sqrt(4.5 * 516.5 / 521)) / 521 = 2.08 %.
  CHECK_FALSE(is_below({.images = 512, .right = 0}, 2));
  CHECK(is_below({.images = 512, .right = 0}, 2.1));
}

TEST_CASE("evolution spends its images on networks that could become parents, and finds the same one") {
  const Problem problem = test::search_problem(test::kSearchBudget);
  const auto search = [&](const AccuracyOracle& oracle) {
    return run_search(problem,
                      evolution(problem, {.population = 30, .generations = 8, .parents = 8, .seed = 2}),
                      oracle, {});
  };
  std::int64_t looked_at = 0, all_looked_at = 0;
  const AccuracyOracle thrifty = noisy_oracle(problem.space, 8192, looked_at);
  const AccuracyOracle all = noisy_oracle(problem.space, 8192, all_looked_at);
  const SearchResult found = search(thrifty);
  const SearchResult expected = search([&](std::span<const space::Genome> genomes, double,
                                           const StopToken& stop) { return all(genomes, kNoCutoff, stop); });
  REQUIRE(found.best);
  CHECK(found.best->genome == expected.best->genome);
  CHECK(found.best->accuracy == expected.best->accuracy);
  CHECK(found.best->images == 8192);
  CHECK(found.best->standard_error > 0);
  CHECK(looked_at < 0.8 * static_cast<double>(all_looked_at));
}

TEST_CASE("a remembered measurement answers as a new one would, whatever the cutoff") {
  const Problem problem = test::search_problem(test::kSearchBudget);
  Rng rng(4);
  std::vector<space::Genome> genomes;
  for (int i = 0; i < 20; ++i) genomes.push_back(space::sample(problem.space, rng));
  std::int64_t looked_at = 0;
  const AccuracyOracle oracle = noisy_oracle(problem.space, 5000, looked_at);
  const AccuracyOracle remembered = remember(oracle);
  for (const double cutoff : {80.0, 70.0, 90.0, kNoCutoff, 85.0})
    CHECK((remembered(genomes, cutoff, {}) == oracle(genomes, cutoff, {})));
  looked_at = 0;
  remembered(genomes, 75, {});
  CHECK(looked_at == 0);
}

TEST_CASE("answers kept in a file are not asked for again by the next process, a line cut by a kill is") {
  const test::TemporaryFolder folder;
  const Problem problem = test::search_problem(test::kSearchBudget);
  Rng rng(5);
  std::vector<space::Genome> genomes;
  for (int i = 0; i < 12; ++i) genomes.push_back(space::sample(problem.space, rng));
  const auto first = std::span(genomes).first(5), rest = std::span(genomes).subspan(5);
  std::int64_t looked_at = 0;
  const AccuracyOracle oracle = noisy_oracle(problem.space, 5000, looked_at);
  const AnswerFiles one{.space = problem.space, .kept = folder / "one.jsonl"};
  remember(oracle, one)(first, kNoCutoff, {});
  remember(oracle, one)(rest, kNoCutoff, {});
  looked_at = 0;
  const std::vector<Measurement> remembered = remember(oracle, one)(genomes, 80, {});
  CHECK(looked_at == 0);
  CHECK((remembered == oracle(genomes, 80, {})));

  // Another run that only reads them, and keeps its own elsewhere.
  const AnswerFiles other{.space = problem.space, .kept = folder / "own.jsonl", .known = {one.kept}};
  looked_at = 0;
  CHECK((remember(oracle, other)(genomes, kNoCutoff, {}) == remember(oracle, one)(genomes, kNoCutoff, {})));
  CHECK(looked_at == 0);
  CHECK(read_file(other.kept).empty());

  const std::string text = read_file(one.kept);
  write_file(one.kept, text.substr(0, text.size() - 10));
  remember(oracle, one)(genomes, kNoCutoff, {});
  CHECK(looked_at == 5000);  // all images of the last network
  CHECK(read_file(one.kept) == text);
}

TEST_CASE("histories keep standard errors, and older ones without can be read") {
  const test::TemporaryFolder folder;
  const Problem problem = test::search_problem(test::kSearchBudget);
  const Evaluation evaluation{.genome = space::largest(problem.space),
                              .cost = {},
                              .accuracy = 91.5,
                              .generation = 2,
                              .standard_error = 0.4,
                              .images = 5000};
  const std::string header = to_json_line(HistoryHeader{});
  const std::string line = to_json_line(problem.space, evaluation);
  write_file(folder / "new.jsonl", header + "\n" + line + "\n");
  CHECK(read_history(folder / "new.jsonl", problem.space).evaluations.at(0) == evaluation);
}
