#include "tinynas/app/pipeline.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/support.h"
#include "support/catch.h"
#include "tinynas/core/version.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas {
namespace {

using app::Experiment;
using app::RunDirectory;
using test::FakeTraining;
using test::message_of;
using test::TemporaryFolder;

void run_all(const RunDirectory& run, FakeTraining& training, std::string_view until = "") {
  app::run_pipeline(run, training.stages(), until, {}, {});
}

TEST_CASE("a whole run leaves a model, firmware, a page and a result with the promised keys") {
  const TemporaryFolder folder;
  const Experiment experiment = test::tiny_experiment(folder.path());
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", experiment);
  run_all(run, training);

  for (const char* file :
       {"config.yaml", "plan.json", "rank.json", "train.json", "history.jsonl", "search.json",
        "tuned.weights", "model.onnx", "firmware/model.c", "firmware/model.h", "firmware/Makefile",
        "result.json", "report.html", "log.txt"}) {
    CAPTURE(file);
    CHECK(run.has(file));
  }
  const auto result = nlohmann::json::parse(run.read("result.json"));
  for (const char* key : {"genome", "device", "budget", "sram_bytes", "arena_bytes", "flash_bytes", "macs",
                          "latency_ms", "seconds", "seed", "accuracy", "emulated_images"}) {
    CAPTURE(key);
    CHECK(result.contains(key));
  }
  for (const char* stage : {"supernet", "tuned", "int8", "emulated"})
    CHECK(result.at("accuracy").contains(stage));
  CHECK(result.at("seed") == 3);
  CHECK(result.at("device") == "stm32f746");
  CHECK(result.at("budget").at("sram_bytes") == 65536);
  CHECK(result.at("sram_bytes") <= 65536);
  CHECK(result.at("emulated_images") == 0);
  CHECK(result.at("random_search").at("evaluations") == result.at("evaluations"));
}

TEST_CASE("the model says by itself what it is: its network, space, device, costs and maker") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
  run_all(run, training);
  const onnx::Metadata metadata = onnx::import_onnx(run / "model.onnx").metadata;
  CHECK(metadata.at("tinynas.genome") == nlohmann::json::parse(run.read("search.json")).at("genome"));
  CHECK(metadata.at("tinynas.space") == "tiny");
  CHECK(metadata.at("tinynas.device") == "stm32f746");
  CHECK(metadata.at("tinynas.version") == kVersion);
  const auto footprint = nlohmann::json::parse(metadata.at("tinynas.footprint"));
  const auto compiled = nlohmann::json::parse(run.read("compile.json"));
  CHECK(footprint.size() == 4);
  for (const char* key : {"sram_bytes", "flash_bytes", "macs"}) CHECK(footprint.at(key) == compiled.at(key));
  CHECK(footprint.at("estimated_latency_ms") == compiled.at("latency_ms"));
}

TEST_CASE("a model card stands beside the page, with the figures of the run and its licence") {
  const TemporaryFolder folder;
  FakeTraining training;
  Experiment experiment = test::tiny_experiment(folder.path());
  const RunDirectory run = app::start_run(folder / "run", experiment);
  run_all(run, training);
  const std::string card = run.read("README.md");
  const auto result = nlohmann::json::parse(run.read("result.json"));
  CHECK(test::contains(card, "License: not stated; set `license:` in the experiment file"));
  CHECK(test::contains(card, "`" + result.at("genome").get<std::string>() + "`"));
  CHECK(test::contains(
      card, fmt::format("| int8 | {:.2f} % | 30 |", result.at("accuracy").at("int8").get<double>())));
  CHECK(test::contains(card, "fashion-mnist, 10 classes"));
  CHECK(test::contains(card, "**Training**: 60 images"));
  CHECK(test::contains(card, "epochs: 2 of the supernet (recipe uniform), 1 of the winner"));
  CHECK(test::contains(card, "SRAM 64.0 KiB, Flash 256 KiB"));
  CHECK(test::contains(card, "emulate.images is 0"));
  CHECK(test::contains(card, result.at("config_hash").get<std::string>()));
  app::rewrite_report(run);
  const std::string again = run.read("README.md");  // knows the seconds of the report stage
  run.remove({"README.md"});
  app::rewrite_report(run);
  CHECK(run.read("README.md") == again);
}

TEST_CASE("a licence is stated later without anything being made anew") {
  const TemporaryFolder folder;
  FakeTraining training;
  {
    const RunDirectory run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
    run_all(run, training, "search");
    write_file(run / "config.yaml", run.read("config.yaml") + "license: CC-BY-4.0\n");
    run.remove({"search.json"});  // as if killed: the history goes on
  }
  const std::size_t asked = training.asked.size();
  const RunDirectory run = RunDirectory::open(folder / "run");
  run_all(run, training);
  CHECK(training.asked.size() == asked);
  CHECK(test::contains(run.read("README.md"), "License: CC-BY-4.0\n"));
}

TEST_CASE("the test images are judged class by class, and an older eval.json is still read") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
  run_all(run, training);
  auto evaluated = nlohmann::json::parse(run.read("eval.json"));
  CHECK(evaluated.at("schema") == "tinynas.eval/1");
  evaluated.erase("schema");  // files of older versions have none
  CHECK(nlohmann::json::parse(run.read("result.json")).at("accuracy_detail").at("test") == evaluated);
  REQUIRE(evaluated.at("classes").size() == 10);
  int images = 0, right = 0, confused = 0;
  for (const auto& one : evaluated.at("classes")) {
    CHECK(one.at("images") == 3);  // 30 test images of ten classes
    CHECK(one.at("accuracy").get<double>() == Approx(100 * one.at("right").get<double>() / 3));
    images += one.at("images").get<int>();
    right += one.at("right").get<int>();
  }
  for (const auto& pair : evaluated.at("confused")) confused += pair.at("images").get<int>();
  CHECK(images == evaluated.at("images"));
  CHECK(right + confused == images);
  CHECK(evaluated.at("int8").get<double>() == Approx(100.0 * right / images));
  CHECK(run.read("report.html").find("Accuracy of every class") != std::string::npos);

  evaluated.erase("classes");
  evaluated.erase("confused");
  run.write("eval.json", evaluated.dump());
  app::rewrite_report(run);
  CHECK(run.read("report.html").find("Accuracy of every class") == std::string::npos);
}

TEST_CASE("with several objectives the front is kept, and the most accurate network goes on") {
  const TemporaryFolder folder;
  Experiment experiment = test::tiny_experiment(folder.path());
  experiment.search.objectives = {"error", "latency"};
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", experiment);
  run_all(run, training, "search");
  const auto found = nlohmann::json::parse(run.read("search.json"));
  const auto& front = found.at("front");
  REQUIRE(!front.empty());
  CHECK(found.at("figures").at("front") == front.size());
  for (const auto& a : front) {
    CHECK(a.at("accuracy") <= found.at("accuracy"));
    for (const auto& b : front)
      CHECK_FALSE((b.at("accuracy") > a.at("accuracy") && b.at("latency_ms") <= a.at("latency_ms")));
  }
}

TEST_CASE("a screened search says how well its predictor orders networks") {
  const TemporaryFolder folder;
  Experiment experiment = test::tiny_experiment(folder.path());
  experiment.search.population = 8;
  experiment.search.screening = 3;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", experiment);
  run_all(run, training, "search");
  const double tau = nlohmann::json::parse(run.read("search.json")).at("figures").at("predictor_tau");
  CHECK(std::abs(tau) <= 1);
}

TEST_CASE(
    "of the finalists the one that is best after a short training wins, and is not trained for it twice") {
  const TemporaryFolder folder;
  Experiment experiment = test::tiny_experiment(folder.path());
  experiment.search.finalists = 4;
  FakeTraining training;
  int judged = 0;
  training.judge_tuned = [&](const space::Genome&) { return 70 + ++judged % 4; };  // 71, 72, 73, 70
  const RunDirectory run = app::start_run(folder / "run", experiment);
  run_all(run, training, "search");
  CHECK(training.tunings == 4);
  const auto found = nlohmann::json::parse(run.read("search.json"));
  const auto& finalists = found.at("finalists");
  REQUIRE(finalists.size() == 4);
  CHECK(finalists.at(0).at("accuracy") == 73);
  CHECK(finalists.at(3).at("accuracy") == 70);
  CHECK(found.at("genome") == finalists.at(0).at("genome"));
  CHECK(found.at("accuracy") == finalists.at(0).at("supernet"));
  // The third best by the supernet: 73 came third.
  std::vector<double> supernet;
  for (const auto& finalist : finalists) supernet.push_back(finalist.at("supernet"));
  std::ranges::sort(supernet, std::ranges::greater{});
  CHECK(found.at("accuracy") == supernet.at(2));

  // As after a kill during the finals: what was judged is known, and lines that were damaged are passed over.
  for (const char* damaged : {R"({"genome":"r8","accuracy":"high"})", R"({"genome":8,"accuracy":70})", "[1]"})
    append_line(run / "finalists.jsonl", damaged);
  run.remove({"search.json"});
  run_all(run, training, "search");
  CHECK(training.tunings == 4);
  CHECK(nlohmann::json::parse(run.read("search.json")) == found);
}

TEST_CASE("the winner is trained on the held-out images too where the config says so") {
  const TemporaryFolder folder;
  Experiment experiment = test::tiny_experiment(folder.path());
  FakeTraining training;
  run_all(app::start_run(folder / "apart", experiment), training, "tune");
  experiment.data.tune_on_held_out = true;
  const RunDirectory run = app::start_run(folder / "all", experiment);
  run_all(run, training);
  REQUIRE(training.tuned_on.size() == 2);
  CHECK(training.tuned_on[1] == training.tuned_on[0] + static_cast<std::size_t>(experiment.data.held_out));
  const auto held_out = nlohmann::json::parse(run.read("result.json")).at("accuracy_detail").at("held_out");
  CHECK(held_out.at("tuned_on") == true);
}

TEST_CASE("the same config gives the same model bytes; a run cut anywhere goes on to them") {
  const TemporaryFolder folder;
  const Experiment experiment = test::tiny_experiment(folder.path());
  FakeTraining training;
  const RunDirectory whole = app::start_run(folder / "whole", experiment);
  run_all(whole, training);

  const RunDirectory cut = app::start_run(folder / "cut", experiment);
  for (const char* until : {"rank", "search", "tune", "quantize", "export"}) run_all(cut, training, until);
  run_all(cut, training);
  CHECK(cut.read("model.onnx") == whole.read("model.onnx"));
  CHECK(cut.read("search.json") == whole.read("search.json"));
  CHECK(training.supernets == 2);  // once for each run
  CHECK(training.tunings == 2);
}

TEST_CASE("a deleted stage output is made again, with all that follows from it") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
  run_all(run, training);
  run.remove({"tune.json"});
  run_all(run, training);
  CHECK(training.supernets == 1);
  CHECK(training.tunings == 2);
  CHECK(run.has("report.html"));
}

TEST_CASE("a report written again gives its drawings as files where they are asked for") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
  run_all(run, training);
  app::rewrite_report(run);
  const std::string page = run.read("report.html");
  CHECK_FALSE(std::filesystem::exists(folder / "pictures"));
  app::rewrite_report(run, folder / "pictures");
  CHECK(run.read("report.html") == page);
  for (const char* name : {"memory-map.svg", "accuracy.svg", "confusion.svg", "ranking-cdf.svg",
                           "ranking-macs.svg", "search-history.svg", "search-front.svg"})
    CHECK(read_file(folder / "pictures" / name).find("<svg") != std::string::npos);
}

TEST_CASE("a time limit is planned once and written down") {
  const TemporaryFolder folder;
  Experiment experiment = test::tiny_experiment(folder.path());
  experiment.time_ms = 3600e3;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", experiment);
  run_all(run, training, "rank");
  const std::string plan = run.read("plan.json");
  CHECK(nlohmann::json::parse(plan).at("macs_per_second") == 1e9);
  run_all(run, training, "search");
  const auto tuned_epochs = [&](const std::string& log) {
    run.write("train.jsonl", log);
    run.remove({"tune.json"});
    run_all(run, training, "tune");
    CHECK(run.read("plan.json") == plan);
    CHECK(nlohmann::json::parse(run.read("tune_plan.json")).at("epochs") ==
          nlohmann::json::parse(run.read("tune.json")).at("epochs"));
    return nlohmann::json::parse(run.read("tune.json")).at("epochs").get<int>();
  };
  // A supernet that trained a thousandth as fast as planned leaves time for one epoch; a tuning that is made
  // again keeps to what was settled.
  const std::string slow = R"({"stage": "supernet", "epoch": 1, "images_per_second": 0.001})"
                           "\n";
  CHECK(tuned_epochs(slow) == 1);
  const std::string fast = R"({"stage": "supernet", "epoch": 1, "images_per_second": 1e9})"
                           "\n";
  CHECK(tuned_epochs(fast) == 1);
  run.remove({"tune_plan.json"});
  CHECK(tuned_epochs(fast) == 400);  // the most
}

TEST_CASE("an impossible budget names the limit and the smallest that can be met, and leaves no folder") {
  const TemporaryFolder folder;
  Experiment experiment = test::tiny_experiment(folder.path());
  experiment.budget.sram_bytes = 100;
  try {
    app::start_run(folder / "run", experiment);
    FAIL("no error");
  } catch (const InfeasibleError& error) {
    CHECK(error.code() == ExitCode::kInfeasible);
    CHECK(std::string(error.what()).find("sram") != std::string::npos);
    CHECK(std::string(error.what()).find("100") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "run"));
}

TEST_CASE("missing data, space or device leave no folder") {
  const TemporaryFolder folder;
  const Experiment good = test::tiny_experiment(folder.path());
  const auto refused = [&](const auto& spoil) {
    Experiment experiment = good;
    spoil(experiment);
    const std::string message = message_of([&] { app::start_run(folder / "run", experiment); });
    CHECK_FALSE(std::filesystem::exists(folder / "run"));
    return message;
  };
  CHECK(refused([](Experiment& e) { e.data.folder = "/no/such/folder"; }).find("/no/such/folder") !=
        std::string::npos);
  CHECK(refused([](Experiment& e) { e.data.set = "fashion"; }).find("fashion-mnist") != std::string::npos);
  CHECK(refused([](Experiment& e) { e.space = "no_space.yaml"; }).find("no_space.yaml") != std::string::npos);
  CHECK(refused([](Experiment& e) { e.device = "stm32f747"; }).find("did you mean") != std::string::npos);
}

TEST_CASE("a damaged stage file is an I/O error that says what to do") {
  const TemporaryFolder folder;
  FakeTraining training;
  const RunDirectory run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
  run_all(run, training, "search");
  run.write("search.json", "{\"genome\": ");
  CHECK(message_of([&] { run_all(run, training); }).find("search.json: is damaged") != std::string::npos);
  run.write("search.json", "{}");
  CHECK(message_of([&] { run_all(run, training); }).find("delete") != std::string::npos);
}

}  // namespace
}  // namespace tinynas
