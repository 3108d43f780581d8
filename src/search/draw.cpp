#include "tinynas/search/draw.h"

#include <algorithm>
#include <numeric>

#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/space/lower.h"

namespace tinynas::search {
namespace {

/// A batch is spread over this many workers, however many threads there are, so that what each one sees does
/// not depend on the threads.
constexpr std::size_t kWorkers = 16;
/// Slots of one batch that drew the same network draw again, at most this often.
constexpr int kMaxRounds = 20;

}  // namespace

/// A cost function and memory of its own.
struct FeasibleDraws::Worker {
  explicit Worker(const Problem& problem) : cost(problem.cost()), needs(problem.budget) {}

  /// The network's costs if it fits.
  std::optional<Proposal> look_at(const Problem& problem, const space::Genome& genome) {
    space::lower(problem.space, problem.task, genome, graph);
    const cost::Footprint footprint = cost(graph);
    ++looked_at;
    if (cost::fits(footprint, problem.budget)) return Proposal{.genome = genome, .cost = footprint};
    needs.add(footprint, [&] { return space::to_string(problem.space, genome); });
    return std::nullopt;
  }

  space::CostFn cost;
  ir::Graph graph;
  space::NeedTracker needs;  // of networks that did not fit
  std::int64_t looked_at = 0;
};

FeasibleDraws::FeasibleDraws(Problem problem) : problem_(std::move(problem)) {
  if (!problem_.cost)
    throw ConfigError(
        "search: Problem::cost is an empty function; space::device_cost makes one for a device");
  for (std::size_t i = 0; i < kWorkers; ++i) workers_.push_back(std::make_unique<Worker>(problem_));
}
FeasibleDraws::~FeasibleDraws() = default;
FeasibleDraws::FeasibleDraws(FeasibleDraws&&) noexcept = default;
FeasibleDraws& FeasibleDraws::operator=(FeasibleDraws&&) noexcept = default;

std::vector<std::optional<Proposal>> FeasibleDraws::draw_round(const Batch& batch, const Rng& rng,
                                                               std::span<const std::size_t> slots) {
  std::vector<std::optional<Proposal>> found(slots.size());
  parallel_for_index(std::min(kWorkers, slots.size()), [&](std::size_t w) {
    for (std::size_t i = w; i < slots.size(); i += kWorkers) {
      Rng slot_rng = rng.fork("slot", slots[i]);
      for (int tries = 0; tries < batch.max_tries && !found[i]; ++tries) {
        const space::Genome genome = batch.draw(slots[i], slot_rng);
        if (!drawn_.contains(genome)) found[i] = workers_[w]->look_at(problem_, genome);
      }
    }
  });
  return found;
}

std::vector<Proposal> FeasibleDraws::next(const Batch& batch, const Rng& rng) {
  std::vector<std::optional<Proposal>> filled(batch.count);
  std::vector<std::size_t> open(batch.count);
  std::iota(open.begin(), open.end(), 0);
  for (int round = 0; round < kMaxRounds && !open.empty(); ++round) {
    auto found = draw_round(batch, rng.fork("round", static_cast<std::uint64_t>(round)), open);
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!found[i]) continue;  // nothing new fits for this slot
      if (drawn_.insert(found[i]->genome).second)
        filled[open[i]] = std::move(found[i]);
      else  // an earlier slot of this round drew the same network
        again.push_back(open[i]);
    }
    open = std::move(again);
  }
  std::vector<Proposal> proposals;
  for (auto& slot : filled)
    if (slot) proposals.push_back(std::move(*slot));
  return proposals;
}

void FeasibleDraws::put_back(std::span<const Proposal> unused) {
  for (const Proposal& proposal : unused) drawn_.erase(proposal.genome);
}

std::vector<Proposal> FeasibleDraws::smallest() {
  const space::Genome genome = space::smallest(problem_.space);
  if (drawn_.contains(genome)) return {};
  auto proposal = workers_[0]->look_at(problem_, genome);
  if (!proposal) return {};
  drawn_.insert(genome);
  return {*proposal};
}

std::int64_t FeasibleDraws::looked_at() const {
  return std::accumulate(workers_.begin(), workers_.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& worker) { return sum + worker->looked_at; });
}

space::Infeasible FeasibleDraws::needs() const {
  space::NeedTracker all(problem_.budget);
  for (const auto& worker : workers_) all.merge(worker->needs);
  return all.result();
}

}  // namespace tinynas::search
