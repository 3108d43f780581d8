#pragma once

#include <torch/torch.h>

#include "tinynas/train/context.h"

namespace tinynas::train {

/// Where the context computes: processes on one machine take its GPUs in turn.
torch::Device device_of(const Context& context);

/// Sets LibTorch's threads (all cores, or what the context asks for) while it lives, and checks that the
/// context's device can be used: UnsupportedError otherwise.
class TorchThreads {
 public:
  explicit TorchThreads(const Context& context);
  ~TorchThreads();
  TorchThreads(const TorchThreads&) = delete;
  TorchThreads& operator=(const TorchThreads&) = delete;

 private:
  int before_;
};

/// While it lives, items of core's parallel loops run LibTorch with one thread each: every item calls
/// enter().
class OneTorchThreadEach {
 public:
  explicit OneTorchThreadEach(const Context& context);
  ~OneTorchThreadEach();
  OneTorchThreadEach(const OneTorchThreadEach&) = delete;
  OneTorchThreadEach& operator=(const OneTorchThreadEach&) = delete;
  static void enter();

 private:
  int torch_before_, parallel_before_;
};

}  // namespace tinynas::train
