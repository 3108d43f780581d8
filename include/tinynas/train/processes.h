#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>

#include "tinynas/core/progress.h"
#include "tinynas/supernet/tensors.h"
#include "tinynas/train/rendezvous.h"

namespace tinynas::train {

/// The processes of one training (c10d: Gloo on the CPU, NCCL between GPUs). Every process calls the same
/// operations in the same order. If one of them ends, hangs or fails, the others throw an InterruptedError
/// that names it.
class Processes {
 public:
  /// Returns when all have joined.
  explicit Processes(const Rendezvous& rendezvous);
  /// The first process lets the others go.
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  int rank() const;
  int size() const;
  bool is_first() const { return rank() == 0; }
  /// Among the processes on this machine.
  int local_rank() const;
  int local_size() const;

  /// Adds a tensor up over all processes, in place.
  void sum(torch::Tensor& tensor);
  /// Everybody's tensor becomes the first process's.
  void broadcast(torch::Tensor& tensor);
  /// For batch norm over all shares of a batch. Must not outlive this object.
  supernet::Peers peers();

  /// The first process tells the others what to do next (train/orders.h).
  void give_order(const std::string& order);
  /// The others wait for that, as long as it takes; nothing when the first process is done.
  std::optional<std::string> next_order(const StopToken& stop);
  /// What the others will read as the reason when this process ends.
  void report_failure(const std::string& reason) noexcept;

  /// Sent along with an order and still held by the others, so that it is not sent again.
  std::string held_images;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tinynas::train
