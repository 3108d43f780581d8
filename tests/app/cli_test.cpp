// The executable as a user meets it: help, exit codes, one-line errors, nothing half-written.
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>

#include "app/command_line.h"
#include "app/support.h"
#include "support/catch.h"
#include "tinynas/app/pipeline.h"
#include "tinynas/core/version.h"

namespace tinynas {
namespace {

using test::TemporaryFolder;

using test::Answer;
using test::check_one_line;

Answer tinynas(const std::filesystem::path& folder, const std::string& arguments) {
  return test::run_tinynas(folder, arguments);
}

constexpr const char* kCommands[] = {"search",  "resume", "rank",    "train",   "evolve",
                                     "tune",    "export", "compile", "convert", "run",
                                     "profile", "eval",   "emulate", "devices", "report"};

TEST_CASE("tinynas --help lists every command, and every command's help has an example") {
  const TemporaryFolder folder;
  const Answer all = tinynas(folder.path(), "--help");
  CHECK(all.code == 0);
  for (const std::string command : kCommands) {
    CAPTURE(command);
    CHECK(all.out.find("\n  " + command) != std::string::npos);
    const Answer one = tinynas(folder.path(), command + " --help");
    CHECK(one.code == 0);
    CHECK(one.out.find("Example") != std::string::npos);
    CHECK(one.out.find("tinynas " + command) != std::string::npos);
  }
}

TEST_CASE("tinynas --version is the project's version") {
  const TemporaryFolder folder;
  CHECK(tinynas(folder.path(), "--version").out == "tinynas " + std::string(kVersion) + "\n");
  const std::string cmake = read_file(std::filesystem::path(TINYNAS_SOURCE_TREE) / "CMakeLists.txt");
  CHECK(cmake.find("project(tinynas VERSION " + std::string(kVersion) + " ") != std::string::npos);
}

TEST_CASE("bad command lines are refused in one line with exit code 2") {
  const TemporaryFolder folder;
  for (const std::string arguments :
       {"", "serach", "search --srm 1K", "search --sram", "search --sram 1Q", "search --set epochs",
        "search --set train.epoch=3", "search --device stm32f747", "search --dataset mnist", "resume",
        "search --input both", "profile x.onnx --input both", "compile x.onnx --package keil",
        "compile x.onnx --package-version 1.0.0"}) {
    CAPTURE(arguments);
    const Answer answer = tinynas(folder.path(), arguments);
    CHECK(answer.code == 2);
    check_one_line(answer);
    CHECK_FALSE(std::filesystem::exists(folder / "runs"));
  }
}

TEST_CASE("a mistyped command or flag is answered with the one that was meant") {
  const TemporaryFolder folder;
  const auto answers = [&](const std::string& arguments, const std::string& meant) {
    return tinynas(folder.path(), arguments).err.find("did you mean " + meant + "?") != std::string::npos;
  };
  CHECK(answers("serach", "search"));
  CHECK(answers("search --srm 1K", "--sram"));
  CHECK(answers("search --time=5m --generation=3", "--generations"));
  CHECK(answers("profile x.onnx --inputs rows", "--input"));
}

TEST_CASE("missing and damaged files are refused in one line with exit code 3") {
  const TemporaryFolder folder;
  write_file(folder / "text.onnx", "this is no model");
  for (const std::string arguments :
       {"search no.yaml", "search --data /no/such/folder", "search --space no.yaml", "resume runs/nothing",
        "profile no.onnx", "profile text.onnx", "compile text.onnx -o out", "eval no.onnx",
        "emulate runs/nothing", "report runs/nothing"}) {
    CAPTURE(arguments);
    const Answer answer = tinynas(folder.path(), arguments);
    CHECK(answer.code == 3);
    check_one_line(answer);
  }
}

TEST_CASE("a truncated data file is refused by name") {
  const TemporaryFolder folder;
  test::write_tiny_images(folder / "images", 20, 10);
  const std::string labels = read_file(folder / "images/train-labels-idx1-ubyte");
  write_file(folder / "images/train-labels-idx1-ubyte", labels.substr(0, labels.size() - 5));
  const Answer answer = tinynas(folder.path(), "search --data images");
  CHECK(answer.code == 3);
  check_one_line(answer);
  CHECK(answer.err.find("train-labels-idx1-ubyte") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "runs"));
}

TEST_CASE("an impossible budget exits with 5, names the limit and leaves nothing") {
  const TemporaryFolder folder;
  test::write_tiny_images(folder / "images", 40, 10);
  const Answer answer = tinynas(folder.path(), "search --data images --set data.held_out=10 --sram 1K");
  CHECK(answer.code == 5);
  check_one_line(answer);
  CHECK(answer.err.find("sram") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "runs"));
}

TEST_CASE("a run folder of another config is refused and says how to go on") {
  const TemporaryFolder folder;
  app::RunDirectory::create(folder / "run", {});
  test::write_tiny_images(folder / "images", 40, 10);
  const Answer answer = tinynas(folder.path(), "search --data images --run run");
  CHECK(answer.code == 2);
  check_one_line(answer);
  CHECK(answer.err.find("tinynas resume run") != std::string::npos);
}

TEST_CASE("devices and ranking speak JSON") {
  const TemporaryFolder folder;
  const auto devices = nlohmann::json::parse(tinynas(folder.path(), "devices --json").out);
  CHECK(devices.at("devices").size() >= 7);
  test::write_tiny_images(folder / "images", 40, 10);
  test::write_tiny_space(folder / "tiny.yaml");
  const Answer rank = tinynas(folder.path(),
                              "rank --data images --space tiny.yaml --set rank.samples=20 --sram 64K --flash "
                              "256K --json --svg cdf.svg");
  CAPTURE(rank.err);
  REQUIRE(rank.code == 0);
  CHECK_FALSE(nlohmann::json::parse(rank.out).empty());
  CHECK(read_file(folder / "cdf.svg").find("<svg") != std::string::npos);
}

TEST_CASE("a resolution and a width can be asked for") {
  const TemporaryFolder folder;
  test::write_tiny_space(folder / "tiny.yaml");
  const std::string rank =
      "rank --space tiny.yaml --classes 5 --sram 64K --flash 256K --set rank.samples=20 --json ";
  const Answer answer = tinynas(folder.path(), rank + "--resolution 8 --width 0.5");
  CAPTURE(answer.err);
  REQUIRE(answer.code == 0);
  const auto ranking = nlohmann::json::parse(answer.out);
  for (const auto& space : ranking.at("spaces")) {
    CAPTURE(space.dump());
    CHECK(space.at("chosen") == (space.at("resolution") == 8 && space.at("width") == 0.5));
  }
  const Answer absent = tinynas(folder.path(), rank + "--resolution 9");
  CHECK(absent.code == 2);
  check_one_line(absent);
  CHECK(absent.err.find("rank.resolution: 9 is not in the space; it has 8, 12") != std::string::npos);
}

TEST_CASE("a run is evaluated on its own test images unless flags say otherwise, a file on all there are") {
  const TemporaryFolder folder;
  test::FakeTraining training;
  app::Experiment experiment = test::tiny_experiment(folder.path());  // 30 test images, 3 of each class
  experiment.data.test_images = 20;
  app::run_pipeline(app::start_run(folder / "run", experiment), training.stages(), "eval", {}, {});
  const auto eval = [&](const std::string& arguments) {
    const Answer answer = tinynas(folder.path(), "eval " + arguments + " --json");
    CAPTURE(arguments, answer.err);
    REQUIRE(answer.code == 0);
    return nlohmann::json::parse(answer.out);
  };
  auto left = nlohmann::json::parse(read_file(folder / "run/eval.json"));
  left.erase("float");
  CHECK(left.at("images") == 20);
  CHECK(eval("run") == left);
  CHECK(eval("run --dataset fashion-mnist") == left);
  CHECK(eval("run --images 25").at("images") == 25);
  CHECK(eval("run --images 0").at("images") == 30);
  CHECK(eval("run/model.onnx --data images").at("images") == 30);

  experiment.data.set = "cifar10";
  write_file(folder / "run/config.yaml", app::to_yaml(experiment));
  CHECK(tinynas(folder.path(), "eval run").err.find(".bin") != std::string::npos);  // looked for CIFAR-10's
  CHECK(eval("run --dataset fashion-mnist --data images").at("images") == 30);
}

TEST_CASE("eval prints the accuracy of every class and the pairs that are confused most often") {
  const TemporaryFolder folder;
  test::FakeTraining training;
  app::run_pipeline(app::start_run(folder / "run", test::tiny_experiment(folder.path())), training.stages(),
                    "eval", {}, {});
  const Answer answer = tinynas(folder.path(), "eval run");
  REQUIRE(answer.code == 0);
  CHECK(answer.out.find(" % of 30 test images of fashion-mnist\n") != std::string::npos);
  const std::string heading = "\nconfused most often\n\n";
  const std::size_t pairs = answer.out.find(heading);
  REQUIRE(pairs != std::string::npos);  // weights are random
  const std::string table = answer.out.substr(pairs + heading.size());
  CHECK(table.find("taken for") != std::string::npos);
  const auto lines = std::count(table.begin(), table.end(), '\n');
  const auto confused = nlohmann::json::parse(read_file(folder / "run/eval.json")).at("confused").size();
  CHECK(lines == 2 + static_cast<std::ptrdiff_t>(std::min<std::size_t>(confused, 5)));
}

TEST_CASE("the command in a model card works where the search space's own file is gone") {
  const TemporaryFolder folder;
  test::FakeTraining training;
  const auto run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
  app::run_pipeline(run, training.stages(), "", {}, {});
  std::filesystem::remove(folder / "tiny.yaml");
  std::smatch found;
  const std::string card = run.read("README.md");
  REQUIRE(std::regex_search(card, found, std::regex("`tinynas search ([^`]*) --run NEW`, in this folder")));
  // What a ranking reads is what a search does before it trains.
  const Answer answer = tinynas(run.path(), "rank " + found[1].str() + " --json");
  CAPTURE(answer.err);
  REQUIRE(answer.code == 0);
  CHECK(nlohmann::json::parse(answer.out).at("spaces").size() == 4);  // 2 resolutions, 2 widths
}

TEST_CASE("a genome can be profiled without any training") {
  const TemporaryFolder folder;
  test::write_tiny_space(folder / "tiny.yaml");
  const space::SearchSpace space = space::SearchSpace::load(folder / "tiny.yaml");
  const std::string genome = space::to_string(space, space::largest(space));
  const Answer answer =
      tinynas(folder.path(), "profile '" + genome +
                                 "' --space tiny.yaml --channels 1 --device stm32f412 --json --svg map.svg");
  CAPTURE(answer.err);
  REQUIRE(answer.code == 0);
  const auto profile = nlohmann::json::parse(answer.out);
  for (const char* key :
       {"macs", "params", "sram_bytes", "arena_bytes", "activation_bytes", "scratch_bytes", "input_bytes",
        "flash_bytes", "latency_ms", "energy_mj", "extra_macs", "segments", "layers"}) {
    CAPTURE(key);
    CHECK(profile.contains(key));
  }
  CHECK(read_file(folder / "map.svg").find("<svg") != std::string::npos);
}

TEST_CASE("a layer table can be profiled, and a space ranked without a data set by another engine's rules") {
  const TemporaryFolder folder;
  write_file(folder / "two.csv",
             "idx,tag,op,k_h,k_w,stride,pad_t,pad_b,pad_l,pad_r,cin,cout,h_in,w_in,h_out,w_out,act,macs,"
             "weights,bias,in_tensors,out_tensors,in_bytes,out_bytes\n"
             "0,stem,CONV_2D,3,3,2,1,1,1,1,3,8,16,16,8,8,relu6,13824,216,8,0,1,768,512\n"
             "1,dw,DEPTHWISE_CONV_2D,3,3,1,1,1,1,1,8,8,8,8,8,8,relu6,4608,72,8,1,2,512,512\n");
  const Answer profile = tinynas(folder.path(), "profile two.csv --device stm32f746 --json");
  CAPTURE(profile.err);
  REQUIRE(profile.code == 0);
  CHECK(nlohmann::json::parse(profile.out).at("macs") == 13824 + 4608);  // 8*8*8 * 27, 8*8*8 * 9

  test::write_tiny_space(folder / "tiny.yaml");
  const Answer rank = tinynas(
      folder.path(),
      "rank --space tiny.yaml --classes 5 --engine tinyengine --reserve 8K --sram 64K --set rank.samples=20");
  CAPTURE(rank.err);
  CHECK(rank.code == 0);
  const Answer sweep =
      tinynas(folder.path(),
              "rank --space tiny.yaml --classes 5 --sweep 16K,64Kx64K,256K --set rank.samples=20 --json");
  CAPTURE(sweep.err);
  REQUIRE(sweep.code == 0);
  CHECK(nlohmann::json::parse(sweep.out).at("points").size() == 4);
}

}  // namespace
}  // namespace tinynas
