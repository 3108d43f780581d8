#pragma once

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "supernet/chain/chain_kernels.h"

/// How the kernels' work on a batch is cut into tasks for threads, by shapes alone.
namespace tinynas::supernet {

/// A depthwise task takes this many images, a pointwise one at least this many and about this many pixels:
/// enough that its partial sums cost little, few enough that 2 to 8 threads share a batch evenly. All are
/// powers of two, so that processes whose shares of a batch are multiples of kMostTaskImages cut them as one
/// process cuts the whole.
constexpr std::int64_t kTaskImages = 8;
constexpr std::int64_t kMostTaskImages = 32;
constexpr std::int64_t kTaskPixels = 512;

inline std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

inline const float* read(const torch::Tensor& tensor) { return tensor.data_ptr<float>(); }
inline float* write(const torch::Tensor& tensor) { return tensor.data_ptr<float>(); }

/// Calls body(passes over rows, pointer) with what x's values are kept as; pointer(tensor) is to such values.
template <typename Body>
void with_row_passes(const torch::Tensor& x, const Body& body) {
  if (x.scalar_type() == torch::kBFloat16)
    body(kernels::table().bfloat_rows, [](const torch::Tensor& tensor) {
      return reinterpret_cast<kernels::Bfloat16*>(tensor.data_ptr<at::BFloat16>());
    });
  else
    body(kernels::table().rows, [](const torch::Tensor& tensor) { return write(tensor); });
}

inline torch::Tensor empty_image(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  return torch::empty({n, c, h, w}, torch::TensorOptions().memory_format(torch::MemoryFormat::ChannelsLast));
}

/// Per-channel sums over the batch, one row of partial sums per task: [tasks, 2, C].
using PartialSums = torch::Tensor;

inline PartialSums zero_sums(std::int64_t tasks, std::int64_t channels) {
  return torch::zeros({tasks, 2, channels});
}

/// Row `task` from `channel` on; nowhere if no sums are wanted.
inline kernels::Sums sums_row(const PartialSums* sums, std::int64_t task, std::int64_t channel = 0) {
  if (sums == nullptr) return {};
  const std::int64_t channels = sums->size(2);
  float* first = write(*sums) + task * 2 * channels + channel;
  return {.first = first, .second = first + channels};
}

/// Scratch of this thread, kept for the next task, on a cache line.
inline float* scratch(std::size_t floats) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  thread_local std::vector<float> memory;
  if (memory.size() < floats + kLine) memory.resize(floats + kLine);
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  return memory.data() + (64 - address % 64) % 64 / sizeof(float);
}

/// Calls body(task) for all on LibTorch's threads.
template <typename Body>
void run_tasks(std::int64_t tasks, const Body& body) {
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) body(task);
  });
}

/// Pixels of whole images: rows [first, first + rows) of a [N * H * W, C] array.
struct RowTasks {
  std::int64_t images_each, images, pixels;
  explicit RowTasks(const torch::Tensor& x)
      : images_each(images_for(x.size(2) * x.size(3))), images(x.size(0)), pixels(x.size(2) * x.size(3)) {}
  static std::int64_t images_for(std::int64_t pixels) {
    std::int64_t images = kTaskImages;
    while (images < kMostTaskImages && images * pixels < kTaskPixels) images *= 2;
    return images;
  }
  std::int64_t count() const { return divide_up(images, images_each); }
  /// body(task, first row, rows)
  template <typename Body>
  void run(const Body& body) const {
    run_tasks(count(), [&](std::int64_t task) {
      const std::int64_t first = task * images_each;
      body(task, first * pixels, std::min(images_each, images - first) * pixels);
    });
  }
};

/// Some images times a block of channels.
struct ChannelTasks {
  std::int64_t images, channels;
  std::int64_t parts() const { return divide_up(images, kTaskImages); }
  struct Task {
    std::int64_t part, first_image, images, channel, channels;
  };
  template <typename Body>
  void run(const Body& body) const {
    constexpr std::int64_t kBlock = kernels::kDepthwiseChannels;
    const std::int64_t blocks = divide_up(channels, kBlock);
    run_tasks(parts() * blocks, [&](std::int64_t task) {
      const std::int64_t first = task / blocks * kTaskImages, channel = task % blocks * kBlock;
      body(Task{.part = task / blocks,
                .first_image = first,
                .images = std::min(kTaskImages, images - first),
                .channel = channel,
                .channels = std::min(kBlock, channels - channel)});
    });
  }
};

}  // namespace tinynas::supernet
