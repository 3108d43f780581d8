#pragma once

#include "tinynas/train/recipe.h"

namespace tinynas::train {

/// Calls visit(name, setting) for every setting of a recipe: the one list of them in this module.
template <typename AnyRecipe, typename Visit>
void for_each_setting(AnyRecipe& recipe, const Visit& visit) {
  visit("recipe", recipe.name);
  visit("epochs", recipe.epochs);
  visit("batch", recipe.batch);
  visit("learning_rate", recipe.learning_rate);
  visit("momentum", recipe.momentum);
  visit("weight_decay", recipe.weight_decay);
  visit("label_smoothing", recipe.label_smoothing);
  visit("warmup_epochs", recipe.warmup_epochs);
  visit("distillation", recipe.distillation);
  visit("flip", recipe.flip);
  visit("crop_padding", recipe.crop_padding);
  visit("cutout", recipe.cutout);
  visit("colour", recipe.colour);
  visit("mixup", recipe.mixup);
  visit("clip_norm", recipe.clip_norm);
  visit("average", recipe.average);
  visit("mixed_precision", recipe.mixed_precision);
}

}  // namespace tinynas::train
