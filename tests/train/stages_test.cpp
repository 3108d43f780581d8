#include "tinynas/train/stages.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/log.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/quantize.h"
#include "tinynas/space/lower.h"
#include "tinynas/supernet/chain.h"
#include "tinynas/train/recipes.h"
#include "train/support.h"

using namespace tinynas;
using namespace tinynas::train;

namespace {

/// Reports of progress until the `stop_at`-th, which asks to stop.
ProgressFn stop_after(int stop_at, const StopToken& stop) {
  return [count = 0, stop_at, stop](const Progress&) mutable {
    if (++count == stop_at) stop.request_stop();
  };
}

std::vector<double> ask(const Context& context, const std::filesystem::path& folder,
                        std::span<const space::Genome> genomes) {
  std::vector<double> percent;
  for (const search::Measurement& m :
       supernet_oracle(context, folder, 64)(genomes, search::kNoCutoff, StopToken()))
    percent.push_back(m.accuracy);
  return percent;
}

}  // namespace

TEST_CASE("a supernet learns, and its oracle says so for every genome") {
  const test::QuadrantContext q;
  const test::TemporaryFolder folder;
  CHECK(train_supernet(q.context, test::quick_recipe(), folder.path(), {}, {}) == 3);
  Rng rng(1);
  std::vector<space::Genome> genomes;
  for (int i = 0; i < 5; ++i) genomes.push_back(space::sample(q.context.space, rng));
  const std::vector<double> together = ask(q.context, folder.path(), genomes);
  for (const double accuracy : together) CHECK(accuracy > 90);  // 25 by chance
  // The answer for a genome does not depend on its neighbours, nor on threads.
  Context two_threads = q.context;
  two_threads.threads = 2;
  CHECK(ask(two_threads, folder.path(), std::span(genomes).subspan(3, 1))[0] == together[3]);
  const auto epochs = read_complete_lines(folder / "train.jsonl");
  CHECK(epochs.size() == 3);
  for (const std::string& line : epochs) {
    const auto epoch = nlohmann::json::parse(line);
    CHECK(epoch.at("train_accuracy").get<double>() <= 100);
    CHECK(epoch.at("learning_rate").get<double>() > 0);
  }
  CHECK(nlohmann::json::parse(epochs.back()).at("train_accuracy").get<double>() > 60);
}

TEST_CASE("channels that slow the training down are named") {
  const test::TemporaryFolder folder;
  const auto log_of = [&](int divisor) {
    test::QuadrantContext q;
    q.context.space.channel_divisor = divisor;
    const auto run = folder / fmt::format("divisor{}", divisor), file = run / "log.txt";
    std::filesystem::create_directories(run);
    set_log_file(file);
    train::Recipe recipe = test::quick_recipe();
    recipe.epochs = 1;
    train_supernet(q.context, recipe, run, {}, {});
    set_log_file({});
    return read_file(file);
  };
  CHECK(log_of(8).find("slow_training") == std::string::npos);
  if (supernet::chains_available())
    CHECK(log_of(4).find("slow_training space=quadrants channel_divisor=4 fast_are_multiples_of=8") !=
          std::string::npos);
}

TEST_CASE("training stopped in the middle of an epoch and resumed ends at the same bits") {
  const test::QuadrantContext q;
  for (const std::string_view recipe_name : recipe_names()) {
    INFO(recipe_name);
    Recipe recipe = test::quick_recipe();
    recipe.name = recipe_name;
    if (recipe_name == "mcunet") recipe.average = 0.9;
    const test::TemporaryFolder whole, broken;
    train_supernet(q.context, recipe, whole.path(), {}, {});
    for (const int steps : {5, 17}) {  // epochs have 16 steps
      const StopToken stop;
      CHECK_THROWS_AS(train_supernet(q.context, recipe, broken.path(), stop_after(steps, stop), stop),
                      InterruptedError);
    }
    train_supernet(q.context, recipe, broken.path(), {}, {});
    CHECK(read_file(whole / "supernet.pt") == read_file(broken / "supernet.pt"));
    CHECK(read_complete_lines(broken / "train.jsonl").size() == 3);
  }
}

TEST_CASE("a tuned network is the interpreter's network, and resumes to the same bits") {
  const test::QuadrantContext q;
  const test::TemporaryFolder folder;
  train_supernet(q.context, test::quick_recipe(), folder.path(), {}, {});
  const space::Genome genome = space::largest(q.context.space);
  const Tuned tuned = tune(q.context, genome, test::quick_recipe(), folder.path(), {}, {}, {});
  CHECK(tuned.accuracy > 95);

  ir::Graph graph = space::lower_named(q.context.space, q.context.task, genome);
  quant::attach_weights(graph, tuned.weights);
  const ir::TensorQuant input{.scale = q.context.pixels.scale, .zero_point = q.context.pixels.zero_point};
  // The same function, up to rounding: at most one of the 128 images may change sides.
  CHECK(quant::accuracy_float(graph, q.validation.pixels, q.validation.labels, input) ==
        Approx(tuned.accuracy).margin(100.0 / 128 + 1e-9));

  std::filesystem::remove(folder / "tuned.pt");
  const StopToken stop;
  CHECK_THROWS_AS(
      tune(q.context, genome, test::quick_recipe(), folder.path(), {}, stop_after(11, stop), stop),
      InterruptedError);
  const Tuned resumed = tune(q.context, genome, test::quick_recipe(), folder.path(), {}, {}, {});
  CHECK((resumed.weights == tuned.weights));
}

TEST_CASE("a network tuned from scratch owes nothing to the supernet") {
  const test::QuadrantContext q;
  const test::TemporaryFolder empty;
  const Tuned tuned = tune(q.context, space::smallest(q.context.space), test::quick_recipe(), empty.path(),
                           {.name = "alone", .from_scratch = true}, {}, {});
  CHECK(tuned.accuracy > 90);
}

TEST_CASE("a checkpoint of other settings is refused, and so is a damaged one") {
  const test::QuadrantContext q;
  const test::TemporaryFolder folder;
  train_supernet(q.context, test::quick_recipe(), folder.path(), {}, {});
  Context other = q.context;
  other.seed = 6;
  CHECK_THROWS_WITH(train_supernet(other, test::quick_recipe(), folder.path(), {}, {}),
                    Catch::Contains("supernet.pt") && Catch::Contains("other settings"));
  const std::string bytes = read_file(folder / "supernet.pt");
  write_file(folder / "supernet.pt", std::string_view(bytes).substr(0, bytes.size() / 2));
  CHECK_THROWS_AS(train_supernet(q.context, test::quick_recipe(), folder.path(), {}, {}), IoError);
}

TEST_CASE("an unknown recipe names the nearest one") {
  const test::QuadrantContext q;
  const test::TemporaryFolder folder;
  Recipe recipe = test::quick_recipe();
  recipe.name = "sandwhich";
  CHECK_THROWS_WITH(train_supernet(q.context, recipe, folder.path(), {}, {}),
                    Catch::Contains("did you mean 'sandwich'"));
}

TEST_CASE("the oracle says what to do when there is no supernet") {
  const test::QuadrantContext q;
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(supernet_oracle(q.context, folder.path(), 64),
                    Catch::Contains("train the supernet first"));
}

TEST_CASE("a context that nothing can be trained with says what is missing") {
  const test::TemporaryFolder folder;
  const auto refusal = [&](const Context& context) {
    try {
      train_supernet(context, test::quick_recipe(), folder.path(), {}, {});
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const test::QuadrantContext q;
  Context without = q.context;
  without.train = nullptr;
  CHECK_THAT(refusal(without), Catch::Contains("set Context::train and Context::validation"));
  Context few = q.context;
  few.task.classes = 3;
  CHECK_THAT(refusal(few), Catch::Contains("label 3 for a task of 3 classes"));
  Context colour = q.context;
  colour.task.input_channels = 3;
  CHECK_THAT(refusal(colour), Catch::Contains("images of 1 channels for a task of 3"));
  Context elsewhere = q.context;
  elsewhere.compute_device = "gpu";
  CHECK_THAT(refusal(elsewhere), Catch::Contains("compute.device: unknown training device 'gpu'"));
}

TEST_CASE("a genome of another space is not tuned") {
  const test::QuadrantContext q;
  const test::TemporaryFolder folder;
  space::Genome genome = space::smallest(q.context.space);
  genome.depth[0] = 7;
  CHECK_THROWS_WITH(
      tune(q.context, genome, test::quick_recipe(), folder.path(), {.from_scratch = true}, {}, {}),
      Catch::Contains("quadrants: a genome is not of this space"));
}
