#pragma once

#include <map>
#include <string>

#include "tinynas/core/rng.h"
#include "tinynas/space/lower.h"
#include "tinynas/space/search_space.h"
#include "tinynas/supernet/kernel_transforms.h"
#include "tinynas/supernet/network.h"

namespace tinynas::supernet {

/// The weight-sharing network of a space with one width, and one resolution or an elastic one. It owns the
/// tensors of the largest sub-network; every other one is made of views of them: first blocks of a stage,
/// first channels of a layer, centre crop of a depthwise kernel (MCUNet, arXiv:2007.10319 appendix D).
/// Weights do not know the resolution: networks at different ones share all they have in common. Which layers
/// a genome has, and their sizes, is space::lower_named's knowledge alone; layers are matched by name.
class Supernet {
 public:
  struct Options {
    /// Smaller kernels are learnt functions of larger ones, not their centres.
    bool kernel_transforms = false;
  };
  /// Throws ConfigError if `space` still has several widths, or resolutions that are not elastic.
  Supernet(space::SearchSpace space, const space::Task& task, const Rng& rng, const Options& options);
  Supernet(space::SearchSpace space, const space::Task& task, const Rng& rng)
      : Supernet(std::move(space), task, rng, {}) {}

  /// Views of the shared tensors: gradients of the result accumulate here. ConfigError if the genome is not
  /// of the space.
  Network sub_network(const space::Genome& genome) const;
  /// Logits with the batch's own statistics, of images at the genome's resolution: what training calls.
  /// Throws as sub_network and supernet::forward do.
  torch::Tensor forward(const torch::Tensor& images, const space::Genome& genome) const;

  const space::SearchSpace& space() const { return space_; }
  const space::Task& task() const { return task_; }
  /// Everything that is trained: the shared tensors, then the kernel transforms.
  std::vector<torch::Tensor> parameters() const;
  void to(const torch::Device& device);
  /// The largest sub-network: the shared tensors themselves.
  Network& shared() { return shared_; }
  const Network& shared() const { return shared_; }

 private:
  space::SearchSpace space_;
  space::Task task_;
  Network shared_;
  KernelTransforms transforms_;
  std::map<std::string, std::size_t, std::less<>> layer_by_name_;
};

}  // namespace tinynas::supernet
