#include "tinynas/train/recipes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tinynas/core/error.h"

namespace tinynas::train {
namespace {

constexpr std::array<std::string_view, 2> kRecipes = {"uniform", "sandwich"};
constexpr int kSandwichRandom = 2;  // BigNAS: two between the largest and the smallest

}  // namespace

std::span<const std::string_view> recipe_names() { return kRecipes; }

void require_known_recipe(const Recipe& recipe) {
  if (std::find(kRecipes.begin(), kRecipes.end(), recipe.name) != kRecipes.end()) return;
  throw ConfigError(fmt::format("train.recipe: unknown recipe '{}'; did you mean '{}'? Known: {}",
                                recipe.name, nearest_word(recipe.name, kRecipes), fmt::join(kRecipes, ", ")));
}

StepPlan plan_step(const Recipe& recipe, const space::SearchSpace& space, Rng rng) {
  if (recipe.name == "uniform") return {.genomes = {space::sample(space, rng)}, .first_teaches = false};
  StepPlan plan{.genomes = {space::largest(space), space::smallest(space)}, .first_teaches = true};
  for (int i = 0; i < kSandwichRandom; ++i) plan.genomes.push_back(space::sample(space, rng));
  return plan;
}

torch::Tensor label_loss(const torch::Tensor& logits, const torch::Tensor& labels, double smoothing) {
  return torch::nn::functional::cross_entropy(
      logits, labels, torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(smoothing));
}

torch::Tensor distillation_loss(const torch::Tensor& logits, const torch::Tensor& teacher_logits) {
  const torch::Tensor targets = torch::softmax(teacher_logits.detach(), 1);
  return -(targets * torch::log_softmax(logits, 1)).sum(1).mean();
}

StepFn supernet_step(const supernet::Supernet& net, const Recipe& recipe, const Rng& rng) {
  require_known_recipe(recipe);
  return [&net, recipe, rng](std::int64_t step, const Batch& batch) {
    const StepPlan plan = plan_step(recipe, net.space(), rng.fork("path", static_cast<std::uint64_t>(step)));
    const double share = 1.0 / static_cast<double>(plan.genomes.size());
    torch::Tensor teacher;
    StepReport report;
    for (const space::Genome& genome : plan.genomes) {
      const torch::Tensor logits = net.forward(batch.images, genome);
      const torch::Tensor loss = teacher.defined() ? distillation_loss(logits, teacher)
                                                   : label_loss(logits, batch.labels, recipe.label_smoothing);
      (loss * share).backward();
      report.loss += share * loss.item<double>();
      if (plan.first_teaches && !teacher.defined()) teacher = logits.detach();
    }
    return report;
  };
}

StepFn network_step(const supernet::Network& network, const Recipe& recipe) {
  return [&network, recipe](std::int64_t, const Batch& batch) {
    const torch::Tensor logits = supernet::forward(network, batch.images, {});
    const torch::Tensor loss = label_loss(logits, batch.labels, recipe.label_smoothing);
    loss.backward();
    return StepReport{.loss = loss.item<double>()};
  };
}

}  // namespace tinynas::train
