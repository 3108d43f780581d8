#include "tinynas/search/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/log.h"
#include "tinynas/search/history.h"

namespace tinynas::search {
namespace {

/// The history on disk: answers from what a killed run left, then appends.
class Recorder {
 public:
  Recorder(const Problem& problem, const Strategy& strategy, const RunOptions& options)
      : problem_(problem), path_(options.history) {
    if (path_.empty()) return;
    const HistoryHeader header{.strategy = strategy.name,
                               .space = problem.space.name,
                               .identity = options.identity,
                               .seed = strategy.seed};
    History history = read_history(path_, problem.space);
    const bool begun = history.header != HistoryHeader{};
    if (begun && history.header != header)
      throw ConfigError(
          fmt::format("{}: this history is of another search (strategy {}, seed {}); delete it, or use "
                      "another run folder",
                      path_.string(), history.header.strategy, history.header.seed));
    earlier_ = std::move(history.evaluations);
    // Written anew, so that a line cut short by a kill does not stay in the middle.
    std::string text = to_json_line(header) + "\n";
    for (const Evaluation& evaluation : earlier_) text += to_json_line(problem.space, evaluation) + "\n";
    write_file(path_, text);
  }

  /// The accuracy found for this network at this place by the run before; none if it did not come so far.
  std::optional<double> earlier(std::size_t place, const Proposal& proposal) const {
    if (place >= earlier_.size()) return std::nullopt;
    const Evaluation& then = earlier_[place];
    if (then.genome != proposal.genome || then.cost != proposal.cost)
      throw ConfigError(
          fmt::format("{}:{}: the search now comes to {}, but this line is about {}: config or cost model "
                      "have changed since; delete the file to search anew",
                      path_.string(), place + 2, space::to_string(problem_.space, proposal.genome),
                      space::to_string(problem_.space, then.genome)));
    return then.accuracy;
  }

  void append(const Evaluation& evaluation) const {
    if (!path_.empty()) append_line(path_, to_json_line(problem_.space, evaluation));
  }

 private:
  const Problem& problem_;
  std::filesystem::path path_;
  std::vector<Evaluation> earlier_;
};

void log_generation(const Strategy& strategy, const GenerationSummary& summary) {
  std::string event =
      fmt::format("search_generation strategy={} generation={} evaluations={} best_percent={:.2f}",
                  strategy.name, summary.generation, summary.evaluations, summary.best_accuracy);
  for (const auto& [name, value] : summary.figures) event += fmt::format(" {}={:.4g}", name, value);
  log_info(event);
}

}  // namespace

SearchResult run_search(const Problem& problem, const Strategy& strategy, const AccuracyOracle& oracle,
                        const RunOptions& options, const ProgressFn& progress, const StopToken& stop) {
  TINYNAS_CHECK(options.batch > 0, "the oracle is asked about at least one network at a time");
  const Recorder recorder(problem, strategy, options);
  SearchResult result;
  const auto keep = [&](const Evaluation& evaluation) {
    result.history.push_back(evaluation);
    if (!result.best || better(evaluation, *result.best)) result.best = evaluation;
  };
  const auto report = [&] {
    if (progress && result.best)
      progress({.done = static_cast<double>(result.history.size()),
                .total = static_cast<double>(std::max<std::size_t>(
                    result.history.size(), static_cast<std::size_t>(strategy.evaluations))),
                .note = fmt::format("best {:.2f} %", result.best->accuracy)});
  };
  const auto evaluate = [&](std::span<const Proposal> proposals, int generation) {
    std::vector<space::Genome> genomes;
    for (const Proposal& proposal : proposals) genomes.push_back(proposal.genome);
    const std::vector<double> accuracies = oracle(genomes, stop);
    TINYNAS_CHECK(accuracies.size() == genomes.size(),
                  "the oracle answers for every network it is asked about");
    for (std::size_t i = 0; i < proposals.size(); ++i) {
      keep({.genome = proposals[i].genome,
            .cost = proposals[i].cost,
            .accuracy = accuracies[i],
            .generation = generation});
      recorder.append(result.history.back());
    }
  };

  for (int generation = 0;; ++generation) {
    const std::vector<Proposal> proposals = strategy.ask();
    if (proposals.empty()) break;
    const std::size_t begin = result.history.size();
    std::size_t next = 0;
    for (; next < proposals.size(); ++next) {
      const auto accuracy = recorder.earlier(begin + next, proposals[next]);
      if (!accuracy) break;
      keep({.genome = proposals[next].genome,
            .cost = proposals[next].cost,
            .accuracy = *accuracy,
            .generation = generation});
    }
    while (next < proposals.size()) {
      stop.throw_if_stopped("searching");
      const std::size_t count = std::min(static_cast<std::size_t>(options.batch), proposals.size() - next);
      evaluate(std::span(proposals).subspan(next, count), generation);
      next += count;
      report();
    }
    strategy.tell(std::span(result.history).subspan(begin));
    result.generations.push_back({.generation = generation,
                                  .evaluations = static_cast<int>(result.history.size()),
                                  .best_accuracy = result.best->accuracy,
                                  .figures = strategy.figures ? strategy.figures() : Figures{}});
    log_generation(strategy, result.generations.back());
  }
  if (result.history.empty()) result.infeasible = strategy.infeasible();
  return result;
}

std::vector<double> best_so_far(std::span<const Evaluation> history) {
  std::vector<double> best;
  for (const Evaluation& evaluation : history)
    best.push_back(best.empty() ? evaluation.accuracy : std::max(best.back(), evaluation.accuracy));
  return best;
}

}  // namespace tinynas::search
