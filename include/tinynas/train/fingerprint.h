#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tinynas/train/context.h"
#include "tinynas/train/recipe.h"

namespace tinynas::train {

/// A hash of pixels and labels.
std::uint64_t hash_images(const data::ImageSet& images);

/// Names everything that decides a training's result: space, task, recipe, seed, images, and `what` is
/// trained (threads and device are not part of it: their results differ in the last digits only).
std::string training_fingerprint(const Context& context, const Recipe& recipe, std::string_view what);

}  // namespace tinynas::train
