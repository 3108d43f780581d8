#include "tinynas/app/run_directory.h"

#include "app/support.h"
#include "support/catch.h"

namespace tinynas {
namespace {

using app::Experiment;
using app::RunDirectory;
using test::message_of;
using test::TemporaryFolder;

TEST_CASE("a new run keeps its config, and opening it gives the same experiment") {
  const TemporaryFolder folder;
  Experiment experiment;
  experiment.search.seed = 42;
  RunDirectory::create(folder / "run", experiment);
  CHECK(RunDirectory::open(folder / "run").experiment() == experiment);
}

TEST_CASE("the same config continues a run, another one is refused and told what differs") {
  const TemporaryFolder folder;
  Experiment experiment;
  RunDirectory::create(folder / "run", experiment);
  CHECK_NOTHROW(RunDirectory::create(folder / "run", experiment));
  experiment.search.seed = 2;
  const std::string message = message_of([&] { RunDirectory::create(folder / "run", experiment); });
  CHECK(message.find("holds a run of another config (search.seed is 1 there and 2 here)") !=
        std::string::npos);
  CHECK(message.find("tinynas resume") != std::string::npos);
}

TEST_CASE("a licence does not make another run, and one that is stated stays") {
  const TemporaryFolder folder;
  Experiment experiment;
  const auto continued = [&] {
    return RunDirectory::create(folder / "run", experiment).experiment().license;
  };
  CHECK(continued().empty());
  experiment.license = "MIT";
  CHECK(continued() == "MIT");
  experiment.license.clear();
  CHECK(continued() == "MIT");
  CHECK(RunDirectory::open(folder / "run").experiment().license == "MIT");
}

TEST_CASE("a folder with something else in it is left alone") {
  const TemporaryFolder folder;
  write_file(folder / "thesis.tex", "x");
  CHECK(message_of([&] { RunDirectory::create(folder.path(), {}); }).find("is not empty and holds no run") !=
        std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "config.yaml"));
}

TEST_CASE("a folder without a run cannot be opened, a file cannot be a run") {
  const TemporaryFolder folder;
  CHECK(message_of([&] { RunDirectory::open(folder / "nothing"); }).find("holds no run") !=
        std::string::npos);
  write_file(folder / "file", "x");
  CHECK(message_of([&] { RunDirectory::create(folder / "file", {}); }).find("is a file") !=
        std::string::npos);
}

TEST_CASE("two processes cannot work in one run") {
  const TemporaryFolder folder;
  const RunDirectory first = RunDirectory::create(folder / "run", {});
  CHECK(message_of([&] {
          RunDirectory::open(folder / "run");
        }).find("another tinynas is working in this run") != std::string::npos);
}

TEST_CASE("a run can be read beside the process that works in it, which keeps its temporary files") {
  const TemporaryFolder folder;
  const RunDirectory working = RunDirectory::create(folder / "run", {});
  write_file(folder / "run/rank.json.123.tmp", "{");
  const RunDirectory reader = RunDirectory::open_to_read(folder / "run", {});
  CHECK(reader.experiment() == Experiment{});
  CHECK(reader.has("rank.json.123.tmp"));
  CHECK_THROWS_AS(reader.write("rank.json", "{}"), InternalError);
  CHECK_THROWS_AS(reader.remove({"config.yaml"}), InternalError);
}

TEST_CASE("a run of another config is not read either") {
  const TemporaryFolder folder;
  Experiment experiment;
  RunDirectory::create(folder / "run", experiment);
  experiment.search.seed = 2;
  CHECK(message_of([&] {
          RunDirectory::open_to_read(folder / "run", experiment);
        }).find("search.seed is 1 there and 2 here") != std::string::npos);
  CHECK(message_of([&] { RunDirectory::open_to_read(folder / "nothing"); }).find("holds no run") !=
        std::string::npos);
}

TEST_CASE("files half written by a killed process are swept away") {
  const TemporaryFolder folder;
  RunDirectory::create(folder / "run", {});
  write_file(folder / "run/rank.json.123.tmp", "{");
  RunDirectory::open(folder / "run");
  CHECK_FALSE(std::filesystem::exists(folder / "run/rank.json.123.tmp"));
}

TEST_CASE("a damaged config is refused by name") {
  const TemporaryFolder folder;
  write_file(folder / "run/config.yaml", "epochs");
  CHECK(message_of([&] { RunDirectory::open(folder / "run"); }).find("config.yaml") != std::string::npos);
}

TEST_CASE("a run without --run is named after data, device and budget") {
  Experiment experiment;
  experiment.budget = {.sram_bytes = 320 * kKiB, .flash_bytes = 1000};
  CHECK(app::default_run_folder(experiment) == "runs/fashion-mnist-stm32f746-320K-1000B");
}

}  // namespace
}  // namespace tinynas
