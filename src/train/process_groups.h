#pragma once

#include <torch/torch.h>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <memory>
#include <vector>

#include "tinynas/train/rendezvous.h"

namespace tinynas::train {

/// The connections between processes: Gloo's, and NCCL's for tensors on GPUs where LibTorch has it. Errors
/// are LibTorch's own exceptions.
class ProcessGroups {
 public:
  ProcessGroups(const c10::intrusive_ptr<c10d::Store>& store, const Rendezvous& rendezvous);
  ~ProcessGroups();
  void sum(torch::Tensor& tensor);
  void broadcast(torch::Tensor& tensor);
  /// Other processes whose connection is closed: they have ended.
  std::vector<int> closed();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tinynas::train
