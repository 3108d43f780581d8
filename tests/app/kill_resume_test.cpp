// A run that is killed and resumed ends like one that was not: the executable, SIGKILL, real training.
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <iostream>

#include "app/support.h"
#include "support/catch.h"

namespace tinynas {
namespace {

constexpr const char* kSearch =
    "search --data images --space tiny.yaml --set data.held_out=200 --set rank.samples=20 --sram 64K --flash "
    "256K "
    "--epochs 6 --set train.batch=32 --population 6 --generations 4 --set search.parents=3 --set "
    "search.bn_images=100 "
    "--tune-epochs 4 --set tune.batch=32 --set export.calibration_images=50 --set emulate.images=0 --seed 5 "
    "--run ";

/// Seconds it took; kills it after `limit_s` (0: never).
double tinynas(const std::filesystem::path& folder, const std::string& arguments, double limit_s) {
  const std::string limit = limit_s > 0 ? "timeout -s KILL " + std::to_string(limit_s) + " " : "";
  const std::string command = "cd '" + folder.string() + "' && " + limit + "'" TINYNAS_EXECUTABLE "' -q " +
                              arguments + " >>out.txt 2>>err.txt";
  const auto begin = std::chrono::steady_clock::now();
  const int status = std::system(command.c_str());
  if (limit_s == 0) REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST_CASE("a run killed at five random moments and resumed gives the same model bytes", "[slow]") {
  if (!app::training_is_built_in()) {
    std::cout << "skipped: kill and resume: this build cannot train\n";
    return;
  }
  const test::TemporaryFolder folder;
  test::write_tiny_images(folder / "images", 3000, 300);
  test::write_tiny_space(folder / "tiny.yaml");
  const double whole_s = tinynas(folder.path(), kSearch + std::string("whole"), 0);

  const auto seed = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  CAPTURE(seed, whole_s);
  Rng rng(seed);
  const auto moment = [&] { return 0.05 + rng.uniform() * whole_s * 0.6; };
  tinynas(folder.path(), kSearch + std::string("killed"), moment());
  // A kill before config.yaml stood leaves nothing to resume: the same command starts it.
  for (int kill = 1; kill < 5; ++kill) tinynas(folder.path(), kSearch + std::string("killed"), moment());
  tinynas(folder.path(), kSearch + std::string("killed"), 0);
  tinynas(folder.path(), "resume killed", 0);

  for (const char* file : {"model.onnx", "search.json", "history.jsonl", "random.jsonl", "tuned.weights",
                           "firmware/model_weights.c"}) {
    CAPTURE(file);
    CHECK(read_file(folder.path() / "killed" / file) == read_file(folder.path() / "whole" / file));
  }
}

}  // namespace
}  // namespace tinynas
