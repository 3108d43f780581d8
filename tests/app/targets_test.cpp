// Several devices searched from one supernet in one run.
#include <nlohmann/json.hpp>
#include <set>

#include "app/support.h"
#include "support/catch.h"
#include "tinynas/app/pipeline.h"
#include "tinynas/app/ranking.h"

namespace tinynas {
namespace {

using app::Experiment;
using app::RunDirectory;
using test::FakeTraining;
using test::message_of;
using test::TemporaryFolder;

nlohmann::json read(const std::filesystem::path& file) { return nlohmann::json::parse(read_file(file)); }

/// What a further device allows: less than the best networks of the tiny space compute.
constexpr Macs kTightMacs = 25'000;

/// The tiny experiment for a large device, and for two further ones that allow less.
Experiment three_targets(const std::filesystem::path& folder) {
  Experiment experiment = test::tiny_experiment(folder);
  experiment.also = {{.device = "rp2040",
                      .budget = {.sram_bytes = 32 * kKiB, .flash_bytes = 128 * kKiB, .macs = kTightMacs}},
                     {.device = "stm32f412", .budget = {.sram_bytes = 48 * kKiB}}};
  return experiment;
}

/// More computation is better: what a real supernet says, roughly.
double by_macs(const train::Context& context, const space::Genome& genome) {
  const Macs macs = ir::graph_macs(space::lower_named(context.space, context.task, genome));
  return 50 + static_cast<double>(macs) / 1e5 + static_cast<double>(space::hash(genome) % 100) / 1e4;
}

TEST_CASE("one supernet is trained and searched for every device, and each winner meets its own limits") {
  const TemporaryFolder folder;
  FakeTraining training{.judge = by_macs};
  const RunDirectory run = app::start_run(folder / "run", three_targets(folder.path()));
  app::run_pipeline(run, training.stages(), "", {}, {});

  CHECK(training.supernets == 1);
  CHECK(training.oracles == 1);
  CHECK(training.tunings == 3);
  const auto first = read(run / "result.json");
  const auto small = read(run.path() / "also/rp2040/result.json"),
             other = read(run.path() / "also/stm32f412/result.json");
  CHECK(first.at("device") == "stm32f746");
  CHECK(small.at("device") == "rp2040");
  CHECK(other.at("device") == "stm32f412");
  CHECK(small.at("macs") <= kTightMacs);
  CHECK(small.at("sram_bytes") <= 32 * kKiB);
  CHECK(small.at("flash_bytes") <= 128 * kKiB);
  CHECK(first.at("macs") > kTightMacs);
  CHECK(first.at("genome") != small.at("genome"));
  CHECK(small.at("latency_ms") != first.at("latency_ms"));
  CHECK(first.at("space") == small.at("space"));
  REQUIRE(first.at("also").size() == 2);
  CHECK(first.at("also")[0].at("genome") == small.at("genome"));
  CHECK(first.at("also")[1].at("run") == "also/stm32f412");
  CHECK(run.read("report.html").find("<a href='also/rp2040/report.html'>rp2040</a>") != std::string::npos);
  const std::string card = run.read("README.md");
  for (const char* row : {"| **stm32f746** |", "| [rp2040](<also/rp2040/report.html>) |",
                          "| [stm32f412](<also/stm32f412/report.html>) |"})
    CHECK(card.find(row) != std::string::npos);
  CHECK(read_file(run.path() / "also/rp2040/README.md").find("trained in the run `../..`") !=
        std::string::npos);
  CHECK_FALSE(small.contains("also"));
  CHECK_FALSE(std::filesystem::exists(run.path() / "also/rp2040/supernet.pt"));
  for (const char* file : {"model.onnx", "firmware/model.c", "report.html", "history.jsonl", "random.jsonl"})
    CHECK(std::filesystem::exists(run.path() / "also/rp2040" / file));
}

TEST_CASE("no network is evaluated twice, whichever devices propose it") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", three_targets(folder.path()));
  app::run_pipeline(run, training.stages(), "search", {}, {});
  const std::set<space::Genome> different(training.asked.begin(), training.asked.end());
  CHECK(different.size() == training.asked.size());
  std::size_t lines = 0;  // of the searches' own histories, without their headers
  for (const char* search : {"", "also/rp2040", "also/stm32f412"})
    for (const char* file : {"history.jsonl", "random.jsonl"})
      lines += read_complete_lines(run.path() / search / file).size() - 1;
  CHECK(lines > training.asked.size());  // some were proposed by several
}

TEST_CASE("stopped while the second device is searched and resumed, a run ends with the same files") {
  const TemporaryFolder folder;
  const Experiment experiment = three_targets(folder.path());
  FakeTraining unbroken;
  const RunDirectory whole = app::start_run(folder / "whole", experiment);
  app::run_pipeline(whole, unbroken.stages(), "", {}, {});

  const RunDirectory cut = app::start_run(folder / "cut", experiment);
  FakeTraining before;
  app::run_pipeline(cut, before.stages(), "train", {}, {});
  before.most_asked = 0;
  CHECK_THROWS_AS(app::run_pipeline(cut, before.stages(), "", {}, {}), InterruptedError);
  // What the first device alone asks for, and one more: the stop comes in the second search.
  std::set<std::string> own;
  for (const char* file : {"history.jsonl", "random.jsonl"})
    for (const std::string& line : read_complete_lines(whole / file))
      if (const auto json = nlohmann::json::parse(line); json.contains("genome")) own.insert(json["genome"]);
  REQUIRE(own.size() < unbroken.asked.size());
  before.most_asked = own.size();
  CHECK_THROWS_AS(app::run_pipeline(cut, before.stages(), "", {}, {}), InterruptedError);
  CHECK(cut.has("model.onnx"));
  CHECK_FALSE(cut.has("report.html"));
  REQUIRE(std::filesystem::exists(cut.path() / "also/rp2040/train.json"));
  CHECK_FALSE(std::filesystem::exists(cut.path() / "also/rp2040/search.json"));

  FakeTraining after;
  app::run_pipeline(cut, after.stages(), "", {}, {});
  CHECK(after.supernets == 0);
  CHECK(before.asked.size() + after.asked.size() == unbroken.asked.size());  // answers outlive the process
  for (const char* target : {"", "also/rp2040", "also/stm32f412"})
    for (const char* file : {"model.onnx", "search.json", "history.jsonl", "random.jsonl", "tuned.weights",
                             "plan.json", "rank.json", "firmware/model.c"}) {
      CAPTURE(target, file);
      CHECK(read_file(cut.path() / target / file) == read_file(whole.path() / target / file));
    }
}

TEST_CASE("a further device's folder is a run of its own") {
  const TemporaryFolder folder;
  FakeTraining training;
  {
    const RunDirectory run = app::start_run(folder / "run", three_targets(folder.path()));
    app::run_pipeline(run, training.stages(), "", {}, {});
  }
  const RunDirectory one = RunDirectory::open(folder / "run/also/rp2040");
  CHECK(one.experiment().device == "rp2040");
  CHECK(one.experiment().also.empty());
  const std::string search = one.read("search.json");
  one.remove({"search.json", "history.jsonl"});
  FakeTraining again;
  app::run_pipeline(one, again.stages(), "", {}, {});
  CHECK(again.supernets == 0);
  CHECK(again.tunings == 1);
  CHECK(again.asked.empty());  // the first run's answers are known here
  CHECK(one.read("search.json") == search);
}

TEST_CASE("a licence that is stated later reaches the pages of every device, and the run goes on with it") {
  const TemporaryFolder folder;
  FakeTraining training;
  {
    const RunDirectory run = app::start_run(folder / "run", three_targets(folder.path()));
    app::run_pipeline(run, training.stages(), "", {}, {});
    write_file(run / "config.yaml", run.read("config.yaml") + "license: CC-BY-4.0\n");
    run.remove({"README.md", "also/rp2040/README.md", "also/rp2040/tensorboard"});
  }
  const RunDirectory run = RunDirectory::open(folder / "run");
  app::rewrite_report(run);
  for (const char* target : {"", "also/rp2040", "also/stm32f412"}) {
    CAPTURE(target);
    CHECK(test::contains(read_file(run.path() / target / "README.md"), "License: CC-BY-4.0\n"));
    CHECK(std::filesystem::exists(run.path() / target / "tensorboard/search"));
  }
  const int tunings = training.tunings;
  run.remove({"also/rp2040/eval.json"});
  app::run_pipeline(run, training.stages(), "", {}, {});
  CHECK(training.tunings == tunings);
  CHECK(run.has("also/rp2040/report.html"));
}

TEST_CASE("a page is written again while a further device has none yet") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", three_targets(folder.path()));
  app::run_pipeline(run, training.stages(), "", {}, {});
  run.remove({"also/rp2040"});
  app::rewrite_report(run);
  CHECK_FALSE(run.has("also/rp2040"));
  CHECK(read(run / "result.json").at("also").size() == 1);
}

TEST_CASE("a supernet trained anew takes the further devices' networks with it, a tuning does not") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", three_targets(folder.path()));
  app::run_pipeline(run, training.stages(), "", {}, {});
  CHECK(training.tunings == 3);
  std::filesystem::remove(run.path() / "also/rp2040/tune.json");
  run.write("report.html", "old");
  app::run_pipeline(run, training.stages(), "", {}, {});
  CHECK(training.tunings == 4);
  CHECK(run.read("report.html") != "old");  // it tells of the device that was tuned again
  run.remove({"tune.json"});
  app::run_pipeline(run, training.stages(), "", {}, {});
  CHECK(training.tunings == 5);
  run.remove({"train.json"});
  app::run_pipeline(run, training.stages(), "train", {}, {});
  CHECK_FALSE(run.has("answers.jsonl"));
  CHECK_FALSE(std::filesystem::exists(run.path() / "also/rp2040/search.json"));
  CHECK(std::filesystem::exists(run.path() / "also/rp2040/train.json"));
}

TEST_CASE("the space is chosen for all devices") {
  const TemporaryFolder folder;
  FakeTraining training;
  Experiment experiment = test::tiny_experiment(folder.path());
  const auto chosen = [&](const std::string& name) {
    const RunDirectory run = app::start_run(folder / name, experiment);
    app::run_pipeline(run, training.stages(), "rank", {}, {});
    return read(run / "rank.json").at("resolution").get<int>();
  };
  CHECK(chosen("alone") == 12);  // the larger one: all of it fits a device of this size
  experiment.also = {{.device = "rp2040", .budget = {.macs = 12'000}}};
  CHECK(chosen("both") == 8);
}

TEST_CASE("limits are compared for one device only") {
  const TemporaryFolder folder;
  Experiment experiment = three_targets(folder.path());
  const app::SweepLimits limits{.sram = {64 * kKiB}, .flash = {256 * kKiB}};
  CHECK(message_of([&] { app::sweep_spaces(experiment, {}, limits, {}, {}); }).find("add --also none") !=
        std::string::npos);
  experiment.also.clear();
  CHECK(app::sweep_spaces(experiment, {}, limits, {}, {}).size() == 1);
}

TEST_CASE("a device that nothing fits is named, with its limit, before a folder is made") {
  const TemporaryFolder folder;
  Experiment experiment = three_targets(folder.path());
  experiment.also[1].budget.sram_bytes = 100;
  const std::string message = message_of([&] { app::start_run(folder / "run", experiment); });
  CHECK(message.find("stm32f412: no network of the space fits: sram is limited to 100 bytes") == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "run"));
  experiment.also[1].device = "stm32f413";
  CHECK(message_of([&] { app::start_run(folder / "run", experiment); }).find("also[1].device") == 0);
}

TEST_CASE("a supernet is searched later for another device; what made it cannot be changed") {
  const TemporaryFolder folder;
  FakeTraining training;
  Experiment experiment = test::tiny_experiment(folder.path());
  experiment.supernet = (folder / "first").string();
  CHECK(message_of([&] { app::start_run(folder / "later", experiment); }).find("holds no trained supernet") !=
        std::string::npos);
  {
    Experiment first = experiment;
    first.supernet.clear();
    const RunDirectory run = app::start_run(folder / "first", first);
    app::run_pipeline(run, training.stages(), "train", {}, {});
  }
  experiment.device = "rp2040";
  experiment.budget.macs = kTightMacs;
  experiment.search.population = 5;
  const RunDirectory later = app::start_run(folder / "later", experiment);
  app::run_pipeline(later, training.stages(), "", {}, {});
  CHECK(training.supernets == 1);
  CHECK(read(later / "plan.json").at("population") == 5);
  CHECK(read(later / "result.json").at("macs") <= kTightMacs);

  Experiment third = experiment;
  third.supernet = (folder / "later").string();
  CHECK(message_of([&] {
          app::start_run(folder / "third", third);
        }).find("searches the supernet of " + (folder / "first").string()) != std::string::npos);

  experiment.data.held_out = 30;
  CHECK(message_of([&] {
          app::start_run(folder / "other", experiment);
        }).find("data.held_out is 20 there and 30 here") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "other"));
}

TEST_CASE("with a time limit every device gets its part of the search and of the tuning") {
  const TemporaryFolder folder;
  FakeTraining training;
  Experiment experiment = three_targets(folder.path());
  experiment.time_ms = 3600e3;
  const RunDirectory run = app::start_run(folder / "run", experiment);
  app::run_pipeline(run, training.stages(), "train", {}, {});
  const auto first = read(run / "plan.json"), small = read(run.path() / "also/rp2040/plan.json");
  CHECK(first.at("search_seconds").get<double>() * 3 < 0.2 * 3600);
  CHECK(first.at("tune_seconds").get<double>() * 3 < 0.32 * 3600);
  CHECK(small.at("tune_seconds") == first.at("tune_seconds"));
  CHECK(small.at("train_epochs") == first.at("train_epochs"));
}

TEST_CASE("stages are told with the device they are for, and counted over all devices") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", three_targets(folder.path()));
  std::vector<std::string> told;
  const app::Monitor monitor{.started = [&](std::string_view stage, int index, int count) {
    CHECK(index == static_cast<int>(told.size()));
    CHECK(count == 9);
    told.emplace_back(stage);
  }};
  app::run_pipeline(run, training.stages(), "search", monitor, {});
  CHECK(told == std::vector<std::string>{"rank", "train", "search", "rp2040 rank", "rp2040 train",
                                         "rp2040 search", "stm32f412 rank", "stm32f412 train",
                                         "stm32f412 search"});
}

}  // namespace
}  // namespace tinynas
