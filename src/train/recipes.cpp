#include "tinynas/train/recipes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tinynas/core/error.h"
#include "tinynas/train/resize.h"
#include "train/mixed_precision.h"

namespace tinynas::train {
namespace {

constexpr std::array kRecipes = {
    RecipeRow{.name = "uniform", .distillation = 0},
    RecipeRow{.name = "sandwich", .distillation = 1},       // BigNAS: soft labels only
    RecipeRow{.name = "progressive", .distillation = 0.5},  // Once-for-All: label loss + 1.0 x soft labels
    RecipeRow{.name = "mcunet", .distillation = 0},
};

constexpr int kSandwichRandom = 2;          // BigNAS, arXiv:2003.11142 section 3.1
constexpr int kMcunetRandom = 4;            // MCUNet, arXiv:2007.10319 appendix E
constexpr double kMcunetLargest = 1 / 3.0;  // 150 of 450 epochs, appendix E

/// Once-for-All's phases (its train_ofa_net.py): 180 epochs of the largest network, then kernels 120, depths
/// 25 + 120, expansions 25 + 120, with 1, 2 and 4 sub-networks a step. A stage's width is free when
/// expansions are, an elastic resolution throughout, as there.
struct Phase {
  double until;  ///< share of the training
  bool kernel, depth, expansion;
  int random;  ///< sub-networks beside the largest
};
constexpr double kAllEpochs = 180 + 120 + 145 + 145;
constexpr std::array kProgressive = {
    Phase{.until = 180 / kAllEpochs, .kernel = false, .depth = false, .expansion = false, .random = 0},
    Phase{.until = 300 / kAllEpochs, .kernel = true, .depth = false, .expansion = false, .random = 1},
    Phase{.until = 445 / kAllEpochs, .kernel = true, .depth = true, .expansion = false, .random = 2},
    Phase{.until = 2, .kernel = true, .depth = true, .expansion = true, .random = 4},
};

/// A random sub-network whose choices outside of the phase are the largest's.
space::Genome sample_phase(const Phase& phase, const space::SearchSpace& space, Rng& rng) {
  space::Genome genome = space::sample(space, rng);
  const space::Genome largest = space::largest(space);
  if (!phase.depth) {  // blocks that now exist beyond the drawn depth get choices of their own
    genome.depth = largest.depth;
    for (std::size_t s = 0; s < space.stages.size(); ++s)
      for (std::size_t b = 0; b < space::kMaxBlocksPerStage; ++b)
        genome.kernel[s * space::kMaxBlocksPerStage + b] =
            static_cast<std::uint8_t>(rng.below(space.stages[s].kernels.size()));
  }
  if (!phase.kernel) genome.kernel = largest.kernel;
  if (!phase.expansion) {
    genome.expansion = largest.expansion;
    genome.stage_width = largest.stage_width;
  }
  space::canonicalize(space, genome);
  return genome;
}

/// Float logits. On the CPU the house's own kernels know what is safe in bfloat16, on a GPU LibTorch does.
torch::Tensor forward(const supernet::Network& network, const torch::Tensor& images, const Recipe& recipe,
                      const supernet::Peers& peers) {
  const MixedPrecision on_gpu(recipe.mixed_precision && !images.is_cpu());
  const auto precision =
      recipe.mixed_precision ? supernet::Precision::kBfloat16 : supernet::Precision::kFloat;
  return supernet::forward(network, images, {.precision = precision, .peers = peers}).to(torch::kFloat);
}

std::vector<space::Genome> plan_progressive(const space::SearchSpace& space, double done, Rng& rng) {
  const Phase& phase =
      *std::find_if(kProgressive.begin(), kProgressive.end(), [&](const Phase& p) { return done < p.until; });
  std::vector<space::Genome> genomes = {space::largest(space)};
  for (int i = 0; i < phase.random; ++i) genomes.push_back(sample_phase(phase, space, rng));
  return genomes;
}

}  // namespace

std::vector<std::string_view> recipe_names() {
  std::vector<std::string_view> names;
  for (const RecipeRow& row : kRecipes) names.push_back(row.name);
  return names;
}

const RecipeRow& recipe_row(const std::string& name) {
  const auto row =
      std::find_if(kRecipes.begin(), kRecipes.end(), [&](const RecipeRow& r) { return r.name == name; });
  if (row != kRecipes.end()) return *row;
  throw ConfigError(fmt::format("train.recipe: unknown recipe '{}'; did you mean '{}'? Known: {}", name,
                                nearest_word(name, recipe_names()), fmt::join(recipe_names(), ", ")));
}

std::vector<space::Genome> plan_step(const Recipe& recipe, const space::SearchSpace& space, double done,
                                     Rng rng) {
  if (recipe.name == "progressive") return plan_progressive(space, done, rng);
  if (recipe.name == "mcunet" && done < kMcunetLargest) return {space::largest(space)};
  std::vector<space::Genome> genomes;
  int random = 1;
  if (recipe.name == "mcunet") random = kMcunetRandom;
  if (recipe.name == "sandwich") {
    genomes = {space::largest(space), space::smallest(space)};
    random = kSandwichRandom;
  }
  for (int i = 0; i < random; ++i) genomes.push_back(space::sample(space, rng));
  return genomes;
}

bool sorts_channels(const Recipe& recipe, std::int64_t step, std::int64_t steps) {
  const auto largest_only = [&](std::int64_t s) {
    return static_cast<double>(s) < kMcunetLargest * static_cast<double>(steps);
  };
  return recipe.name == "mcunet" && step > 0 && !largest_only(step) && largest_only(step - 1);
}

torch::Tensor label_loss(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing) {
  return torch::nn::functional::cross_entropy(
      logits, labels, torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(smoothing));
}

torch::Tensor label_loss(const torch::Tensor& logits, const Batch& batch, double smoothing) {
  if (!batch.other_labels.defined()) return label_loss(logits, batch.labels, smoothing);
  const auto each = [&](const torch::Tensor& labels) {
    return torch::nn::functional::cross_entropy(
        logits, labels,
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(smoothing).reduction(torch::kNone));
  };
  return (batch.share * each(batch.labels) + (1 - batch.share) * each(batch.other_labels)).mean();
}

torch::Tensor distillation_loss(const torch::Tensor& logits, const torch::Tensor& teacher_logits) {
  const torch::Tensor targets = torch::softmax(teacher_logits.detach(), 1);
  return -(targets * torch::log_softmax(logits, 1)).sum(1).mean();
}

StepFn supernet_step(const supernet::Supernet& net, const Recipe& recipe, std::int64_t steps, const Rng& rng,
                     const supernet::Peers& peers) {
  const double row_weight = recipe_row(recipe.name).distillation;
  const double soft = row_weight > 0 && recipe.distillation > 0 ? recipe.distillation : row_weight;
  return [&net, recipe, steps, rng, soft, peers](std::int64_t step, const Batch& batch) {
    const double done = static_cast<double>(step) / static_cast<double>(steps);
    const auto genomes =
        plan_step(recipe, net.space(), done, rng.fork("path", static_cast<std::uint64_t>(step)));
    const double share = 1.0 / static_cast<double>(genomes.size());
    torch::Tensor teacher;
    StepReport report;
    for (const space::Genome& genome : genomes) {
      const torch::Tensor images = resize_batch(batch.images, net.space().resolutions[genome.resolution]);
      const torch::Tensor logits = forward(net.sub_network(genome), images, recipe, peers);
      const double weight = teacher.defined() ? soft : 0;
      torch::Tensor loss = (1 - weight) * label_loss(logits, batch, recipe.label_smoothing);
      if (weight > 0) loss = loss + weight * distillation_loss(logits, teacher);
      (loss * share).backward();
      report.loss += share * loss.item<double>();
      if (!teacher.defined()) teacher = logits.detach();
    }
    return report;
  };
}

StepFn network_step(const supernet::Network& network, const Recipe& recipe, const supernet::Peers& peers) {
  return [&network, recipe, peers](std::int64_t, const Batch& batch) {
    const torch::Tensor logits = forward(network, batch.images, recipe, peers);
    const torch::Tensor loss = label_loss(logits, batch, recipe.label_smoothing);
    loss.backward();
    return StepReport{.loss = loss.item<double>()};
  };
}

}  // namespace tinynas::train
