#include "tinynas/train/fingerprint.h"

#include <fmt/format.h>

#include "tinynas/core/hash.h"
#include "tinynas/ir/graph.h"
#include "tinynas/space/lower.h"
#include "train/recipe_settings.h"

namespace tinynas::train {
namespace {

std::string describe(const Recipe& recipe) {
  std::string text;
  for_each_setting(recipe, [&](const char*, const auto& value) { text += fmt::format("{} ", value); });
  return text;
}

/// Largest and smallest networks name all layers and sizes; resolutions, depths, kernels, expansions and
/// widths between them follow.
std::string describe(const space::SearchSpace& space, const space::Task& task) {
  std::string text;
  for (const space::Genome& genome : {space::largest(space), space::smallest(space)})
    text += ir::dump(space::lower_named(space, task, genome));
  if (space.elastic_resolution) text += fmt::format("{} ", fmt::join(space.resolutions, ","));
  for (const space::Stage& stage : space.stages)
    text += fmt::format("{} {} {} {}", fmt::join(stage.depths, ","), fmt::join(stage.kernels, ","),
                        fmt::join(stage.expansions, ","), fmt::join(stage.widths, ","));
  return text;
}

}  // namespace

std::uint64_t hash_images(const data::ImageSet& images) {
  const auto bytes = [](const auto& values) {
    return std::string_view(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  return fnv1a(bytes(images.labels), fnv1a(bytes(images.pixels)));
}

std::string training_fingerprint(const Context& context, const Recipe& recipe, std::string_view what) {
  std::string all =
      fmt::format("{}\n{}\n{}\n{} {} {} {}", what, describe(recipe), describe(context.space, context.task),
                  context.seed, hash_images(*context.train), context.pixels.scale, context.pixels.zero_point);
  if (context.kernel_transforms) all += " kernel_transforms";
  return hex(fnv1a(all));
}

}  // namespace tinynas::train
