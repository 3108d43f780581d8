#include "tinynas/search/evolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "tinynas/core/error.h"

namespace tinynas::search {
namespace {

/// Random networks that fit.
std::vector<Proposal> random_batch(FeasibleDraws& draws, int count, int max_tries, const Rng& rng) {
  const space::SearchSpace& space = draws.problem().space;
  return draws.next({.count = static_cast<std::size_t>(count),
                     .max_tries = max_tries,
                     .draw = [&space](std::size_t, Rng& slot_rng) { return space::sample(space, slot_rng); }},
                    rng);
}

}  // namespace

Evolution::Evolution(Problem problem, const EvolutionOptions& options)
    : options_(options), rng_(options.seed), draws_(std::move(problem)) {
  if (options.population < 1 || options.parents < 1 || options.screening < 1)
    throw ConfigError(fmt::format("evolution: population {}, parents {} and screening {}; each is 1 or more",
                                  options.population, options.parents, options.screening));
}

std::vector<Proposal> Evolution::ask() {
  if (generation_ >= options_.generations) return {};
  const Rng rng = rng_.fork("generation", static_cast<std::uint64_t>(generation_++));
  std::vector<Proposal> proposals;
  if (!best_.empty()) {
    proposals =
        draws_.next({.count = static_cast<std::size_t>(options_.population) *
                              static_cast<std::size_t>(options_.screening),
                     .max_tries = options_.max_tries,
                     .draw = [this](std::size_t slot, Rng& slot_rng) { return child(slot, slot_rng); }},
                    rng);
    screen(proposals);
  }
  // The first generation; and later, slots whose parents have become too alike to have new children.
  const int missing = options_.population - static_cast<int>(proposals.size());
  const auto random = random_batch(draws_, missing, options_.max_tries, rng.fork("random"));
  proposals.insert(proposals.end(), random.begin(), random.end());
  return proposals.empty() ? draws_.smallest() : proposals;
}

/// Keeps the most promising of more candidates than will be evaluated; the first ones while too little is
/// known to tell.
void Evolution::screen(std::vector<Proposal>& candidates) {
  const auto wanted = static_cast<std::size_t>(options_.population);
  if (candidates.size() <= wanted) return;
  if (predictor_) {
    std::vector<std::pair<double, std::size_t>> order;  // best first, of equals the earlier
    for (std::size_t i = 0; i < candidates.size(); ++i)
      order.emplace_back(-predictor_->predict(candidates[i].genome), i);
    std::sort(order.begin(), order.end());
    std::vector<Proposal> sorted;
    for (const auto& [unused, i] : order) sorted.push_back(candidates[i]);
    candidates = std::move(sorted);
  }
  draws_.put_back(std::span(candidates).subspan(wanted));
  candidates.resize(wanted);
}

space::Genome Evolution::child(std::size_t slot, Rng& rng) const {
  const space::SearchSpace& space = draws_.problem().space;
  const auto crossed = static_cast<std::size_t>(std::lround(options_.population * options_.crossover_share));
  const auto parent = [&]() -> const space::Genome& { return rng.pick(std::span(best_)).genome; };
  const space::Genome& first = parent();
  if (slot % static_cast<std::size_t>(options_.population) < crossed)
    return space::cross_over(space, first, parent(), rng);
  return space::mutate(space, first, options_.mutation_rate, rng);
}

void Evolution::tell(std::span<const Evaluation> evaluations) {
  if (options_.screening > 1) {
    evaluated_.insert(evaluated_.end(), evaluations.begin(), evaluations.end());
    if (rank_by_expectation()) return;
  }
  best_.insert(best_.end(), evaluations.begin(), evaluations.end());
  std::stable_sort(best_.begin(), best_.end(), better);  // stable: of equals the earlier stays
  keep_parents();
}

void Evolution::keep_parents() {
  if (best_.size() > static_cast<std::size_t>(options_.parents))
    best_.erase(best_.begin() + options_.parents, best_.end());
}

/// Fits the predictor and takes the parents by what it expects of them; false while too little is known.
bool Evolution::rank_by_expectation() {
  const PredictorOptions settings{.seed = options_.seed};
  if (evaluated_.size() < 2 * static_cast<std::size_t>(settings.folds)) return false;
  predictor_ = AccuracyPredictor::fit(draws_.problem().space, evaluated_, settings);
  const std::vector<double> expected = expected_accuracies(*predictor_, evaluated_);
  std::vector<std::size_t> order(evaluated_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return expected[a] != expected[b] ? expected[a] > expected[b] : better(evaluated_[a], evaluated_[b]);
  });
  best_.clear();
  for (const std::size_t i : order) best_.push_back(evaluated_[i]);
  keep_parents();
  return true;
}

std::optional<Evaluation> Evolution::winner() const {
  if (best_.empty()) return std::nullopt;
  return best_.front();
}

double Evolution::cutoff() const {
  const bool full = best_.size() == static_cast<std::size_t>(options_.parents);
  return full ? best_.back().accuracy : kNoCutoff;
}

Strategy evolution(const Problem& problem, const EvolutionOptions& options) {
  auto state = std::make_shared<Evolution>(problem, options);
  return {.name = options.screening > 1 ? "screened_evolution" : "evolution",
          .seed = options.seed,
          .evaluations = options.population * options.generations,
          .ask = [state] { return state->ask(); },
          .tell = [state](std::span<const Evaluation> evaluations) { state->tell(evaluations); },
          .infeasible = [state] { return state->draws().needs(); },
          // Screening learns from all accuracies, so it wants them all alike.
          .cutoff = [state, options] { return options.screening > 1 ? kNoCutoff : state->cutoff(); },
          .figures =
              [state] {
                Figures figures;
                if (state->predictor()) figures["predictor_tau"] = state->predictor()->held_out_tau();
                return figures;
              },
          .winner = [state] { return state->winner(); }};
}

Strategy random_search(const Problem& problem, const RandomOptions& options) {
  struct State {
    FeasibleDraws draws;
    int asked = 0, batches = 0;
    double best = kNoCutoff;
  };
  auto state = std::make_shared<State>(State{.draws = FeasibleDraws(problem)});
  return {.name = "random",
          .seed = options.seed,
          .evaluations = options.evaluations,
          .ask =
              [state, options] {
                const int count = std::min(options.batch, options.evaluations - state->asked);
                if (count <= 0) return std::vector<Proposal>{};
                const Rng rng =
                    Rng(options.seed).fork("random", static_cast<std::uint64_t>(state->batches++));
                auto proposals = random_batch(state->draws, count, options.max_tries, rng);
                if (proposals.empty()) proposals = state->draws.smallest();
                state->asked += static_cast<int>(proposals.size());
                return proposals;
              },
          .tell =
              [state](std::span<const Evaluation> evaluations) {
                for (const Evaluation& evaluation : evaluations)
                  state->best = std::max(state->best, evaluation.accuracy);
              },
          .infeasible = [state] { return state->draws.needs(); },
          .cutoff = [state] { return state->best; },
          .figures = {}};
}

}  // namespace tinynas::search
