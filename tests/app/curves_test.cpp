// RUN/tensorboard, read by tests/app/read_events.py as another program reads it.
#include "app/run/curves.h"

#include <sys/wait.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/support.h"
#include "support/catch.h"
#include "tinynas/app/pipeline.h"

namespace tinynas {
namespace {

using Json = nlohmann::json;
using test::TemporaryFolder;

/// {"train": {"loss": [[step, value, time], ...]}}; null after saying why if it cannot be read here.
Json curves_of(const std::filesystem::path& run, const std::string& test) {
  const TemporaryFolder folder;
  const std::string out = folder / "out";
  const int status = std::system(("/usr/bin/python3 '" TINYNAS_SOURCE_TREE "/tests/app/read_events.py' '" +
                                  (run / "tensorboard").string() + "' >'" + out + "' 2>&1")
                                     .c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  constexpr int kNotInstalled = 77, kCommandNotFound = 127;
  if (code == kNotInstalled || code == kCommandNotFound) {
    std::cout << "skipped: " << test << ": Debian's python3-protobuf is not installed\n";
    return nullptr;
  }
  INFO(read_file(out));
  REQUIRE(code == 0);
  return Json::parse(read_file(out));
}

/// What train.jsonl says of a stage, as read_events.py puts it: values as 32-bit floats.
Json expected(const std::filesystem::path& run, const std::string& stage) {
  Json curves = Json::object();
  for (const std::string& line : read_complete_lines(run / "train.jsonl")) {
    const Json epoch = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (epoch.is_discarded() || epoch.at("stage") != stage) continue;
    for (const char* tag : {"loss", "accuracy", "train_accuracy", "learning_rate", "images_per_second"})
      if (epoch.contains(tag))
        curves[tag].push_back(
            {epoch.at("epoch"), static_cast<double>(epoch.at(tag).get<float>()), epoch.value("time", 0.0)});
  }
  return curves;
}

void log_epoch(const std::filesystem::path& run, const char* stage, int epoch, double loss) {
  append_line(run / "train.jsonl", Json{{"stage", stage},
                                        {"epoch", epoch},
                                        {"loss", loss},
                                        {"train_accuracy", 50.0 + epoch},
                                        {"learning_rate", 0.1 / epoch},
                                        {"images_per_second", 1000},
                                        {"time", 1.7e9 + 60 * epoch}}
                                       .dump());
}

std::string event_bytes(const std::filesystem::path& run, const char* curves) {
  return read_file(run / "tensorboard" / curves / "events.out.tfevents.0.tinynas");
}

TEST_CASE("TensorBoard's files have the numbers of train.jsonl, and only grow while it does") {
  const TemporaryFolder folder;
  const app::RunDirectory run =
      app::RunDirectory::create(folder / "run", test::tiny_experiment(folder.path()));
  app::write_training_curves(run);
  CHECK_FALSE(run.has("tensorboard"));  // nothing to show yet
  std::string before;
  for (int epoch = 1; epoch <= 200; ++epoch) {  // steps of one byte and of two
    log_epoch(run.path(), "supernet", epoch, 2.5 / epoch);
    if (epoch % 50 != 1) continue;
    app::write_training_curves(run);
    const std::string now = event_bytes(run.path(), "train");
    CHECK(now.size() > before.size());
    CHECK(now.starts_with(before));
    before = now;
  }
  log_epoch(run.path(), "finalist-00", 1, 3);
  append_line(run / "train.jsonl", R"({"stage": "tuned", "epoch": 1, "loss": 0.5})");
  append_line(run / "train.jsonl", "damaged");
  app::write_training_curves(run);
  const std::string whole = event_bytes(run.path(), "train");
  app::write_training_curves(run);
  CHECK(event_bytes(run.path(), "train") == whole);

  const Json curves = curves_of(run.path(), "TensorBoard's files");
  if (curves.is_null()) return;
  CHECK(curves.size() == 2);
  CHECK(curves.at("train").at("loss").size() == 200);
  CHECK(curves.at("train") == expected(run.path(), "supernet"));
  CHECK(curves.at("tune") == Json{{"loss", {{1, 0.5, 0.0}}}});
}

TEST_CASE("epochs that a kill took away do not stand twice after a resume") {
  const TemporaryFolder folder;
  const app::RunDirectory run =
      app::RunDirectory::create(folder / "run", test::tiny_experiment(folder.path()));
  for (int epoch = 1; epoch <= 3; ++epoch) log_epoch(run.path(), "supernet", epoch, 3.0 / epoch);
  app::write_training_curves(run);
  // The trainer forgets the third epoch, which the checkpoint had not, and trains it again.
  run.write("train.jsonl", "");
  for (int epoch = 1; epoch <= 3; ++epoch)
    log_epoch(run.path(), "supernet", epoch, epoch == 3 ? 9 : 3.0 / epoch);
  app::write_training_curves(run);
  // A file that a kill cut off in the middle of a record.
  const std::string whole = event_bytes(run.path(), "train");
  write_file(run / "tensorboard/train/events.out.tfevents.0.tinynas", whole.substr(0, whole.size() - 5));
  app::write_training_curves(run);
  CHECK(event_bytes(run.path(), "train") == whole);
  const Json curves = curves_of(run.path(), "TensorBoard's files after a kill");
  if (!curves.is_null()) CHECK(curves.at("train") == expected(run.path(), "supernet"));
}

TEST_CASE("a search shows its best network so far over the networks evaluated, random search beside it") {
  const TemporaryFolder folder;
  test::FakeTraining training;
  const app::RunDirectory run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
  app::run_pipeline(run, training.stages(), "search", {}, {});
  const Json curves = curves_of(run.path(), "TensorBoard's files of a search");
  if (curves.is_null()) return;
  for (const auto& [file, name] : {std::pair{"history.jsonl", "search"}, {"random.jsonl", "random"}}) {
    Json accuracy, best;
    double highest = 0;
    for (const std::string& line : read_complete_lines(run / file)) {
      const Json one = Json::parse(line);
      if (!one.contains("accuracy")) continue;
      highest = std::max(highest, one.at("accuracy").get<double>());
      best.push_back({accuracy.size() + 1, static_cast<double>(static_cast<float>(highest)), 0.0});
      accuracy.push_back({accuracy.size() + 1, static_cast<double>(one.at("accuracy").get<float>()), 0.0});
    }
    CHECK(curves.at(name) == Json{{"accuracy", accuracy}, {"best_accuracy", best}});
  }
}

TEST_CASE("a real training shows loss, accuracy and learning rate of every epoch, once, also when resumed") {
  if (!app::training_is_built_in()) {
    std::cout << "skipped: curves of a real training: this build cannot train\n";
    return;
  }
  const TemporaryFolder folder;
  app::Experiment experiment = test::tiny_experiment(folder.path());
  experiment.train.batch = experiment.tune.batch = 20;
  experiment.train.epochs = 3;
  experiment.tune.epochs = 2;
  const app::RunDirectory run = app::start_run(folder / "run", experiment);
  const StopToken stop;
  const app::Monitor stops_in_the_second_epoch{.progress = [&](const Progress& progress) {
    if (progress.done > 1) stop.request_stop();
  }};
  CHECK_THROWS_AS(app::run_pipeline(run, app::built_in_training(), "tune", stops_in_the_second_epoch, stop),
                  InterruptedError);
  app::run_pipeline(run, app::built_in_training(), "tune", {}, {});
  const Json curves = curves_of(run.path(), "curves of a real training");
  if (curves.is_null()) return;
  CHECK(curves.at("train") == expected(run.path(), "supernet"));
  CHECK(curves.at("tune") == expected(run.path(), "tuned"));
  CHECK(curves.at("train").at("loss").size() == 3);
  for (const char* tag : {"loss", "train_accuracy", "learning_rate"}) {
    REQUIRE(curves.at("tune").at(tag).size() == 2);
    for (const Json& point : curves.at("tune").at(tag)) {
      CHECK(point.at(1) >= 0);
      CHECK(point.at(1) <= 100);
      CHECK(point.at(2) > 1.7e9);  // the time of the epoch, a year of this century
    }
  }
  CHECK(curves.at("train").at("learning_rate")[0][1] > curves.at("train").at("learning_rate")[2][1]);
}

TEST_CASE("progress passes through, and every step of it is noticed once") {
  int updates = 0, passed = 0;
  const ProgressFn watched = app::at_every(
      1, [&](const Progress&) { ++passed; }, [&] { ++updates; });
  for (const double done : {0.25, 0.75, 1.0, 1.5, 2.0, 2.25, 4.0}) watched({.done = done, .total = 4});
  CHECK(passed == 7);
  CHECK(updates == 3);  // 1, 2, and 3 and 4 together
}

}  // namespace
}  // namespace tinynas
