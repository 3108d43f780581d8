// One training step (forward, backward, optimizer) with our kernels against LibTorch's own in channels_last,
// the same in bfloat16 where the CPU has it, and of sub-networks inside of the supernet against the same
// networks alone. All modes take turns in one run; medians.
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <memory>

#include "benchmark.h"
#include "cli/process_settings.h"
#include "tinynas/core/files.h"
#include "tinynas/space/lower.h"
#include "tinynas/supernet/chain.h"
#include "tinynas/supernet/forward.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/losses.h"
#include "tinynas/train/optimizer.h"

using namespace tinynas;

namespace {

double seconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Something that makes one training step.
struct Mode {
  std::string name;
  std::function<torch::Tensor(const torch::Tensor&)> forward;
  std::unique_ptr<train::FlatSgd> optimizer;
  std::vector<double> times;
};

struct Images {
  torch::Tensor x, labels;
};

void step(Mode& mode, const Images& images, clockid_t clock) {
  const double start = seconds(clock);
  mode.optimizer->zero_gradients();
  train::label_loss(mode.forward(images.x), images.labels, 0.1).backward();
  mode.optimizer->step(0.01);
  mode.times.push_back(seconds(clock) - start);
}

Mode alone(std::string name, const supernet::Network& network, const supernet::ForwardOptions& options) {
  auto own = std::make_shared<supernet::Network>(supernet::detached_copy(network));
  return {
      .name = std::move(name),
      .forward = [own, options](const torch::Tensor& x) { return forward(*own, x, options); },
      .optimizer = std::make_unique<train::FlatSgd>(supernet::parameters(*own), train::FlatSgd::Options{})};
}

Mode shared(std::string name, const supernet::Supernet& net, const space::Genome& genome) {
  auto own = std::make_shared<supernet::Supernet>(net.space(), net.task(), Rng(1));
  return {.name = std::move(name),
          .forward = [own, genome](const torch::Tensor& x) { return own->forward(x, genome); },
          .optimizer = std::make_unique<train::FlatSgd>(supernet::parameters(own->shared()),
                                                        train::FlatSgd::Options{})};
}

/// Distance of the whole network's gradient from double precision, relative.
double gradient_error(const supernet::Network& network, const Images& images, supernet::Kernels kernels) {
  const auto gradient = [&](torch::ScalarType type, supernet::Kernels which) {
    supernet::Network copy = supernet::detached_copy(network);
    for (supernet::LayerTensors& layer : copy.layers)
      for (torch::Tensor* t : {&layer.weight, &layer.bias, &layer.gamma, &layer.beta})
        if (t->defined()) *t = t->detach().to(type).requires_grad_(true);
    train::label_loss(forward(copy, images.x.to(type), {.kernels = which}), images.labels, 0.1).backward();
    std::vector<torch::Tensor> flat;
    for (const torch::Tensor& p : supernet::parameters(copy))
      flat.push_back(p.grad().flatten().to(torch::kDouble));
    return torch::cat(flat);
  };
  const torch::Tensor exact = gradient(torch::kDouble, supernet::Kernels::kLibTorch);
  return ((gradient(torch::kFloat, kernels) - exact).norm() / exact.norm()).item<double>();
}

/// LibTorch's first, then ours, then the sub-network in its supernet, then others.
std::vector<Mode> modes_of(const std::string& name, const supernet::Supernet& net,
                           const space::Genome& genome) {
  const supernet::Network network = net.sub_network(genome);
  std::vector<Mode> modes;
  modes.push_back(alone(name + ", LibTorch", network, {.kernels = supernet::Kernels::kLibTorch}));
  modes.push_back(alone(name + ", ours", network, {}));
  modes.push_back(shared(name + " in the supernet, ours", net, genome));
  if (supernet::bfloat16_available())
    modes.push_back(
        alone(name + ", ours in bfloat16", network, {.precision = supernet::Precision::kBfloat16}));
  return modes;
}

void compare(const supernet::Supernet& net, const Images& images, int threads, int rounds) {
  at::set_num_threads(threads);
  Rng rng(7);
  std::vector<Mode> modes = modes_of("largest", net, space::largest(net.space()));
  const std::size_t each = modes.size();
  for (Mode& mode : modes_of("random", net, space::sample(net.space(), rng)))
    modes.push_back(std::move(mode));
  const clockid_t clock = threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
  for (int round = -2; round < rounds; ++round) {
    for (std::size_t i = 0; i < modes.size(); ++i) {
      // Back and forth: the memory that the mode before leaves behind is nobody's advantage.
      Mode& mode = modes[round % 2 == 0 ? i : modes.size() - 1 - i];
      if (round == 0) mode.times.clear();
      step(mode, images, clock);
    }
  }
  fmt::print("{} thread{}, {}:\n", threads, threads == 1 ? "" : "s", threads == 1 ? "CPU time" : "wall time");
  for (std::size_t i = 0; i < modes.size(); ++i) {
    const double time = median(modes[i].times), base = median(modes[i / each * each].times);
    fmt::print("  {:30} {:8.2f} ms  {:5.2f} x LibTorch's speed", modes[i].name, 1e3 * time, base / time);
    if (i % each == 2) fmt::print("  {:.3f} x the time of it alone", time / median(modes[i - 1].times));
    fmt::print("\n");
  }
}

struct Settings {
  int resolution = 32, batch = 64, rounds = 15;
  double width = 1;
  std::string space = "small_images";
};

void run(const Settings& settings) {
  space::SearchSpace space =
      space::SearchSpace::load(find_resource(fmt::format("search_spaces/{}.yaml", settings.space)));
  space.resolutions = {settings.resolution};
  space.widths = {settings.width};
  const space::Task task{.input_channels = 3, .classes = 10};
  const supernet::Supernet net(space, task, Rng(1));
  torch::manual_seed(1);
  const Images images{.x = torch::randn({settings.batch, 3, settings.resolution, settings.resolution})
                               .contiguous(torch::MemoryFormat::ChannelsLast),
                      .labels = torch::randint(0, 10, {settings.batch}, torch::kLong)};
  fmt::print("{} r{} w{:.2f}, batch {}, largest {:.2f} M MACs; kernels here: {}\n", space.name,
             settings.resolution, settings.width, settings.batch,
             1e-6 * static_cast<double>(ir::graph_macs(net.shared().graph)), supernet::kernels_here());
  for (const int threads : {1, 2}) compare(net, images, threads, settings.rounds);
  fmt::print("gradient of the largest against double precision: ours {:.1e}, LibTorch {:.1e}\n",
             gradient_error(net.shared(), images, supernet::Kernels::kFastest),
             gradient_error(net.shared(), images, supernet::Kernels::kLibTorch));
}

}  // namespace

int main(int argc, char** argv) {
  cli::settle_process(argv);
  Settings settings;
  CLI::App app{"One training step with our kernels against LibTorch's, and inside of a supernet.",
               "bench_train_step"};
  app.add_option("resolution", settings.resolution, "of the images (default: 32)")->check(CLI::Range(8, 512));
  app.add_option("width", settings.width, "multiplier of the channels (default: 1)")
      ->check(CLI::Range(0.05, 8.0));
  app.add_option("batch", settings.batch, "images a step (default: 64)")->check(CLI::Range(2, 4096));
  app.add_option("rounds", settings.rounds, "steps of each kind (default: 15)")->check(CLI::Range(1, 10000));
  app.add_option("space", settings.space, "name of a search space (default: small_images)");
  app.footer("Example:\n  bench_train_step 32 1.0 64 15 cifar10");
  return bench::run(app, argc, argv, [&] { run(settings); });
}
