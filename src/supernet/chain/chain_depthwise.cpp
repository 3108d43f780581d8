#include "supernet/chain/chain_convolution.h"
#include "supernet/chain/pairwise_sum.h"

namespace tinynas::supernet {
namespace {

kernels::DepthwiseShape shape_of(const ChainLayer& layer, const torch::Tensor& x) {
  const auto h = static_cast<int>(x.size(2)), w = static_cast<int>(x.size(3)), pad = layer.kernel / 2;
  const auto output = [&](int in) { return (in + 2 * pad - layer.kernel) / layer.stride + 1; };
  return {.h = h,
          .w = w,
          .out_h = output(h),
          .out_w = output(w),
          .channels = static_cast<int>(x.size(1)),
          .kernel = layer.kernel,
          .stride = layer.stride,
          .pad = pad};
}

/// Calls copy(channel, tap, index in the packed weights) for all: [block][tap][channel of the block].
template <typename Copy>
void for_packed(std::int64_t channels, std::int64_t taps, const Copy& copy) {
  for (std::int64_t first = 0; first < channels; first += kernels::kDepthwiseChannels) {
    const std::int64_t lanes = std::min<std::int64_t>(kernels::kDepthwiseChannels, channels - first);
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t c = 0; c < lanes; ++c) copy(first + c, tap, first * taps + tap * lanes + c);
  }
}

/// A [C, 1, K, K] weight, any strides, packed.
torch::Tensor pack(const torch::Tensor& weight) {
  const std::int64_t channels = weight.size(0), k = weight.size(2);
  torch::Tensor packed = torch::empty({channels * k * k});
  const float* from = read(weight);
  float* to = write(packed);
  for_packed(channels, k * k, [&](std::int64_t c, std::int64_t tap, std::int64_t at) {
    to[at] = from[c * weight.stride(0) + tap / k * weight.stride(2) + tap % k * weight.stride(3)];
  });
  return packed;
}

torch::Tensor unpack(const torch::Tensor& packed, std::int64_t channels, std::int64_t k) {
  torch::Tensor weight = torch::empty({channels, 1, k, k});
  const float* from = read(packed);
  float* to = write(weight);
  for_packed(channels, k * k,
             [&](std::int64_t c, std::int64_t tap, std::int64_t at) { to[c * k * k + tap] = from[at]; });
  return weight;
}

std::int64_t taps(const kernels::DepthwiseShape& shape) { return std::int64_t{shape.kernel} * shape.kernel; }

}  // namespace

DepthwiseConvolution::DepthwiseConvolution(const ChainLayer& layer, const torch::Tensor& x)
    : images_(x.size(0)), shape_(shape_of(layer, x)), weight_(pack(layer.tensors.weight.detach())) {}

/// body(task of the kernels, where it stands in the batch, offset of its first value in x, in y).
template <typename Body>
void DepthwiseConvolution::for_tasks(const ConvolutionInput& input, const Body& body) const {
  const auto first_value = [&](const ChannelTasks::Task& task, int h, int w) {
    return task.first_image * h * w * shape_.channels + task.channel;
  };
  tasks().run([&](const ChannelTasks::Task& task) {
    const std::int64_t in_at = first_value(task, shape_.h, shape_.w);
    body(kernels::DepthwiseTask{.images = static_cast<int>(task.images),
                                .channels = static_cast<int>(task.channels),
                                .x = read(input.x) + in_at,
                                .x_norm = norm_of(input.norm, task.channel),
                                .weight = read(weight_) + task.channel * taps(shape_),
                                .scratch = scratch(kernels::table().depthwise_scratch(shape_))},
         task, in_at, first_value(task, shape_.out_h, shape_.out_w));
  });
}

torch::Tensor DepthwiseConvolution::forward(const ConvolutionInput& input, PartialSums* sums) const {
  const torch::Tensor y = empty_image(images_, shape_.channels, shape_.out_h, shape_.out_w);
  if (sums != nullptr) *sums = zero_sums(tasks().parts(), shape_.channels);
  for_tasks(input, [&](const kernels::DepthwiseTask& work, const ChannelTasks::Task& task, std::int64_t,
                       std::int64_t out_at) {
    kernels::table().depthwise_forward(shape_, work, write(y) + out_at,
                                       sums_row(sums, task.part, task.channel));
  });
  return y;
}

ConvolutionGradients DepthwiseConvolution::backward(const ConvolutionInput& input,
                                                    const OutputGradient& output, PartialSums* sums) const {
  const std::int64_t channels = shape_.channels, parts = tasks().parts();
  const torch::Tensor dx = torch::empty_like(input.x);
  const torch::Tensor weights = torch::zeros({parts, channels * taps(shape_)});
  if (sums != nullptr) *sums = zero_sums(parts, channels);
  for_tasks(input, [&](const kernels::DepthwiseTask& work, const ChannelTasks::Task& task, std::int64_t in_at,
                       std::int64_t out_at) {
    kernels::table().depthwise_backward(
        shape_, work,
        {.g = read(output.g) + out_at,
         .h = read(output.h) + out_at,
         .norm = gradient_of(output.line, task.channel),
         .weight_gradient = write(weights) + (task.part * channels + task.channel) * taps(shape_),
         .out = write(dx) + in_at},
        sums_row(sums, task.part, task.channel));
  });
  return {.x = dx, .weight = unpack(pairwise_sum(weights), channels, shape_.kernel)};
}

}  // namespace tinynas::supernet
