// Spaces whose resolution is elastic: one supernet for all resolutions, a winner with one of them.
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "app/support.h"
#include "support/catch.h"
#include "tinynas/app/pipeline.h"
#include "tinynas/app/ranking.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas {
namespace {

using app::Experiment;
using app::RunDirectory;
using test::FakeTraining;
using test::TemporaryFolder;

/// The tiny experiment, its images 12 pixels a side, with elastic resolutions.
Experiment elastic_experiment(const std::filesystem::path& folder,
                              const std::string& resolutions = "[8, 12]") {
  Experiment experiment = test::tiny_experiment(folder);
  std::string text = read_file(experiment.space);
  const std::string ordinary = "resolutions: [8, 12]\n";
  text.replace(text.find(ordinary), ordinary.size(),
               "resolutions: " + resolutions + "\nelastic_resolution: true\n");
  write_file(experiment.space, text);
  return experiment;
}

nlohmann::json read_result(const std::filesystem::path& file) {
  return nlohmann::json::parse(read_file(file));
}

int input_side(const std::filesystem::path& model) {
  const ir::Graph graph = onnx::import_onnx(model).graph;
  return graph.tensors[static_cast<std::size_t>(graph.input)].h;
}

/// Training stages that remember which resolutions and images they were given.
struct WatchedTraining {
  FakeTraining fake;
  std::vector<int> trained = {}, tuned = {};  ///< resolutions of the context's space
  std::set<std::pair<int, int>> asked = {};   ///< resolution of a genome, and side of the images given
  int tuned_side = 0;
  data::PixelScaling trained_pixels = {}, tuned_pixels = {};

  app::TrainingStages stages(int best_resolution) {
    fake.judge = [this, best_resolution](const train::Context& context, const space::Genome& genome) {
      const int resolution = context.space.resolutions[genome.resolution];
      asked.emplace(resolution, context.validation->h);
      return (resolution == best_resolution ? 80 : 40) +
             static_cast<double>(space::hash(genome) % 1000) / 1000;
    };
    app::TrainingStages stages = fake.stages();
    stages.train_supernet = [this, inner = stages.train_supernet](const train::Context& context,
                                                                  auto&&... rest) {
      trained = context.space.resolutions;
      trained_pixels = context.pixels;
      return inner(context, rest...);
    };
    stages.tune = [this, inner = stages.tune](const train::Context& context, auto&&... rest) {
      tuned = context.space.resolutions;
      tuned_side = context.train->h;
      tuned_pixels = context.pixels;
      return inner(context, rest...);
    };
    return stages;
  }
};

TEST_CASE("a supernet of all resolutions is searched, and the winner goes on at its own") {
  for (const int best : {8, 12}) {
    CAPTURE(best);
    const TemporaryFolder folder;
    const RunDirectory run = app::start_run(folder / "run", elastic_experiment(folder.path()));
    WatchedTraining training;
    app::run_pipeline(run, training.stages(best), "", {}, {});

    CHECK(training.trained == std::vector{8, 12});
    CHECK(training.asked == std::set<std::pair<int, int>>{{8, 12}, {12, 12}});
    CHECK(training.tuned == std::vector{best});
    CHECK(training.tuned_side == best);
    CHECK(training.tuned_pixels == training.trained_pixels);
    CHECK(input_side(run / "model.onnx") == best);
    const auto result = read_result(run / "result.json");
    CHECK(result.at("space").at("resolution") == best);
    CHECK(result.at("genome").get<std::string>().find("r" + std::to_string(best) + "-w") == 0);
    const auto rank = read_result(run / "rank.json");
    CHECK(rank.at("spaces").size() == 2);
    CHECK(rank.at("smallest_resolution") == 8);
    CHECK(run.read("report.html").find("r8-12-w") != std::string::npos);
  }
}

TEST_CASE("a run with elastic resolutions that is cut after every stage comes to the same files") {
  const TemporaryFolder folder;
  const Experiment experiment = elastic_experiment(folder.path());
  WatchedTraining training;
  const RunDirectory whole = app::start_run(folder / "whole", experiment);
  app::run_pipeline(whole, training.stages(8), "", {}, {});
  const RunDirectory cut = app::start_run(folder / "cut", experiment);
  for (const char* until : {"rank", "train", "search", "tune", "quantize", ""})
    app::run_pipeline(cut, training.stages(8), until, {}, {});
  for (const char* file : {"rank.json", "search.json", "model.onnx"}) {
    CAPTURE(file);
    CHECK(cut.read(file) == whole.read(file));
  }
}

TEST_CASE("elastic resolutions end at the size of the data set's images") {
  const TemporaryFolder folder;
  const RunDirectory run = app::start_run(folder / "run", elastic_experiment(folder.path(), "[8, 10, 16]"));
  WatchedTraining training;
  app::run_pipeline(run, training.stages(8), "train", {}, {});
  CHECK(training.trained == std::vector{8, 10});  // the images have 12 pixels a side
  const Experiment larger = elastic_experiment(folder.path(), "[16, 20]");
  const RunDirectory enlarged = app::start_run(folder / "enlarged", larger);
  app::run_pipeline(enlarged, training.stages(16), "train", {}, {});
  CHECK(training.trained == std::vector{16, 20});  // there are no others
}

TEST_CASE("one resolution of an elastic space can be asked for, and it is then like any other space") {
  const TemporaryFolder folder;
  Experiment experiment = elastic_experiment(folder.path());
  experiment.rank.resolution = 8;
  const RunDirectory run = app::start_run(folder / "run", experiment);
  WatchedTraining training;
  app::run_pipeline(run, training.stages(8), "", {}, {});
  CHECK(training.trained == std::vector{8});
  CHECK(training.asked == std::set<std::pair<int, int>>{{8, 8}});
  CHECK(read_result(run / "rank.json").at("spaces").size() == 4);
  CHECK(input_side(run / "model.onnx") == 8);
}

TEST_CASE("devices that share a supernet of elastic resolutions each get their own resolution") {
  const TemporaryFolder folder;
  Experiment experiment = elastic_experiment(folder.path());
  const space::SearchSpace wide = space::restrict_to(space::SearchSpace::load(experiment.space), 1, 1);
  const Macs least = ir::graph_macs(
      space::lower_named(space::at_resolution(wide, 1), {.input_channels = 1, .classes = 10}, {}));
  experiment.rank.width = 1;
  experiment.also = {{.device = "rp2040", .budget = {.macs = least - 1}}};  // nothing at 12 x 12 fits
  const RunDirectory run = app::start_run(folder / "run", experiment);
  WatchedTraining training;
  app::run_pipeline(run, training.stages(12), "", {}, {});
  CHECK(training.fake.supernets == 1);
  CHECK(read_result(run / "result.json").at("space").at("resolution") == 12);
  const auto small = read_result(run.path() / "also/rp2040/result.json");
  CHECK(small.at("space").at("resolution") == 8);
  CHECK(small.at("macs") < least);
  CHECK(input_side(run.path() / "also/rp2040/model.onnx") == 8);
}

TEST_CASE("the ranking of an elastic space has a row a width, with and without a data set") {
  const TemporaryFolder folder;
  const Experiment experiment = elastic_experiment(folder.path(), "[8, 12, 16]");
  const auto sides = [&](const app::RankingOptions& options) {
    std::set<std::pair<int, int>> found;
    const auto rows = app::rank_spaces(experiment, options, {}, {});
    CHECK(rows.size() == 2);
    for (const report::RankedSpace& row : rows) found.emplace(row.smallest_resolution, row.resolution);
    return found;
  };
  CHECK(sides({}) == std::set<std::pair<int, int>>{{8, 12}});
  CHECK(sides({.task = space::Task{.input_channels = 1, .classes = 10}}) ==
        std::set<std::pair<int, int>>{{8, 16}});
}

TEST_CASE("with a time limit an elastic space is planned for as others are") {
  const TemporaryFolder folder;
  Experiment experiment = elastic_experiment(folder.path());
  experiment.time_ms = 3600e3;
  const RunDirectory run = app::start_run(folder / "run", experiment);
  WatchedTraining training;
  app::run_pipeline(run, training.stages(8), "rank", {}, {});
  CHECK(read_result(run / "plan.json").at("macs_per_second") == 1e9);
  CHECK(read_result(run / "rank.json").at("smallest_resolution") == 8);
}

TEST_CASE("elastic resolutions are trained, searched and tuned for real") {
  if (!app::training_is_built_in()) {
    std::cout << "skipped: elastic resolutions for real: this build cannot train\n";
    return;
  }
  const TemporaryFolder folder;
  const RunDirectory run = app::start_run(folder / "run", elastic_experiment(folder.path()));
  app::run_pipeline(run, app::built_in_training(), "", {}, {});
  const auto result = read_result(run / "result.json");
  const int side = result.at("space").at("resolution");
  CHECK((side == 8 || side == 12));
  CHECK(input_side(run / "model.onnx") == side);
  CHECK(result.at("accuracy").at("int8") >= 0);
  std::set<std::string> resolutions;
  for (const std::string& line : read_complete_lines(run / "answers.jsonl"))
    if (const auto json = nlohmann::json::parse(line); json.contains("genome"))
      resolutions.insert(json.at("genome").get<std::string>().substr(0, 3));
  CHECK(resolutions == std::set<std::string>{"r12", "r8-"});
}

}  // namespace
}  // namespace tinynas
