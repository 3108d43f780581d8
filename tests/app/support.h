#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/fixtures.h"
#include "support/text.h"
#include "tinynas/app/experiment.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/app/training.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/rng.h"
#include "tinynas/space/lower.h"

namespace tinynas::test {

/// An IDX file of bytes: magic number, big-endian dimensions, values.
inline std::string idx_file(std::initializer_list<unsigned> dimensions, const std::string& values) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(dimensions.size())};
  for (const unsigned extent : dimensions)
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(extent >> shift & 0xff));
  return bytes + values;
}

/// Images of ten classes in the four files of Fashion-MNIST: class k is a bright bar in row k over noise.
inline void write_tiny_images(const std::filesystem::path& folder, unsigned train, unsigned test) {
  constexpr unsigned kSide = 12, kClasses = 10;
  Rng rng(7);
  const auto write = [&](const std::string& part, unsigned count) {
    std::string pixels, labels;
    for (unsigned i = 0; i < count; ++i) {
      const unsigned label = i % kClasses;
      labels.push_back(static_cast<char>(label));
      for (unsigned at = 0; at < kSide * kSide; ++at)
        pixels.push_back(static_cast<char>(at / kSide == label + 1 ? 200 : rng.below(60)));
    }
    write_file(folder / (part + "-images-idx3-ubyte"), idx_file({count, kSide, kSide}, pixels));
    write_file(folder / (part + "-labels-idx1-ubyte"), idx_file({count}, labels));
  };
  write("train", train);
  write("t10k", test);
}

/// A space of two resolutions and two widths whose networks have some thousand weights.
inline void write_tiny_space(const std::filesystem::path& file) {
  write_file(file, R"(name: tiny
block: inverted_residual
resolutions: [8, 12]
widths: [0.5, 1.0]
channel_divisor: 4
stem: { channels: 8, kernel: 3, stride: 2 }
first_channels: 4
kernels: [3, 5]
expansions: [2, 3]
stages:
  - { channels: 8, stride: 1, depths: [1, 2] }
  - { channels: 12, stride: 2, depths: [1, 2] }
)");
}

/// A whole experiment below `folder`, small enough for a second.
inline app::Experiment tiny_experiment(const std::filesystem::path& folder) {
  write_tiny_images(folder / "images", 80, 30);
  write_tiny_space(folder / "tiny.yaml");
  app::Experiment experiment;
  experiment.data = {.folder = (folder / "images").string(), .held_out = 20};
  experiment.space = (folder / "tiny.yaml").string();
  experiment.budget.sram_bytes = 64 * kKiB;
  experiment.budget.flash_bytes = 256 * kKiB;
  experiment.rank.samples = 20;
  experiment.train.epochs = 2;
  experiment.search = {.population = 4, .generations = 3, .parents = 2, .bn_images = 10, .seed = 3};
  experiment.tune.epochs = 1;
  experiment.exported.calibration_images = 10;
  experiment.emulated_images = 0;
  return experiment;
}

/// Stands in for the training half: answers depend on nothing but the genome, weights are drawn from its
/// hash.
struct FakeTraining {
  int supernets = 0, oracles = 0, tunings = 0;
  std::vector<space::Genome> asked = {};  ///< of all oracles, in order
  std::size_t most_asked = 1'000'000;     ///< with more, a stop is asked for as by a user
  /// Percent; empty: drawn from the genome's hash.
  std::function<double(const train::Context&, const space::Genome&)> judge = {};
  /// Percent after a tuning; empty: 50.
  std::function<double(const space::Genome&)> judge_tuned = {};
  std::vector<std::size_t> tuned_on = {};  ///< images of each tuning

  app::TrainingStages stages() {
    return {.measure = [](const train::Context&, const train::Recipe&) { return 1e9; },
            .macs_per_image = [](const space::SearchSpace&, const space::Task&,
                                 const train::Recipe&) { return 1e6; },
            .train_supernet =
                [this](const train::Context&, const train::Recipe& recipe,
                       const std::filesystem::path& folder, const ProgressFn&, const StopToken&) {
                  ++supernets;
                  write_file(folder / "supernet.pt", "weights");
                  return recipe.epochs;
                },
            .oracle =
                [this](const train::Context& context, const std::filesystem::path& folder, int) {
                  ++oracles;
                  if (read_file(folder / "supernet.pt") != "weights") throw IoError("no supernet");
                  return [this, context](std::span<const space::Genome> genomes, double, const StopToken&) {
                    std::vector<search::Measurement> percent;
                    for (const space::Genome& genome : genomes) {
                      if (asked.size() >= most_asked) throw InterruptedError("stopped");
                      asked.push_back(genome);
                      percent.push_back(
                          {.accuracy = judge ? judge(context, genome)
                                             : static_cast<double>(space::hash(genome) % 10000) / 100});
                    }
                    return percent;
                  };
                },
            .tune =
                [this](const train::Context& context, const space::Genome& genome, const train::Recipe&,
                       const std::filesystem::path&, const train::TuneOptions& options, const ProgressFn&,
                       const StopToken&) {
                  ++tunings;
                  tuned_on.push_back(context.train->size());
                  if (read_file(options.supernet / "supernet.pt") != "weights") throw IoError("no supernet");
                  return train::Tuned{.weights = random_weights(context, genome),
                                      .accuracy = judge_tuned ? judge_tuned(genome) : 50};
                }};
  }

  static ir::Weights random_weights(const train::Context& context, const space::Genome& genome) {
    const ir::Graph graph = space::lower_named(context.space, context.task, genome);
    Rng rng(space::hash(genome));
    ir::Weights weights;
    for (std::size_t i = 0; i < graph.layers.size(); ++i) {
      const auto draw = [&](const char* suffix, std::int64_t count) {
        if (count == 0) return;
        ir::Blob& blob = weights[graph.names[i] + suffix];
        blob.shape = {static_cast<int>(count)};
        for (std::int64_t k = 0; k < count; ++k) blob.data.push_back(static_cast<float>(rng.normal() * 0.2));
      };
      draw(".weight", ir::layer_weights(graph, graph.layers[i]));
      draw(".bias", ir::layer_biases(graph, graph.layers[i]));
    }
    return weights;
  }
};

}  // namespace tinynas::test
