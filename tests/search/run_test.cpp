#include "tinynas/search/run.h"

#include "search/support.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"
#include "tinynas/search/evolution.h"
#include "tinynas/search/history.h"

using namespace tinynas;
using Catch::Matchers::Contains;

namespace {

constexpr search::EvolutionOptions kOptions{.population = 12, .generations = 4, .parents = 4, .seed = 3};

search::Problem problem() { return test::search_problem(test::kSearchBudget); }

search::SearchResult run(const std::filesystem::path& history, const search::AccuracyOracle& oracle,
                         const search::EvolutionOptions& options = kOptions) {
  return search::run_search(problem(), search::evolution(problem(), options), oracle,
                            {.history = history, .identity = "config 1", .batch = 5});
}

search::AccuracyOracle oracle() { return test::toy_oracle(problem().space); }

}  // namespace

TEST_CASE("a search killed at any evaluation and resumed gives the history of an unbroken one") {
  const test::TemporaryFolder folder;
  const auto unbroken = run(folder / "unbroken.jsonl", oracle());
  const std::string expected = read_file(folder / "unbroken.jsonl");
  for (int killed_after = 0; killed_after < 48; killed_after += 7) {
    const auto path = folder / ("killed" + std::to_string(killed_after) + ".jsonl");
    int asked = 0;
    const auto dying = [&](std::span<const space::Genome> genomes, double cutoff, const StopToken& stop) {
      asked += static_cast<int>(genomes.size());
      if (asked > killed_after) throw InterruptedError("killed");
      return oracle()(genomes, cutoff, stop);
    };
    CHECK_THROWS_AS(run(path, dying), InterruptedError);
    append_line(path, R"({"generation":0,"accur)");  // a kill while writing: cut the newline off too
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);

    const auto resumed = run(path, oracle());
    CHECK(resumed.history == unbroken.history);
    CHECK(resumed.best == unbroken.best);
    CHECK(read_file(path) == expected);
  }
}

TEST_CASE("resuming evaluates nothing that stands in the history") {
  const test::TemporaryFolder folder;
  const auto path = folder / "history.jsonl";
  const auto first = run(path, oracle());
  const auto again = run(
      path, [](std::span<const space::Genome>, double, const StopToken&) -> std::vector<search::Measurement> {
        throw InternalError("asked again");
      });
  CHECK(again.history == first.history);
}

TEST_CASE("a history survives the round trip through its file") {
  const test::TemporaryFolder folder;
  const auto result = run(folder / "history.jsonl", oracle());
  const auto read = search::read_history(folder / "history.jsonl", problem().space);
  CHECK(read.evaluations == result.history);
  CHECK(read.header ==
        search::HistoryHeader{.strategy = "evolution", .space = "tiny", .identity = "config 1", .seed = 3});
  CHECK(search::read_history(folder / "absent.jsonl", problem().space).evaluations.empty());
}

TEST_CASE("a history of another search, a changed cost model and a damaged line are refused") {
  const test::TemporaryFolder folder;
  const auto path = folder / "history.jsonl";
  run(path, oracle());
  auto other = kOptions;
  other.seed = 4;
  CHECK_THAT(test::message_of([&] { run(path, oracle(), other); }),
             Contains("history.jsonl: this history is of another search (strategy evolution, seed 3)"));

  auto changed = problem();
  changed.cost = [] {
    return [cost = test::simple_cost()()](const ir::Graph& graph) {
      auto footprint = cost(graph);
      ++footprint.code_bytes;
      return footprint;
    };
  };
  CHECK_THAT(test::message_of([&] {
               search::run_search(changed, search::evolution(changed, kOptions), oracle(),
                                  {.history = path, .identity = "config 1"});
             }),
             Contains("history.jsonl:2:") && Contains("cost model have changed"));

  std::string text = read_file(path);
  text.replace(text.find("\"generation\":1"), 5, "?????");
  write_file(path, text);
  CHECK_THAT(test::message_of([&] { run(path, oracle()); }),
             Contains("history.jsonl:14: not a line of a search history") && Contains("delete the file"));
}

TEST_CASE("a search reports progress and stops when asked, keeping what it has") {
  const test::TemporaryFolder folder;
  const StopToken stop;
  double done = 0;
  std::string note;
  CHECK_THROWS_AS(search::run_search(
                      problem(), search::evolution(problem(), kOptions), oracle(),
                      {.history = folder / "history.jsonl", .batch = 5},
                      [&](const Progress& progress) {
                        done = progress.done;
                        note = progress.note;
                        CHECK(progress.total == 48);
                        if (done >= 10) stop.request_stop();
                      },
                      stop),
                  InterruptedError);
  CHECK(done == 10);
  CHECK_THAT(note, Contains("best ") && Contains(" %"));
  CHECK(read_complete_lines(folder / "history.jsonl").size() == 11);
}

TEST_CASE("a strategy without one of its functions, and an oracle that is none, are named") {
  const auto refusal = [](const search::Strategy& strategy, const search::AccuracyOracle& asked) {
    return test::message_of([&] { search::run_search(problem(), strategy, asked, {}); });
  };
  const search::Strategy whole = search::evolution(problem(), kOptions);
  search::Strategy part = whole;
  part.ask = nullptr;
  CHECK_THAT(refusal(part, oracle()), Contains("strategy 'evolution': Strategy::ask is an empty function"));
  part = whole;
  part.tell = nullptr;
  CHECK_THAT(refusal(part, oracle()), Contains("Strategy::tell"));
  part = whole;
  part.infeasible = nullptr;
  CHECK_THAT(refusal(part, oracle()), Contains("Strategy::infeasible"));
  CHECK_THAT(refusal(whole, {}), Contains("the accuracy oracle is an empty function"));
  part = whole;
  part.figures = nullptr;  // a strategy may say nothing of itself
  CHECK(refusal(part, oracle()).empty());
}

TEST_CASE("what a caller of a search gets wrong is a ConfigError") {
  const auto silent = [](std::span<const space::Genome>, double, const StopToken&) {
    return std::vector<search::Measurement>(1);
  };
  CHECK_THAT(test::message_of([&] {
               search::run_search(problem(), search::evolution(problem(), kOptions), silent, {.batch = 5});
             }),
             Contains("asked about 5 networks and gave 1 answers"));
  CHECK_THROWS_AS(
      search::run_search(problem(), search::evolution(problem(), kOptions), oracle(), {.batch = 0}),
      ConfigError);
  CHECK_THROWS_AS(search::evolution(problem(), {.population = 0}), ConfigError);
  search::Problem without_cost = problem();
  without_cost.cost = nullptr;
  CHECK_THAT(test::message_of([&] { search::evolution(without_cost, kOptions); }), Contains("Problem::cost"));
}
