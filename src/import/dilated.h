#pragma once

#include "tinynas/import/plain_model.h"

namespace tinynas::import {

/// Whether pixels are taken apart into a batch somewhere.
bool has_dilated(const Model& model);
/// The model with space_to_batch, a convolution, batch_to_space as one convolution with a dilation, where the
/// sizes are constants.
Model with_dilations(Model model);

}  // namespace tinynas::import
