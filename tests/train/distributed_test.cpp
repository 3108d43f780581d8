#include <iostream>
#include <map>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/supernet/chain.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/checkpoint.h"
#include "tinynas/train/loader.h"
#include "tinynas/train/processes.h"
#include "train/other_process.h"
#include "train/support.h"

using namespace tinynas;
using namespace tinynas::train;
using std::chrono::seconds;

namespace {

Rendezvous pair(int rank, int port, seconds timeout = seconds(60)) {
  return {.rank = rank, .size = 2, .port = port, .timeout = timeout};
}

/// A context of the first of two processes, and the other one, which serves it.
struct Pair {
  explicit Pair(seconds timeout = seconds(60))
      : port(test::free_port()), worker("[.worker]", pair(1, port, timeout)) {
    q.context.processes = std::make_shared<Processes>(pair(0, port, timeout));
  }
  int port;
  test::OtherProcess worker;
  test::QuadrantContext q;
};

/// A figure of every epoch of a training.
std::vector<double> figures(const std::filesystem::path& folder, const std::string& figure) {
  std::vector<double> all;
  for (const std::string& line : read_complete_lines(folder / "train.jsonl")) {
    const auto at = line.find("\"" + figure + "\":") + figure.size() + 3;
    all.push_back(std::stod(line.substr(at)));
  }
  return all;
}

std::vector<double> losses(const std::filesystem::path& folder) { return figures(folder, "loss"); }

/// One training by one process and by two, each in a folder of its own.
struct Twice {
  Twice(const Context& one, const Context& two, const Recipe& recipe) {
    train_supernet(one, recipe, alone.path(), {}, {});
    train_supernet(two, recipe, together.path(), {}, {});
  }
  /// The most that their losses (or another figure) differ, epoch by epoch.
  double apart(std::size_t epochs, const std::string& figure = "loss") const {
    const std::vector<double> expected = figures(alone.path(), figure),
                              found = figures(together.path(), figure);
    REQUIRE(expected.size() == epochs);
    REQUIRE(found.size() == epochs);
    double worst = 0;
    for (std::size_t i = 0; i < epochs; ++i) worst = std::max(worst, std::abs(found[i] - expected[i]));
    return worst;
  }
  test::TemporaryFolder alone, together;
};

/// small_images at 28 x 28, full width: 30 to 50 layers.
space::SearchSpace deep_space() {
  return space::restrict_to(space::SearchSpace::load(find_resource("search_spaces/small_images.yaml")), 3, 4);
}

/// The values that a training left.
torch::Tensor trained_values(const Context& context, const std::filesystem::path& folder) {
  std::int64_t values = 0;
  for (const torch::Tensor& p : supernet::Supernet(context.space, context.task, Rng(1)).parameters())
    values += p.numel();
  const auto checkpoint = load_checkpoint(folder / "supernet.pt", std::nullopt, values);
  REQUIRE(checkpoint);
  return checkpoint->values;
}

/// Trains on the deep space with two processes and with one: the values must be equal. How far their losses,
/// means over a batch that are rounded, lie apart.
double apart_on_deep_space(const data::ImageSet& images, int epochs) {
  Pair two;
  test::QuadrantContext one;
  for (Context* context : {&one.context, &two.q.context}) {
    context->space = deep_space();
    context->task.classes = 10;
    context->train = context->validation = &images;
    context->pixels = data::measure_pixel_scaling(images);
  }
  const Twice twice(one.context, two.q.context, {.epochs = epochs, .batch = 128});
  CHECK(trained_values(one.context, twice.alone.path())
            .equal(trained_values(one.context, twice.together.path())));
  return twice.apart(static_cast<std::size_t>(epochs));
}

/// Signals the other process after `reports` reports of progress.
ProgressFn signal_after(int reports, const test::OtherProcess& process, int signal) {
  return [&process, reports, signal](const Progress&) mutable {
    if (--reports == 0) process.signal(signal);
  };
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const InterruptedError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<space::Genome> some_genomes(const space::SearchSpace& space, int count) {
  Rng rng(1);
  std::vector<space::Genome> genomes;
  for (int i = 0; i < count; ++i) genomes.push_back(space::sample(space, rng));
  return genomes;
}

}  // namespace

TEST_CASE("(another process of a training)", "[.worker]") {
  const auto processes = join_processes();
  serve(*processes, StopToken());
}

TEST_CASE("(the first process of a training that never ends)", "[.first]") {
  test::QuadrantContext q;
  q.context.processes = join_processes();
  const test::TemporaryFolder folder;
  Recipe recipe = test::quick_recipe();
  recipe.epochs = 100000;
  const ProgressFn say = [](const Progress&) { std::cout << "training" << std::endl; };
  train_supernet(q.context, recipe, folder.path(), say, {});
}

TEST_CASE("two processes train like one with the same whole batch") {
  Pair two;
  test::QuadrantContext one;
  // Rounding differs, and grows: faster where four networks are trained a step, by large rates.
  for (const auto& [name, steps] : std::map<std::string, int>{{"uniform", 50}, {"sandwich", 8}}) {
    INFO(name);
    Recipe recipe = test::quick_recipe();
    recipe.name = name;
    recipe.epochs = steps;
    recipe.batch = 256;  // one step an epoch
    recipe.learning_rate = 0.2;
    recipe.mixup = name == "sandwich" ? 0.4 : 0;
    const Twice twice(one.context, two.q.context, recipe);
    CHECK(twice.apart(static_cast<std::size_t>(steps)) < 1e-4);
    CHECK(losses(twice.alone.path()).back() < losses(twice.alone.path()).front());

    // The same weights: the same answers, whoever evaluates.
    const auto genomes = some_genomes(one.context.space, 5);
    CHECK((supernet_oracle(two.q.context, twice.alone.path(), 64)(genomes, 90, {}) ==
           supernet_oracle(one.context, twice.alone.path(), 64)(genomes, 90, {})));
  }
  const space::Genome genome = space::largest(one.context.space);
  const test::TemporaryFolder alone, together;
  const auto tuned = [&](const Context& context, const test::TemporaryFolder& folder) {
    return tune(context, genome, test::quick_recipe(), folder.path(), {.from_scratch = true}, {}, {})
        .accuracy;
  };
  CHECK(tuned(one.context, alone) == Approx(tuned(two.q.context, together)).margin(2));
  CHECK(measure_training_macs_per_second(two.q.context, {.batch = 32}) > 0);

  two.q.context.processes.reset();
  CHECK(two.worker.wait(seconds(20)) == 0);
}

TEST_CASE("two processes train and evaluate elastic resolutions as one does") {
  Pair two;
  test::QuadrantContext one;
  const data::ImageSet train = test::quadrant_images(256, 12, 4, Rng(1)),
                       validation = test::quadrant_images(128, 12, 4, Rng(2));
  for (Context* context : {&one.context, &two.q.context}) {
    context->space.resolutions = {6, 8, 10};
    context->space.elastic_resolution = true;
    context->train = &train;
    context->validation = &validation;
  }
  Recipe recipe = test::quick_recipe();
  recipe.batch = 128;
  const Twice twice(one.context, two.q.context, recipe);
  CHECK(twice.apart(3) < 1e-4);
  CHECK(twice.apart(3, "train_accuracy") < 2);  // rounding may turn an image of equal logits
  if (supernet::chains_available())
    CHECK(trained_values(one.context, twice.alone.path())
              .equal(trained_values(one.context, twice.together.path())));
  const auto genomes = some_genomes(one.context.space, 9);
  CHECK((supernet_oracle(two.q.context, twice.alone.path(), 64)(genomes, 90, {}) ==
         supernet_oracle(one.context, twice.alone.path(), 64)(genomes, 90, {})));
}

TEST_CASE("two processes train a deep network as one does, to the bit") {
  if (!supernet::chains_available()) return;  // LibTorch's kernels add up otherwise
  CHECK(apart_on_deep_space(test::quadrant_images(256, 28, 4, Rng(1)), 2) < 1e-5);
}

TEST_CASE("50 steps of two processes on Fashion-MNIST have the losses of one", "[slow]") {
  if (!supernet::chains_available()) return;
  data::ImageSet images = data::load_dataset("fashion-mnist", {}).train;
  const auto keep = [&](std::size_t count) {
    images.labels.resize(count);
    images.pixels.resize(count * images.image_bytes());
  };
  keep(50 * 128);  // an epoch of 50 steps
  CHECK(apart_on_deep_space(images, 1) < 1e-4);
  keep(128);  // 50 epochs of a step: the curve
  const double apart = apart_on_deep_space(images, 50);
  CHECK(apart < 1e-4);
  std::printf("losses of 50 steps on small_images, 28x28, Fashion-MNIST, batch 128: at most %.1e apart\n",
              apart);
}

TEST_CASE("a batch that cannot be shared equally is refused") {
  test::QuadrantContext q;
  CHECK_THROWS_WITH(BatchLoader(*q.context.train, {}, {}, 15, Rng(1), {.rank = 0, .size = 2}),
                    Catch::Contains("use a multiple of 2"));
}

TEST_CASE("a killed process ends the training with its name, and another number of processes resumes it") {
  const test::TemporaryFolder folder;
  Recipe recipe = test::quick_recipe();
  recipe.epochs = 6;
  {
    Pair two;
    const std::string message = message_of([&] {
      train_supernet(two.q.context, recipe, folder.path(), signal_after(40, two.worker, SIGKILL), {});
    });
    CHECK_THAT(message, Catch::Contains("rank 1 of 2") && Catch::Contains("ended"));
    // Nothing can be done together any more, and that is said at once.
    CHECK_THAT(message_of([&] { train_supernet(two.q.context, recipe, folder.path(), {}, {}); }),
               Catch::Contains("rank 1 of 2"));
  }
  REQUIRE(losses(folder.path()).size() >= 2);
  const test::QuadrantContext one;
  CHECK(train_supernet(one.context, recipe, folder.path(), {}, {}) == 6);
  CHECK(losses(folder.path()).size() == 6);
}

TEST_CASE("a process that hangs is named after the timeout") {
  const test::TemporaryFolder folder;
  Pair two(seconds(2));
  Recipe recipe = test::quick_recipe();
  recipe.epochs = 100;
  CHECK_THAT(message_of([&] {
               train_supernet(two.q.context, recipe, folder.path(), signal_after(5, two.worker, SIGSTOP), {});
             }),
             Catch::Contains("rank 1 of 2") && Catch::Contains("does not answer"));
}

TEST_CASE("when the first process is killed the others end and say so") {
  const int port = test::free_port();
  test::OtherProcess first("[.first]", pair(0, port));
  test::OtherProcess worker("[.worker]", pair(1, port));
  while (first.output().find("training") == std::string::npos)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  first.signal(SIGKILL);
  CHECK(worker.wait(seconds(20)) != 0);
  CHECK_THAT(worker.output(), Catch::Contains("rank 0 of 2"));
}

TEST_CASE("processes that do not come are named") {
  CHECK_THAT(message_of([] {
               Rendezvous where = pair(0, test::free_port());
               where.join_timeout = seconds(1);
               const Processes alone(where);
             }),
             Catch::Contains("rank 1 of 2") && Catch::Contains("did not join"));
}

TEST_CASE("launchers are known by their variables") {
  const auto found = [](std::map<std::string, std::string> variables) {
    return rendezvous_from([variables](const char* name) -> const char* {
      const auto it = variables.find(name);
      return it == variables.end() ? nullptr : it->second.c_str();
    });
  };
  CHECK_FALSE(found({}));
  CHECK_FALSE(
      found({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}));  // a job of one step, as sbatch starts it
  CHECK_FALSE(found({{"MASTER_ADDR", "a"}, {"RANK", "0"}, {"WORLD_SIZE", "1"}}));
  const auto torchrun = found({{"MASTER_ADDR", "node7"},
                               {"MASTER_PORT", "1234"},
                               {"RANK", "2"},
                               {"WORLD_SIZE", "4"},
                               {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                               {"TORCHELASTIC_RESTART_COUNT", "1"},
                               {"TINYNAS_TIMEOUT", "90s"}});
  REQUIRE(torchrun);
  CHECK(torchrun->rank == 2);
  CHECK(torchrun->size == 4);
  CHECK(torchrun->address == "node7");
  CHECK(torchrun->port == 1234);
  CHECK(torchrun->agent_listens);
  CHECK(torchrun->attempt == "1");
  CHECK(torchrun->timeout == seconds(90));
  const auto mpirun =
      found({{"MASTER_ADDR", "a"}, {"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "2"}});
  REQUIRE(mpirun);
  CHECK(mpirun->rank == 1);
  CHECK_FALSE(mpirun->agent_listens);
  CHECK_THROWS_WITH(found({{"WORLD_SIZE", "2"}, {"RANK", "0"}}), Catch::Contains("MASTER_ADDR"));
  CHECK_THROWS_WITH(found({{"MASTER_ADDR", "a"}}), Catch::Contains("torchrun"));
  CHECK_THROWS_WITH(found({{"MASTER_ADDR", "a"}, {"RANK", "2"}, {"WORLD_SIZE", "2"}}),
                    Catch::Contains("RANK: found '2'") && Catch::Contains("0 to 1"));
}
