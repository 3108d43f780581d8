// Does training ever wait for its images? Batches with every change switched on (flip, crop, cutout, colour,
// mixup) are made when they are asked for, and ahead of time by workers, for devices that need a given time
// per step (as a GPU does: it leaves the CPU alone) and for a real training step on all cores.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "benchmark.h"
#include "cli/process_settings.h"
#include "tinynas/core/files.h"
#include "tinynas/core/parallel.h"
#include "tinynas/supernet/supernet.h"
#include "tinynas/train/batch_queue.h"
#include "tinynas/train/losses.h"

using namespace tinynas;

namespace {

constexpr int kImages = 8192;
constexpr double kSeconds = 2;  ///< of each measurement
constexpr train::Augmentation kEverything{
    .flip = true, .crop_padding = 4, .cutout = 0.4, .colour = 0.3, .mixup = 0.2};

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

data::ImageSet random_images(int side) {
  data::ImageSet set{.h = side, .w = side, .c = 3, .pixels = {}, .labels = {}};
  Rng rng(1);
  set.labels.resize(kImages);
  for (auto& label : set.labels) label = static_cast<std::uint16_t>(rng.below(10));
  set.pixels.resize(set.labels.size() * set.image_bytes());
  for (auto& pixel : set.pixels) pixel = static_cast<std::uint8_t>(rng.below(256));
  return set;
}

struct Pace {
  double step_s = 0;    ///< from batch to batch
  double waited_s = 0;  ///< of it, for the batch
};

/// `workers` 0: the batch is made when it is asked for.
template <typename Step>
Pace measure(const data::ImageSet& images, int batch, int workers, const Step& step) {
  train::BatchLoader loader(images, {}, kEverything, batch, Rng(2));
  const int per_epoch = loader.batches_per_epoch();
  train::BatchQueue queue(loader, std::max(1, workers));
  double waited = 0;
  const auto next = [&](int i) {
    const auto start = Clock::now();
    train::Batch made = workers > 0 ? queue.next(i) : loader.batch(i / per_epoch, i % per_epoch);
    waited += seconds_since(start);
    return made;
  };
  constexpr int kWarmUp = 3;
  int steps = 0;
  Clock::time_point start = Clock::now();
  for (int i = 0; i < kWarmUp || seconds_since(start) < kSeconds; ++i) {
    if (i == kWarmUp) {
      start = Clock::now();
      waited = 0;
      steps = 0;
    }
    step(next(i));
    ++steps;
  }
  return {.step_s = seconds_since(start) / steps, .waited_s = waited / steps};
}

/// One line: ahead of time against on demand.
template <typename Step>
void compare(const std::string& name, const data::ImageSet& images, int batch, int workers,
             const Step& step) {
  const Pace demand = measure(images, batch, 0, step), ahead = measure(images, batch, workers, step);
  fmt::print("{:<34} {:>7} {:>9.2f} {:>8.1f} % {:>9.2f} {:>8.1f} % {:>7.2f}\n", name, workers,
             1e3 * demand.step_s, 100 * demand.waited_s / demand.step_s, 1e3 * ahead.step_s,
             100 * ahead.waited_s / ahead.step_s, demand.step_s / ahead.step_s);
}

void run(int resolution, int batch) {
  const data::ImageSet images = random_images(resolution);
  at::set_num_threads(1);
  const double making_s = measure(images, batch, 0, [](const train::Batch&) {}).step_s;
  fmt::print("a batch of {} images of {} x {} pixels takes one core {:.2f} ms\n\n", batch, resolution,
             resolution, 1e3 * making_s);
  fmt::print("{:<34} {:>7} {:>9} {:>10} {:>9} {:>10} {:>7}\n", "milliseconds a step", "workers", "on demand",
             "waiting", "ahead", "waiting", "ratio");
  const int most = std::max(1, available_cores() - 1);
  std::vector<int> workers = {1};
  if (most > 1) workers.push_back(most);
  for (const int count : workers)
    for (const double share : {2.0, 1.25, 0.8}) {
      const std::chrono::duration<double> step(share * making_s / count);
      compare(fmt::format("device, {:.2f} ms", 1e3 * step.count()), images, batch, count,
              [&](const train::Batch&) { std::this_thread::sleep_for(step); });
    }

  space::SearchSpace space = space::SearchSpace::load(find_resource("search_spaces/small_images.yaml"));
  space.resolutions = {resolution};
  space.widths = {0.5};
  at::set_num_threads(available_cores());
  const supernet::Supernet net(space, {.input_channels = 3, .classes = 10}, Rng(1));
  for (const auto& [name, genome] : {std::pair("training, the largest of r{}-w0.5", space::largest(space)),
                                     std::pair("training, the smallest of r{}-w0.5", space::smallest(space))})
    compare(fmt::format(fmt::runtime(name), resolution), images, batch, 1, [&](const train::Batch& made) {
      train::label_loss(net.forward(made.images, genome), made.labels, 0.1).backward();
    });
}

}  // namespace

int main(int argc, char** argv) {
  cli::settle_process(argv);
  int resolution = 32, batch = 128;
  CLI::App app{"Whether training waits for its images.", "bench_train_loader"};
  app.add_option("resolution", resolution, "of the images (default: 32)")->check(CLI::Range(8, 512));
  app.add_option("batch", batch, "images a step (default: 128)")->check(CLI::Range(2, kImages));
  app.footer("Example:\n  bench_train_loader 32 128");
  return bench::run(app, argc, argv, [&] { run(resolution, batch); });
}
