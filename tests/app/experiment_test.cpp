#include "tinynas/app/experiment.h"

#include "app/support.h"
#include "support/catch.h"
#include "tinynas/train/recipes.h"

namespace tinynas {
namespace {

using app::Experiment;
using test::message_of;

Experiment read(const std::string& text) { return app::read_experiment(yaml::Node::parse(text, "a.yaml")); }

TEST_CASE("an experiment written and read again is the same") {
  Experiment experiment;
  experiment.data.folder = "/some where/it's {odd}";
  experiment.budget = {.sram_bytes = 16 * kKiB, .flash_bytes = 100001, .latency_ms = 12.5};
  experiment.time_ms = 900e3;
  experiment.train.learning_rate = 0.1 + 0.2;  // needs all its digits
  experiment.search.seed = 1234567890123;
  experiment.tune.flip = false;
  CHECK(read(app::to_yaml(experiment)) == experiment);
}

TEST_CASE("a config sets what it names and leaves the rest at the defaults") {
  const Experiment experiment =
      read("budget: { sram: 320K, latency: 100ms }\ntrain: { epochs: 3 }\ntime: 15m\n");
  CHECK(experiment.budget.sram_bytes == 327680);
  CHECK(experiment.budget.latency_ms == 100.0);
  CHECK_FALSE(experiment.budget.flash_bytes.has_value());
  CHECK(experiment.train.epochs == 3);
  CHECK(experiment.time_ms == 900000.0);
  CHECK(experiment.train.batch == Experiment().train.batch);
}

TEST_CASE("an unknown key is refused with its line and the nearest key") {
  const std::string message = message_of([] { read("device: rp2040\ntrain: { epoch: 3 }\n"); });
  CHECK(message.find("a.yaml:2: unknown key 'train.epoch'; did you mean 'epochs'?") == 0);
}

TEST_CASE("an unknown section is refused") {
  CHECK(message_of([] { read("trian: { epochs: 3 }\n"); }).find("did you mean 'train'") != std::string::npos);
}

TEST_CASE("a wrong type is refused with its line and key") {
  CHECK(message_of([] { read("train:\n  epochs: many\n"); }) ==
        "a.yaml:2: train.epochs: 'many' is not a whole number from 1 to 100000");
  CHECK(message_of([] {
          read("budget: { sram: 320Q }\n");
        }).find("a.yaml:1: budget.sram: '320Q' is not a size") == 0);
  CHECK(message_of([] { read("budget: { latency: 100 }\n"); }).find("budget.latency") != std::string::npos);
  CHECK(message_of([] { read("train: 3\n"); }).find("a.yaml:1: train: expected a map") == 0);
}

TEST_CASE("a flag overrides the file and its messages name the flag") {
  Experiment experiment = read("budget: { sram: 320K }\n");
  app::override_value(experiment, "budget.sram", "16K", "--sram");
  CHECK(experiment.budget.sram_bytes == 16384);
  app::override_value(experiment, "budget.sram", "none", "--sram");
  CHECK_FALSE(experiment.budget.sram_bytes.has_value());
  CHECK(message_of([&] {
          app::override_value(experiment, "budget.sram", "lots", "--sram");
        }).find("--sram: 'lots' is not a size") == 0);
  CHECK(message_of([&] { app::override_value(experiment, "train.epochs", "0", "--set train.epochs"); }) ==
        "--set train.epochs: '0' is not a whole number from 1 to 100000");
  CHECK(message_of([&] { app::override_value(experiment, "budget.rams", "1K", "--set"); }) ==
        "--set: unknown key 'budget.rams'; did you mean 'budget.sram'?");
}

TEST_CASE("a value with quotes and braces overrides as it stands") {
  Experiment experiment;
  app::override_value(experiment, "data.folder", "/a: {b} 'c' #d", "--data");
  CHECK(experiment.data.folder == "/a: {b} 'c' #d");
}

TEST_CASE("more parents than the population has are refused") {
  CHECK(message_of([] { read("search: { population: 10, parents: 20 }\n"); }).find("search.parents") !=
        std::string::npos);
}

TEST_CASE("objectives are names, the error among them") {
  const Experiment two = read("search: { objectives: 'error,  latency' }\n");
  CHECK(two.search.objectives == std::vector<std::string>{"error", "latency"});
  CHECK(app::to_yaml(two).find("  objectives: 'error, latency'\n") != std::string::npos);
  CHECK(read("search: { objectives: error }\n").search.objectives.empty());
  CHECK(message_of([] { read("search: { objectives: 'error, latencie' }\n"); }) ==
        "a.yaml:1: search.objectives: unknown objective 'latencie'; did you mean 'latency'? Known: error, "
        "latency, "
        "sram, flash, macs, energy");
  for (const char* bad : {"latency", "'latency, sram'", "'error, error'", "','"})
    CHECK(message_of([&] {
            read(std::string("search: { objectives: ") + bad + " }\n");
          }).find("a.yaml:1: search.objectives") == 0);
}

TEST_CASE("further devices are entries with a device and its limits") {
  const Experiment experiment = read(
      "also:\n  - { device: rp2040, budget: { sram: 64K, flash: 256K, latency: 200ms } }\n"
      "  - device: my/board.yaml\n    budget: { macs: 5M }\n");
  REQUIRE(experiment.also.size() == 2);
  CHECK(experiment.also[0].budget ==
        cost::Budget{.sram_bytes = 64 * kKiB, .flash_bytes = 256 * kKiB, .latency_ms = 200});
  CHECK(experiment.also[1].device == "my/board.yaml");
  CHECK(read(app::to_yaml(experiment)) == experiment);
  CHECK(app::differences(experiment, {}).at(0).find("also is not set there and [{ device: rp2040, ") == 0);

  CHECK(message_of([] { read("also:\n  - { budget: { sram: 1K } }\n"); }) ==
        "a.yaml:2: also[0]: the key 'device' is missing");
  CHECK(message_of([] {
          read("also:\n  - { device: rp2040, budget: { srm: 1K } }\n");
        }).find("a.yaml:2: unknown key 'also[0].budget.srm'; did you mean 'sram'?") == 0);
  CHECK(message_of([] {
          read("also:\n  - { device: rp2040, sram: 1K }\n");
        }).find("a.yaml:2: unknown key 'also[0].sram'") == 0);
  CHECK(message_of([] {
          read("also:\n  - { device: rp2040, budget: { sram: 1Q } }\n");
        }).find("a.yaml:2: also[0].budget.sram: '1Q' is not a size") == 0);
  CHECK(message_of([] { read("also:\n  - { device: stm32f746 }\n"); }).find("stm32f746 stands twice") !=
        std::string::npos);
  CHECK(message_of([] { read("supernet: runs/x\nalso: [{ device: rp2040 }]\n"); }).find("(supernet)") !=
        std::string::npos);
}

TEST_CASE("a flag adds a further device") {
  Experiment experiment;
  app::override_value(experiment, "also", "rp2040,sram=64K,latency=50ms", "--also");
  app::override_value(experiment, "also", "stm32f412", "--also");
  CHECK((experiment.also == std::vector<Experiment::Further>{
                                {.device = "rp2040", .budget = {.sram_bytes = 64 * kKiB, .latency_ms = 50}},
                                {.device = "stm32f412", .budget = {}}}));
  CHECK(message_of([&] {
          app::override_value(experiment, "also", "rp2040,64K", "--also");
        }).find("--also: '64K' is not a limit; write DEVICE,sram=64K") == 0);
  CHECK(message_of([&] {
          app::override_value(experiment, "also", "rp2040,flash=lots", "--also");
        }).find("--also: 'lots' is not a size") == 0);
  app::override_value(experiment, "also", "none", "--set also");
  CHECK(experiment.also.empty());
}

TEST_CASE("differences name the key and both values") {
  Experiment here, there;
  there.train.epochs = 99;
  here.budget.sram_bytes = 1024;
  const auto found = app::differences(here, there);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "budget.sram is not set there and 1K here");
  CHECK(found[1] == "train.epochs is 99 there and " + std::to_string(here.train.epochs) + " here");
}

TEST_CASE("every config that comes with tinynas can be read") {
  int configs = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(TINYNAS_SOURCE_TREE) / "configs"))
    if (entry.path().extension() == ".yaml") {
      CHECK_NOTHROW(app::load_experiment(entry.path()));
      ++configs;
    }
  CHECK(configs > 0);
}

TEST_CASE("the recipes of a config are those of the register, in every build") {
  for (const std::string_view name : train::recipe_names())
    CHECK(read("train: { recipe: " + std::string(name) + " }\n").train.name == name);
  CHECK(message_of([] { read("train: { recipe: sandwhich }\n"); }).find("did you mean 'sandwich'?") !=
        std::string::npos);
}

}  // namespace
}  // namespace tinynas
