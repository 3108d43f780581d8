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

  /// The evaluation of this network at this place by the run before; none if it did not come so far.
  std::optional<Evaluation> earlier(std::size_t place, const Proposal& proposal) const {
    if (place >= earlier_.size()) return std::nullopt;
    const Evaluation& then = earlier_[place];
    if (then.genome != proposal.genome || then.cost != proposal.cost)
      throw ConfigError(
          fmt::format("{}:{}: the search now comes to {}, but this line is about {}: config or cost model "
                      "have changed since; delete the file to search anew",
                      path_.string(), place + 2, space::to_string(problem_.space, proposal.genome),
                      space::to_string(problem_.space, then.genome)));
    return then;
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
  std::string event = fmt::format(
      "search_generation strategy={} generation={} evaluations={} best_percent={:.2f} images={:.0f}",
      strategy.name, summary.generation, summary.evaluations, summary.best_accuracy, summary.images);
  for (const auto& [name, value] : summary.figures) event += fmt::format(" {}={:.4g}", name, value);
  log_info(event);
}

/// One call of run_search.
class Run {
 public:
  Run(const Problem& problem, const Strategy& strategy, const AccuracyOracle& oracle,
      const RunOptions& options)
      : strategy_(strategy), oracle_(oracle), batch_(options.batch), recorder_(problem, strategy, options) {
    if (batch_ < 1)
      throw ConfigError(
          fmt::format("search: a batch of {} networks; the oracle is asked about 1 or more", batch_));
    const auto require = [&](bool given, const char* what) {
      if (given) return;
      throw ConfigError(fmt::format(
          "search: strategy '{}': {} is an empty function; set it (search/problem.h)", strategy.name, what));
    };
    require(strategy.ask != nullptr, "Strategy::ask");
    require(strategy.tell != nullptr, "Strategy::tell");
    require(strategy.infeasible != nullptr, "Strategy::infeasible");
    require(oracle != nullptr, "the accuracy oracle");
  }

  /// Everything a strategy asked for at once: what the run before knew already, then the rest in batches.
  void evaluate_generation(int generation, std::span<const Proposal> proposals, const ProgressFn& progress,
                           const StopToken& stop) {
    const std::size_t begin = result_.history.size();
    const double cutoff = strategy_.cutoff ? strategy_.cutoff() : kNoCutoff;  // the same for all of them
    proposals = proposals.subspan(recall(proposals));
    while (!proposals.empty()) {
      stop.throw_if_stopped("searching");
      const std::size_t count = std::min(batch_size(), proposals.size());
      evaluate(generation, proposals.first(count), cutoff, stop);
      proposals = proposals.subspan(count);
      report(progress);
    }
    const auto evaluated = std::span<const Evaluation>(result_.history).subspan(begin);
    strategy_.tell(evaluated);
    double images = 0;
    for (const Evaluation& evaluation : evaluated) images += evaluation.images;
    result_.generations.push_back({.generation = generation,
                                   .evaluations = static_cast<int>(result_.history.size()),
                                   .best_accuracy = result_.best->accuracy,
                                   .images = images / static_cast<double>(evaluated.size()),
                                   .figures = strategy_.figures ? strategy_.figures() : Figures{}});
    log_generation(strategy_, result_.generations.back());
  }

  SearchResult take_result() {
    if (result_.history.empty()) result_.infeasible = strategy_.infeasible();
    if (strategy_.winner)
      if (const auto winner = strategy_.winner()) result_.best = winner;
    return std::move(result_);
  }

 private:
  std::size_t batch_size() const { return static_cast<std::size_t>(batch_); }

  void keep(const Evaluation& evaluation) {
    result_.history.push_back(evaluation);
    if (!result_.best || better(evaluation, *result_.best)) result_.best = evaluation;
  }

  /// Returns how many of the proposals stand in the history.
  std::size_t recall(std::span<const Proposal> proposals) {
    std::size_t known = 0;
    for (; known < proposals.size(); ++known) {
      const auto evaluation = recorder_.earlier(result_.history.size(), proposals[known]);
      if (!evaluation) break;
      keep(*evaluation);
    }
    return known;
  }

  void evaluate(int generation, std::span<const Proposal> proposals, double cutoff, const StopToken& stop) {
    std::vector<space::Genome> genomes;
    for (const Proposal& proposal : proposals) genomes.push_back(proposal.genome);
    const std::vector<Measurement> measured = oracle_(genomes, cutoff, stop);
    require_answers(measured, genomes.size());
    for (std::size_t i = 0; i < proposals.size(); ++i) {
      keep({.genome = proposals[i].genome,
            .cost = proposals[i].cost,
            .accuracy = measured[i].accuracy,
            .generation = generation,
            .standard_error = measured[i].standard_error,
            .images = measured[i].images});
      recorder_.append(result_.history.back());
    }
  }

  void report(const ProgressFn& progress) const {
    if (!progress) return;
    const auto done = static_cast<double>(result_.history.size());
    progress({.done = done,
              .total = std::max(done, static_cast<double>(strategy_.evaluations)),
              .note = fmt::format("best {:.2f} %", result_.best->accuracy)});
  }

  const Strategy& strategy_;
  const AccuracyOracle& oracle_;
  int batch_;
  Recorder recorder_;
  SearchResult result_;
};

}  // namespace

SearchResult run_search(const Problem& problem, const Strategy& strategy, const AccuracyOracle& oracle,
                        const RunOptions& options, const ProgressFn& progress, const StopToken& stop) {
  Run run(problem, strategy, oracle, options);
  for (int generation = 0;; ++generation) {
    const std::vector<Proposal> proposals = strategy.ask();
    if (proposals.empty()) break;
    run.evaluate_generation(generation, proposals, progress, stop);
  }
  return run.take_result();
}

std::vector<double> best_so_far(std::span<const Evaluation> history) {
  std::vector<double> best;
  for (const Evaluation& evaluation : history)
    best.push_back(best.empty() ? evaluation.accuracy : std::max(best.back(), evaluation.accuracy));
  return best;
}

}  // namespace tinynas::search
