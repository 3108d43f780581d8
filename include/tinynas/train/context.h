#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tinynas/data/dataset.h"
#include "tinynas/space/search_space.h"

namespace tinynas::train {

class Processes;

/// What every training stage is given. `train` and `validation` already have the space's resolution; of a
/// space whose resolution is elastic they are as in the data set, and the stages resize them (data::resize).
struct Context {
  space::SearchSpace space = {};  ///< one width, and one resolution or elastic ones
  space::Task task = {};
  const data::ImageSet* train = nullptr;
  const data::ImageSet* validation = nullptr;
  data::PixelScaling pixels = {};
  std::uint64_t seed = 1;
  int threads = 0;  ///< of each process; 0: the cores of this machine, shared by its processes
  std::string compute_device = "cpu";  ///< where LibTorch computes: cpu | cuda
  bool kernel_transforms = false;      ///< of the supernet (supernet/kernel_transforms.h)
  /// Networks of the supernet are evaluated in bfloat16 where this CPU has it, as the supernet was trained.
  bool mixed_precision = false;
  std::shared_ptr<Processes> processes = {};  ///< who trains and evaluates together; null: this process alone
};

}  // namespace tinynas::train
