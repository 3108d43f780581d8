#pragma once

#include <torch/torch.h>

namespace tinynas::train {

/// A batch [N, C, H, W] at another resolution, channels_last: data::resize's filter without its rounding to
/// bytes, so that a step trains sub-networks of several resolutions on one batch. An image's bits do not
/// depend on how many others the batch has. The same resolution returns the batch itself.
torch::Tensor resize_batch(const torch::Tensor& images, int resolution);

}  // namespace tinynas::train
