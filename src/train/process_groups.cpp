#include "train/process_groups.h"

#include "tinynas/core/error.h"

#if defined(USE_C10D_GLOO) && __has_include(<gloo/algorithm.h>)
#define TINYNAS_WITH_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#if defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#define TINYNAS_WITH_NCCL
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace tinynas::train {

#ifdef TINYNAS_WITH_GLOO

namespace {

/// One collective on a dense tensor of a device the group can reach.
template <typename Group>
void sum_in(Group& group, const torch::Tensor& tensor) {
  std::vector<torch::Tensor> tensors = {tensor};
  group.allreduce(tensors)->wait();
}
template <typename Group>
void broadcast_in(Group& group, const torch::Tensor& tensor) {
  std::vector<torch::Tensor> tensors = {tensor};
  group.broadcast(tensors)->wait();
}

using Gloo = c10d::ProcessGroupGloo;

/// The network interface: GLOO_SOCKET_IFNAME as for PyTorch, loopback if all are on this machine.
auto gloo_device(const std::string& address) {
  if (const char* interface = std::getenv("GLOO_SOCKET_IFNAME"); interface != nullptr && *interface != '\0')
    return Gloo::createDeviceForInterface(interface);
  if (address == "localhost" || address == "::1" || address.rfind("127.", 0) == 0)
    return Gloo::createDeviceForHostname("127.0.0.1");
  return Gloo::createDefaultDevice();
}

c10::intrusive_ptr<Gloo> make_gloo(const c10::intrusive_ptr<c10d::Store>& store, const Rendezvous& where) {
  const auto options = Gloo::Options::create(where.timeout);
  options->devices.push_back(gloo_device(where.address));
  return c10::make_intrusive<Gloo>(store, where.rank, where.size, options);
}

}  // namespace

struct ProcessGroups::Impl {
  c10::intrusive_ptr<c10d::Store> store;
  Rendezvous where;
  c10::intrusive_ptr<Gloo> gloo;
#ifdef TINYNAS_WITH_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl_group;
  c10d::ProcessGroupNCCL& nccl() {
    if (!nccl_group) {
      // Waiting then ends with an exception, not with the process.
      ::setenv("NCCL_BLOCKING_WAIT", "1", 0);        // LibTorch 1
      ::setenv("TORCH_NCCL_BLOCKING_WAIT", "1", 0);  // LibTorch 2
      auto options = c10d::ProcessGroupNCCL::Options::create();
      options->timeout = where.timeout;
      nccl_group = c10::make_intrusive<c10d::ProcessGroupNCCL>(
          c10::make_intrusive<c10d::PrefixStore>("nccl", store), where.rank, where.size, options);
    }
    return *nccl_group;
  }
#endif

  /// Calls collective(group, tensor) with a dense tensor in the group's memory; the result is `tensor`'s.
  template <typename Collective>
  void run(torch::Tensor& tensor, const Collective& collective) {
    const torch::Tensor dense = tensor.contiguous();
#ifdef TINYNAS_WITH_NCCL
    if (dense.is_cuda()) {
      collective(nccl(), dense);
      if (!dense.is_same(tensor)) tensor.copy_(dense);
      return;
    }
#endif
    const torch::Tensor on_cpu = dense.cpu();
    collective(*gloo, on_cpu);
    if (!on_cpu.is_same(tensor)) tensor.copy_(on_cpu);
  }
};

ProcessGroups::ProcessGroups(const c10::intrusive_ptr<c10d::Store>& store, const Rendezvous& rendezvous)
    : impl_(std::make_unique<Impl>()) {
  impl_->store = store;
  impl_->where = rendezvous;
  impl_->gloo = make_gloo(store, rendezvous);
}

ProcessGroups::~ProcessGroups() = default;

void ProcessGroups::sum(torch::Tensor& tensor) {
  const torch::NoGradGuard no_grad;
  impl_->run(tensor, [](auto& group, const torch::Tensor& dense) { sum_in(group, dense); });
}

void ProcessGroups::broadcast(torch::Tensor& tensor) {
  const torch::NoGradGuard no_grad;
  impl_->run(tensor, [](auto& group, const torch::Tensor& dense) { broadcast_in(group, dense); });
}

std::vector<int> ProcessGroups::closed() {
  constexpr int kTag = 1;
  std::vector<int> ranks;
  for (int rank = 0; rank < impl_->where.size; ++rank) {
    if (rank == impl_->where.rank) continue;
    std::vector<torch::Tensor> probe = {torch::zeros({1})};
    try {
      impl_->gloo->send(probe, rank, kTag);  // throws at once where the connection is closed
    } catch (const std::exception&) {
      ranks.push_back(rank);
    }
  }
  return ranks;
}

#else

struct ProcessGroups::Impl {};

ProcessGroups::ProcessGroups(const c10::intrusive_ptr<c10d::Store>&, const Rendezvous&) {
  throw UnsupportedError(
      "WORLD_SIZE: this tinynas was built without Gloo (libgloo-dev and a LibTorch with distributed); "
      "unset MASTER_ADDR to train in one process");
}
ProcessGroups::~ProcessGroups() = default;
void ProcessGroups::sum(torch::Tensor&) {}
void ProcessGroups::broadcast(torch::Tensor&) {}
std::vector<int> ProcessGroups::closed() { return {}; }

#endif

}  // namespace tinynas::train
