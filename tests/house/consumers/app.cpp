// Ranks the spaces of an experiment and profiles a network by tinynas::app.
#include <tinynas/app/experiment.h>
#include <tinynas/app/model.h>
#include <tinynas/app/ranking.h>
#include <tinynas/app/stages.h>
#include <tinynas/app/training.h>
#include <tinynas/core/error.h>
#include <tinynas/core/files.h>
#include <tinynas/space/lower.h>

#include <cstdio>

using namespace tinynas;

namespace {

[[maybe_unused]] const app::Monitor silent{.skipped = [](std::string_view) {}};

int run() {
  app::Experiment experiment = app::load_experiment(find_resource("configs/fashion_mnist.yaml"));
  experiment.budget = {.sram_bytes = 16 * kKiB, .flash_bytes = 96 * kKiB};
  experiment.rank.samples = 10;
  const space::Task task{.input_channels = 1, .classes = 10};
  const auto ranked = app::rank_spaces(experiment, {.task = task}, {}, {});
  if (ranked.empty()) return 1;

  const auto space = space::restrict_to(space::SearchSpace::load(find_resource(experiment.space)), 0, 0);
  const app::Target target{.device = cost::load_device("stm32f746", "consumer"), .budget = experiment.budget};
  const report::Profile profile =
      app::profile(space::lower_named(space, task, space::smallest(space)), target, "smallest");
  std::printf("%zu spaces; %s: SRAM %lld bytes; training %s\n", ranked.size(), profile.model.c_str(),
              static_cast<long long>(profile.footprint.sram_bytes),
              app::training_is_built_in() ? "built in" : "not built in");
  return profile.layers.empty() ? 1 : 0;
}

}  // namespace

int main() try { return run(); } catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return static_cast<int>(error.code());
}
