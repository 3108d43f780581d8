#pragma once

#include <string>

namespace tinynas::train {

/// Settings of a supernet training or a fine-tuning.
struct Recipe {
  std::string name = "uniform";  ///< of the register (recipes.h)
  int epochs = 12;
  int batch = 128;
  double learning_rate = 0.3;  ///< peak, per 256 samples; scaled linearly with the batch
  double momentum = 0.9;
  double weight_decay = 5e-5;
  double label_smoothing = 0.1;
  double warmup_epochs = 0.5;
  double distillation = 0;  ///< weight of soft labels in recipes with a teacher; 0: the recipe's own
  bool flip = true;         ///< horizontal flips
  int crop_padding = 1;     ///< random crops of the image padded by this many pixels, mirrored
  double cutout = 0;        ///< side of the erased square as a share of the image; 0: none
  double colour = 0;        ///< brightness, contrast and saturation change by up to this share; 0: none
  double mixup = 0;         ///< alpha of the distribution that pairs of images are blended by; 0: none
  double clip_norm = 0;     ///< largest norm of a step's whole gradient; 0: any
  double average = 0;       ///< decay per step of the moving average of the weights that is kept; 0: none
  bool mixed_precision = false;  ///< convolutions in bfloat16 (supernet::Precision); GPUs, and CPUs that can
  friend bool operator==(const Recipe&, const Recipe&) = default;
};

}  // namespace tinynas::train
