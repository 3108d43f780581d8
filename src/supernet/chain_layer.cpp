#include "supernet/chain_layer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "supernet/chain_kernels.h"
#include "tinynas/ir/weights.h"

namespace tinynas::supernet {
namespace {

/// A depthwise task takes this many images, a pointwise one at least this many and this many pixels: enough
/// that its partial sums cost little, few enough that 2 to 8 threads share a batch evenly.
constexpr std::int64_t kTaskImages = 8;
constexpr std::int64_t kTaskPixels = 512;

torch::Tensor empty_image(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  return torch::empty({n, c, h, w}, torch::TensorOptions().memory_format(torch::MemoryFormat::ChannelsLast));
}

const float* read(const torch::Tensor& tensor) { return tensor.data_ptr<float>(); }
float* write(const torch::Tensor& tensor) { return tensor.data_ptr<float>(); }

kernels::Norm norm_of(const NormLine* line, std::int64_t channel = 0) {
  if (line == nullptr) return {};
  return {.scale = read(line->scale) + channel, .shift = read(line->shift) + channel};
}

/// Row `task` of partial sums [tasks, 2, C].
kernels::Sums sums_row(const PartialSums* sums, std::int64_t task, std::int64_t channel = 0) {
  if (sums == nullptr) return {};
  const std::int64_t channels = sums->size(2);
  float* first = write(*sums) + task * 2 * channels + channel;
  return {.first = first, .second = first + channels};
}

/// Scratch of this thread, kept for the next task, on a cache line.
float* scratch(std::size_t floats) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  thread_local std::vector<float> memory;
  if (memory.size() < floats + kLine) memory.resize(floats + kLine);
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  return memory.data() + (64 - address % 64) % 64 / sizeof(float);
}

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Pointwise work is split by images: pixels [first, first + count) of task t.
struct RowTasks {
  std::int64_t images_each, images, pixels;
  RowTasks(std::int64_t n, std::int64_t image_pixels)
      : images_each(std::max(kTaskImages, divide_up(kTaskPixels, image_pixels))),
        images(n),
        pixels(image_pixels) {}
  std::int64_t count() const { return divide_up(images, images_each); }
  std::int64_t first(std::int64_t task) const { return task * images_each * pixels; }
  std::int64_t rows(std::int64_t task) const {
    return std::min(images_each, images - task * images_each) * pixels;
  }
  template <typename Body>
  void run(const Body& body) const {
    at::parallel_for(0, count(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) body(task, first(task), rows(task));
    });
  }
};
RowTasks rows_of(const torch::Tensor& x) { return {x.size(0), x.size(2) * x.size(3)}; }

/// Depthwise work is split by images and blocks of channels.
template <typename Body>
void run_depthwise_tasks(std::int64_t n, std::int64_t channels, const Body& body) {
  const std::int64_t blocks = divide_up(channels, kernels::kDepthwiseChannels);
  at::parallel_for(0, divide_up(n, kTaskImages) * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t part = task / blocks, channel = task % blocks * kernels::kDepthwiseChannels;
      kernels::DepthwiseTask work;
      work.images = static_cast<int>(std::min(kTaskImages, n - part * kTaskImages));
      work.channels =
          static_cast<int>(std::min<std::int64_t>(kernels::kDepthwiseChannels, channels - channel));
      body(work, part, channel);
    }
  });
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
torch::Tensor pack_depthwise(const torch::Tensor& weight) {
  const std::int64_t channels = weight.size(0), k = weight.size(2);
  torch::Tensor packed = torch::empty({channels * k * k});
  const float* from = read(weight);
  float* to = write(packed);
  for_packed(channels, k * k, [&](std::int64_t c, std::int64_t tap, std::int64_t at) {
    to[at] = from[c * weight.stride(0) + tap / k * weight.stride(2) + tap % k * weight.stride(3)];
  });
  return packed;
}

torch::Tensor unpack_depthwise(const torch::Tensor& packed, std::int64_t channels, std::int64_t k) {
  torch::Tensor weight = torch::empty({channels, 1, k, k});
  const float* from = read(packed);
  float* to = write(weight);
  for_packed(channels, k * k,
             [&](std::int64_t c, std::int64_t tap, std::int64_t at) { to[c * k * k + tap] = from[at]; });
  return weight;
}

kernels::DepthwiseShape shape_of(std::int64_t channels, std::int64_t h, std::int64_t w, std::int64_t out_h,
                                 std::int64_t out_w, int kernel, int stride) {
  return {.h = static_cast<int>(h),
          .w = static_cast<int>(w),
          .out_h = static_cast<int>(out_h),
          .out_w = static_cast<int>(out_w),
          .channels = static_cast<int>(channels),
          .kernel = kernel,
          .stride = stride,
          .pad = kernel / 2};
}

kernels::NormGradient line_of(const ChainConvolution::GradientLine& line, std::int64_t channel = 0) {
  return {.a = read(line.a) + channel, .b = read(line.b) + channel, .d = read(line.d) + channel};
}

torch::Tensor empty_doubles(std::int64_t n) { return torch::empty({n}, torch::kDouble); }

/// Both sums of channel c over all tasks, in their order.
std::pair<double, double> total(const PartialSums& sums, std::int64_t c) {
  const std::int64_t channels = sums.size(2);
  const float* at = read(sums) + c;
  double first = 0, second = 0;
  for (std::int64_t task = 0; task < sums.size(0); ++task, at += 2 * channels) {
    first += at[0];
    second += at[channels];
  }
  return {first, second};
}

}  // namespace

ChainConvolution::ChainConvolution(const ChainLayer& layer, const torch::Tensor& x)
    : depthwise_(layer.kind == ChainLayer::Kind::kDepthwise),
      kernel_(layer.kernel),
      stride_(layer.stride),
      n_(x.size(0)),
      in_(x.size(1)),
      h_(x.size(2)),
      w_(x.size(3)),
      out_(layer.tensors.weight.size(0)) {
  const auto output = [&](std::int64_t in) { return (in + 2 * (kernel_ / 2) - kernel_) / stride_ + 1; };
  out_h_ = depthwise_ ? output(h_) : h_;
  out_w_ = depthwise_ ? output(w_) : w_;
  const torch::Tensor weight = layer.tensors.weight.detach();
  weight_ = depthwise_ ? pack_depthwise(weight)
                       : weight.reshape({out_, in_}).contiguous(torch::MemoryFormat::Contiguous);
}

torch::Tensor ChainConvolution::forward(const torch::Tensor& x, const NormLine* x_norm,
                                        PartialSums* sums) const {
  return depthwise_ ? forward_depthwise(x, x_norm, sums) : forward_pointwise(x, x_norm, sums);
}

torch::Tensor ChainConvolution::forward_depthwise(const torch::Tensor& x, const NormLine* x_norm,
                                                  PartialSums* sums) const {
  const torch::Tensor y = empty_image(n_, out_, out_h_, out_w_);
  if (sums != nullptr) *sums = torch::zeros({divide_up(n_, kTaskImages), 2, out_});
  const auto shape = shape_of(out_, h_, w_, out_h_, out_w_, kernel_, stride_);
  run_depthwise_tasks(n_, out_, [&](kernels::DepthwiseTask task, std::int64_t part, std::int64_t channel) {
    task.x = read(x) + part * kTaskImages * h_ * w_ * in_ + channel;
    task.x_norm = norm_of(x_norm, channel);
    task.weight = read(weight_) + channel * kernel_ * kernel_;
    task.scratch = scratch(kernels::depthwise_scratch(shape));
    kernels::depthwise_forward(shape, task, write(y) + part * kTaskImages * out_h_ * out_w_ * out_ + channel,
                               sums_row(sums, part, channel));
  });
  return y;
}

torch::Tensor ChainConvolution::forward_pointwise(const torch::Tensor& x, const NormLine* x_norm,
                                                  PartialSums* sums) const {
  const torch::Tensor y = empty_image(n_, out_, out_h_, out_w_);
  const torch::Tensor transposed = weight_.t().contiguous();
  const RowTasks tasks = rows_of(x);
  if (sums != nullptr) *sums = torch::zeros({tasks.count(), 2, out_});
  tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
    const kernels::PointwiseTask work{.rows = rows,
                                      .in = static_cast<int>(in_),
                                      .out = static_cast<int>(out_),
                                      .x = read(x) + first * in_,
                                      .x_norm = norm_of(x_norm),
                                      .weight = read(transposed),
                                      .scratch = scratch(kernels::pointwise_scratch(in_, out_))};
    kernels::pointwise_forward(work, write(y) + first * out_, sums_row(sums, task));
  });
  return y;
}

ChainConvolution::Result ChainConvolution::backward(const torch::Tensor& x, const NormLine* x_norm,
                                                    const torch::Tensor& g, const torch::Tensor& y,
                                                    const GradientLine& line, PartialSums* sums) const {
  return depthwise_ ? backward_depthwise(x, x_norm, g, y, line, sums)
                    : backward_pointwise(x, x_norm, g, y, line, sums);
}

ChainConvolution::Result ChainConvolution::backward_depthwise(const torch::Tensor& x, const NormLine* x_norm,
                                                              const torch::Tensor& g, const torch::Tensor& y,
                                                              const GradientLine& line,
                                                              PartialSums* sums) const {
  const torch::Tensor dx = empty_image(n_, in_, h_, w_);
  const std::int64_t parts = divide_up(n_, kTaskImages), taps = std::int64_t{kernel_} * kernel_;
  const torch::Tensor weights = torch::zeros({parts, out_ * taps});
  if (sums != nullptr) *sums = torch::zeros({parts, 2, in_});
  const auto shape = shape_of(out_, h_, w_, out_h_, out_w_, kernel_, stride_);
  run_depthwise_tasks(n_, out_, [&](kernels::DepthwiseTask task, std::int64_t part, std::int64_t channel) {
    const std::int64_t in_at = part * kTaskImages * h_ * w_ * in_ + channel;
    const std::int64_t out_at = part * kTaskImages * out_h_ * out_w_ * out_ + channel;
    task.x = read(x) + in_at;
    task.x_norm = norm_of(x_norm, channel);
    task.weight = read(weight_) + channel * taps;
    task.scratch = scratch(kernels::depthwise_scratch(shape));
    kernels::depthwise_backward(shape, task,
                                {.g = read(g) + out_at,
                                 .h = read(y) + out_at,
                                 .norm = line_of(line, channel),
                                 .weight_gradient = write(weights) + (part * out_ + channel) * taps,
                                 .out = write(dx) + in_at},
                                sums_row(sums, part, channel));
  });
  return {.x = dx, .weight = unpack_depthwise(weights.sum(0), out_, kernel_)};
}

ChainConvolution::Result ChainConvolution::backward_pointwise(const torch::Tensor& x, const NormLine* x_norm,
                                                              const torch::Tensor& g, const torch::Tensor& y,
                                                              const GradientLine& line,
                                                              PartialSums* sums) const {
  const torch::Tensor dx = empty_image(n_, in_, h_, w_);
  const RowTasks tasks = rows_of(x);
  const torch::Tensor weights = torch::zeros({tasks.count(), out_, in_});
  if (sums != nullptr) *sums = torch::zeros({tasks.count(), 2, in_});
  tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
    const kernels::PointwiseTask work{.rows = rows,
                                      .in = static_cast<int>(in_),
                                      .out = static_cast<int>(out_),
                                      .x = read(x) + first * in_,
                                      .x_norm = norm_of(x_norm),
                                      .weight = read(weight_),
                                      .scratch = scratch(kernels::pointwise_scratch(in_, out_))};
    kernels::pointwise_backward(work,
                                {.g = read(g) + first * out_,
                                 .h = read(y) + first * out_,
                                 .norm = line_of(line),
                                 .weight_gradient = write(weights) + task * out_ * in_,
                                 .out = write(dx) + first * in_},
                                sums_row(sums, task));
  });
  return {.x = dx, .weight = weights.sum(0).reshape({out_, in_, 1, 1})};
}

// Loops over channels, not tensor operations: a network of 50 layers would otherwise call 2,000 of them a
// step.

Moments moments_of(const PartialSums& sums, double count) {
  const std::int64_t channels = sums.size(2);
  Moments moments{.mean = empty_doubles(channels), .variance = empty_doubles(channels), .count = count};
  double* mean = moments.mean.data_ptr<double>();
  double* variance = moments.variance.data_ptr<double>();
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto [sum, squares] = total(sums, c);
    mean[c] = sum / count;
    variance[c] = std::max(squares / count - mean[c] * mean[c], 0.0);
  }
  return moments;
}

NormLine norm_line(const Moments& moments, const LayerTensors& tensors) {
  const torch::Tensor mean = moments.mean.to(torch::kDouble), variance = moments.variance.to(torch::kDouble);
  const std::int64_t channels = mean.numel();
  NormLine line{.scale = torch::empty({channels}),
                .shift = torch::empty({channels}),
                .mean = mean,
                .inverse_deviation = empty_doubles(channels)};
  const float* gamma = read(tensors.gamma);
  const float* beta = read(tensors.beta);
  double* inverse = line.inverse_deviation.data_ptr<double>();
  for (std::int64_t c = 0; c < channels; ++c) {
    inverse[c] = 1 / std::sqrt(variance.data_ptr<double>()[c] + static_cast<double>(ir::kBatchNormEpsilon));
    const double scale = gamma[c] * inverse[c];
    write(line.scale)[c] = static_cast<float>(scale);
    write(line.shift)[c] = static_cast<float>(beta[c] - mean.data_ptr<double>()[c] * scale);
  }
  return line;
}

NormBackward norm_backward(const PartialSums& sums, double count, const torch::Tensor& gamma,
                           const NormLine& line) {
  const std::int64_t channels = sums.size(2);
  const auto empty = [&] { return torch::empty({channels}); };
  NormBackward result{.line = {.a = empty(), .b = empty(), .d = empty()}, .gamma = empty(), .beta = empty()};
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto [sum, product] = total(sums, c);
    const double mean = line.mean.data_ptr<double>()[c],
                 inverse = line.inverse_deviation.data_ptr<double>()[c];
    const double gamma_gradient = inverse * (product - mean * sum);
    const double a = read(gamma)[c] * inverse;
    const double b = -a * inverse * gamma_gradient / count;
    write(result.line.a)[c] = static_cast<float>(a);
    write(result.line.b)[c] = static_cast<float>(b);
    write(result.line.d)[c] = static_cast<float>(-a * sum / count - b * mean);
    write(result.gamma)[c] = static_cast<float>(gamma_gradient);
    write(result.beta)[c] = static_cast<float>(sum);
  }
  return result;
}

PartialSums sums_of(const torch::Tensor& x) {
  const RowTasks tasks = rows_of(x);
  const std::int64_t channels = x.size(1);
  PartialSums sums = torch::zeros({tasks.count(), 2, channels});
  tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
    kernels::sum_squares(rows, static_cast<int>(channels), read(x) + first * channels, sums_row(&sums, task));
  });
  return sums;
}

torch::Tensor finish(const torch::Tensor& h, const NormLine& line, bool relu6,
                     const torch::Tensor& residual) {
  const std::int64_t channels = h.size(1);
  const torch::Tensor y = empty_image(h.size(0), channels, h.size(2), h.size(3));
  rows_of(h).run([&](std::int64_t, std::int64_t first, std::int64_t rows) {
    const std::int64_t at = first * channels;
    kernels::finish_forward(rows, static_cast<int>(channels), read(h) + at, norm_of(&line),
                            relu6 ? kernels::After::kRelu6 : kernels::After::kNothing,
                            residual.defined() ? read(residual) + at : nullptr, write(y) + at);
  });
  return y;
}

FinishBackward finish_backward(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& line,
                               bool relu6) {
  const std::int64_t channels = h.size(1);
  const RowTasks tasks = rows_of(h);
  FinishBackward result{.g = relu6 ? torch::empty_like(h) : gradient,
                        .sums = torch::zeros({tasks.count(), 2, channels})};
  tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
    const std::int64_t at = first * channels;
    kernels::finish_backward(rows, static_cast<int>(channels), read(h) + at, norm_of(&line),
                             relu6 ? kernels::After::kRelu6 : kernels::After::kNothing, read(gradient) + at,
                             relu6 ? write(result.g) + at : nullptr, sums_row(&result.sums, task));
  });
  return result;
}

torch::Tensor before_norm(const torch::Tensor& g, const torch::Tensor& h,
                          const ChainConvolution::GradientLine& line) {
  const std::int64_t channels = h.size(1);
  const torch::Tensor dx = torch::empty_like(h);
  rows_of(h).run([&](std::int64_t, std::int64_t first, std::int64_t rows) {
    const std::int64_t at = first * channels;
    kernels::before_norm(rows, static_cast<int>(channels), read(g) + at, read(h) + at, line_of(line),
                         write(dx) + at);
  });
  return dx;
}

}  // namespace tinynas::supernet
