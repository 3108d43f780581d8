#include "tinynas/train/threads.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/train/processes.h"

namespace tinynas::train {
namespace {

int wanted_threads(const Context& context) {
  if (context.threads > 0) return context.threads;
  const int processes = context.processes ? context.processes->local_size() : 1;
  return std::max(1, available_cores() / processes);
}

void require_device(const std::string& device) {
  if (device == "cpu") return;
  if (device.rfind("cuda", 0) != 0)
    throw ConfigError(fmt::format("compute.device: unknown training device '{}'; known: cpu, cuda", device));
  if (!torch::cuda::is_available())
    throw UnsupportedError("compute.device: this LibTorch sees no CUDA device; use --compute cpu");
}

}  // namespace

torch::Device device_of(const Context& context) {
  torch::Device device(context.compute_device);
  if (device.is_cuda() && !device.has_index() && context.processes) {
    const auto gpus = std::max<std::size_t>(torch::cuda::device_count(), 1);
    device.set_index(
        static_cast<torch::DeviceIndex>(static_cast<std::size_t>(context.processes->local_rank()) % gpus));
  }
  return device;
}

TorchThreads::TorchThreads(const Context& context) : before_(at::get_num_threads()) {
  require_device(context.compute_device);
  at::set_num_threads(wanted_threads(context));
}

TorchThreads::~TorchThreads() { at::set_num_threads(before_); }

OneTorchThreadEach::OneTorchThreadEach(const Context& context)
    : torch_before_(at::get_num_threads()), parallel_before_(parallel_threads()) {
  set_parallel_threads(wanted_threads(context));
}

OneTorchThreadEach::~OneTorchThreadEach() {
  set_parallel_threads(parallel_before_);
  at::set_num_threads(torch_before_);
}

/// The setting is the calling thread's own (OpenMP keeps it per thread).
void OneTorchThreadEach::enter() { at::set_num_threads(1); }

}  // namespace tinynas::train
