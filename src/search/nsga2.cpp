#include "tinynas/search/nsga2.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numeric>

#include "tinynas/core/error.h"

namespace tinynas::search {

Nsga2::Nsga2(Problem problem, Nsga2Options options)
    : options_(std::move(options)), rng_(options_.seed), draws_(std::move(problem)) {
  if (options_.objectives.size() < 2 || options_.population < 2)
    throw ConfigError(fmt::format("nsga2: {} objectives and a population of {}; it takes 2 or more of each",
                                  options_.objectives.size(), options_.population));
}

std::vector<Proposal> Nsga2::ask() {
  if (generation_ >= options_.generations) return {};
  const Rng rng = rng_.fork("generation", static_cast<std::uint64_t>(generation_++));
  const auto count = static_cast<std::size_t>(options_.population);
  std::vector<Proposal> proposals;
  if (!population_.empty())
    proposals =
        draws_.next({.count = count,
                     .max_tries = options_.max_tries,
                     .draw = [this](std::size_t slot, Rng& slot_rng) { return child(slot, slot_rng); }},
                    rng);
  const space::SearchSpace& space = draws_.problem().space;
  const auto random =
      draws_.next({.count = count - proposals.size(),
                   .max_tries = options_.max_tries,
                   .draw = [&space](std::size_t, Rng& slot_rng) { return space::sample(space, slot_rng); }},
                  rng.fork("random"));
  proposals.insert(proposals.end(), random.begin(), random.end());
  return proposals.empty() ? draws_.smallest() : proposals;
}

const space::Genome& Nsga2::tournament(Rng& rng) const {
  const std::size_t a = rng.below(population_.size()), b = rng.below(population_.size());
  const bool a_wins = front_[a] != front_[b] ? front_[a] < front_[b] : crowding_[a] >= crowding_[b];
  return population_[a_wins ? a : b].genome;
}

space::Genome Nsga2::child(std::size_t slot, Rng& rng) const {
  const space::SearchSpace& space = draws_.problem().space;
  const auto crossed = static_cast<std::size_t>(std::lround(options_.population * options_.crossover_share));
  const space::Genome& first = tournament(rng);
  if (slot >= crossed) return space::mutate(space, first, options_.mutation_rate, rng);
  return space::mutate(space, space::cross_over(space, first, tournament(rng), rng), options_.mutation_rate,
                       rng);
}

void Nsga2::tell(std::span<const Evaluation> evaluations) {
  std::vector<Evaluation> all = std::move(population_);
  all.insert(all.end(), evaluations.begin(), evaluations.end());
  const std::vector<Point> points = points_of(all, options_.objectives);
  if (reference_.empty() && !points.empty()) {
    reference_ = points.front();
    for (const Point& point : points)
      for (std::size_t k = 0; k < point.size(); ++k) reference_[k] = std::max(reference_[k], point[k]);
  }
  population_.clear();
  front_.clear();
  crowding_.clear();
  const auto wanted = static_cast<std::size_t>(options_.population);
  int rank = 0;
  for (const auto& front : non_dominated_sort(points)) {
    const std::vector<double> distances = crowding_distances(points, front);
    std::vector<std::size_t> order(front.size());
    std::iota(order.begin(), order.end(), 0);
    if (population_.size() + front.size() > wanted)  // the last front to be taken: its loneliest members
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return distances[a] > distances[b]; });
    for (const std::size_t i : order) {
      if (population_.size() == wanted) return;
      population_.push_back(all[front[i]]);
      front_.push_back(rank);
      crowding_.push_back(distances[i]);
    }
    ++rank;
  }
}

double Nsga2::hypervolume_share() const {
  const double whole = std::accumulate(reference_.begin(), reference_.end(), 1.0, std::multiplies<>());
  return whole > 0 ? hypervolume(points_of(population_, options_.objectives), reference_) / whole : 0;
}

Strategy nsga2(const Problem& problem, const Nsga2Options& options) {
  auto state = std::make_shared<Nsga2>(problem, options);
  return {.name = "nsga2",
          .seed = options.seed,
          .evaluations = options.population * options.generations,
          .ask = [state] { return state->ask(); },
          .tell = [state](std::span<const Evaluation> evaluations) { state->tell(evaluations); },
          .infeasible = [state] { return state->draws().needs(); },
          .figures =
              [state, objectives = options.objectives] {
                const auto front = pareto_front(points_of(state->population(), objectives));
                return Figures{{"hypervolume", state->hypervolume_share()},
                               {"front", static_cast<double>(front.size())}};
              }};
}

}  // namespace tinynas::search
