#include "tinynas/search/predictor.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "search/support.h"
#include "support/catch.h"
#include "tinynas/search/evolution.h"
#include "tinynas/search/run.h"

using namespace tinynas;

namespace {

/// Random networks with an accuracy each.
template <typename Accuracy>
std::vector<search::Evaluation> sampled(const space::SearchSpace& space, int count, std::uint64_t seed,
                                        const Accuracy& accuracy) {
  Rng rng(seed);
  std::vector<search::Evaluation> evaluations;
  for (int i = 0; i < count; ++i) {
    const space::Genome genome = space::sample(space, rng);
    evaluations.push_back({.genome = genome, .cost = {}, .accuracy = accuracy(genome)});
  }
  return evaluations;
}

}  // namespace

TEST_CASE("Kendall's tau counts ordered pairs, with the correction for ties") {
  const std::vector<double> up = {1, 2, 3, 4}, down = {8, 6, 4, 2}, swapped = {1, 3, 2, 4};
  CHECK(search::kendall_tau(up, up) == 1);
  CHECK(search::kendall_tau(up, down) == -1);
  CHECK(search::kendall_tau(up, swapped) == Approx(4.0 / 6));  // five pairs agree, one does not
  // Pairs: two of three are untied in a, all in b, both agree: 2 / sqrt(2 * 3).
  CHECK(search::kendall_tau(std::vector<double>{1, 1, 2}, std::vector<double>{1, 2, 3}) ==
        Approx(2 / std::sqrt(6.0)));
  CHECK(search::kendall_tau(std::vector<double>{5, 5, 5}, std::vector<double>{1, 2, 3}) == 0);
}

TEST_CASE("one-hot features mark each choice once and leave missing blocks empty") {
  const auto space = test::search_space();  // 1 resolution, 1 width, two stages of up to 3 blocks
  const auto features = search::one_hot(space, space::smallest(space));
  CHECK(features.size() == 1 + 1 + 2 * (3 + 3 * (3 + 3)));
  // Resolution, width, and per stage a depth, and kernel and expansion of one block.
  CHECK(std::accumulate(features.begin(), features.end(), 0.0) == 2 + 2 * 3);
  const auto large = search::one_hot(space, space::largest(space));
  CHECK(std::accumulate(large.begin(), large.end(), 0.0) == 2 + 2 * (1 + 3 * 2));
}

TEST_CASE("an accuracy that is a sum of choices is predicted exactly, and its order with it") {
  const auto space = test::search_space();
  const auto accuracy = [&](const space::Genome& genome) { return test::toy_accuracy(space, genome); };
  const auto predictor =
      search::AccuracyPredictor::fit(space, sampled(space, 200, 1, accuracy), {.penalties = {1e-6}});
  CHECK(predictor.held_out_tau() > 0.99);
  CHECK(predictor.held_out_error() < 0.01);
  for (const auto& unseen : sampled(space, 50, 2, accuracy))
    CHECK(predictor.predict(unseen.genome) == Approx(unseen.accuracy).margin(0.01));
}

TEST_CASE("the held-out correlation of pure noise is near zero, however well the fit looks") {
  const auto space = test::search_space();
  Rng noise(3);
  const auto predictor = search::AccuracyPredictor::fit(
      space, sampled(space, 100, 1, [&](const space::Genome&) { return noise.normal(); }));
  CHECK(std::abs(predictor.held_out_tau()) < 0.2);
  CHECK(predictor.held_out_error() > 0.8);
}

TEST_CASE("noisy accuracies choose a larger penalty than clean ones") {
  const auto space = test::search_space();
  Rng noise(4);
  const auto clean = [&](const space::Genome& genome) { return test::toy_accuracy(space, genome); };
  const auto noisy = [&](const space::Genome& genome) { return clean(genome) + 4 * noise.normal(); };
  CHECK(search::AccuracyPredictor::fit(space, sampled(space, 60, 1, noisy)).penalty() >
        search::AccuracyPredictor::fit(space, sampled(space, 60, 1, clean)).penalty());
}

TEST_CASE(
    "expected accuracies are nearer the truth than noisy measurements, and are the measurements where these "
    "are exact") {
  const auto space = test::search_space();
  constexpr double kError = 1.5;
  Rng noise(5);
  std::vector<search::Evaluation> evaluations = sampled(space, 150, 1, [&](const space::Genome& g) {
    return test::toy_accuracy(space, g) + kError * noise.normal();
  });
  const auto distance = [&](const std::vector<double>& accuracies) {
    double squares = 0;
    for (std::size_t i = 0; i < accuracies.size(); ++i)
      squares += std::pow(accuracies[i] - test::toy_accuracy(space, evaluations[i].genome), 2);
    return std::sqrt(squares / static_cast<double>(accuracies.size()));
  };
  const auto predictor = search::AccuracyPredictor::fit(space, evaluations);
  const std::vector<double> exact =
      search::expected_accuracies(predictor, evaluations);  // standard errors are 0
  for (std::size_t i = 0; i < exact.size(); ++i) CHECK(exact[i] == evaluations[i].accuracy);
  CHECK(distance(exact) == Approx(kError).epsilon(0.2));
  for (auto& evaluation : evaluations) evaluation.standard_error = kError;
  CHECK(distance(search::expected_accuracies(predictor, evaluations)) < 0.6 * kError);
}

TEST_CASE(
    "with noisy accuracies a screened evolution takes a better network than the one with the luckiest "
    "measurement") {
  const auto problem = test::search_problem({.sram_bytes = {}, .flash_bytes = 9000});
  const auto truth = [&](const space::Genome& genome) { return test::toy_accuracy(problem.space, genome); };
  constexpr double kError = 1.5;
  constexpr int kSearches = 40;
  double chosen = 0, luckiest = 0;
  for (std::uint64_t seed = 1; seed <= kSearches; ++seed) {
    Rng noise(seed);
    const search::AccuracyOracle oracle = [&](std::span<const space::Genome> genomes, double,
                                              const StopToken&) {
      std::vector<search::Measurement> measured;
      for (const space::Genome& genome : genomes)
        measured.push_back({.accuracy = truth(genome) + kError * noise.normal(),
                            .standard_error = kError,
                            .images = 1,
                            .all = 1,
                            .looks = {}});
      return measured;
    };
    const auto strategy = search::evolution(
        problem, {.population = 15, .generations = 5, .parents = 5, .screening = 4, .seed = seed});
    const auto result = search::run_search(problem, strategy, oracle, {});
    chosen += truth(result.best->genome) / kSearches;
    luckiest += truth(std::max_element(result.history.begin(), result.history.end(),
                                       [](const auto& a, const auto& b) { return search::better(b, a); })
                          ->genome) /
                kSearches;
  }
  CHECK(chosen > luckiest);
}

TEST_CASE("screening by the predictor finds better networks with equal evaluations") {
  const auto problem = test::search_problem({.sram_bytes = {}, .flash_bytes = 9000});
  double screened = 0, plain = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    search::EvolutionOptions options{.population = 15, .generations = 5, .parents = 5, .seed = seed};
    const auto best = [&] {
      const auto result = search::run_search(problem, search::evolution(problem, options),
                                             test::toy_oracle(problem.space), {});
      CHECK(result.history.size() == 75);
      return result;
    };
    plain += best().best->accuracy;
    options.screening = 6;
    const auto result = best();
    screened += result.best->accuracy;
    CHECK(result.generations.back().figures.at("predictor_tau") > 0.5);
  }
  CHECK(screened > plain);
}
