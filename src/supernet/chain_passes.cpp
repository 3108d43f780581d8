#include "supernet/chain_passes.h"

namespace tinynas::supernet {
namespace {

kernels::After after(bool relu6) { return relu6 ? kernels::After::kRelu6 : kernels::After::kNothing; }
int channels_of(const torch::Tensor& x) { return static_cast<int>(x.size(1)); }

}  // namespace

PartialSums sums_of(const torch::Tensor& x) {
  const RowTasks tasks(x);
  const int channels = channels_of(x);
  PartialSums sums = zero_sums(tasks.count(), channels);
  tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
    kernels::table().sum_squares(rows, channels, read(x) + first * channels, sums_row(&sums, task));
  });
  return sums;
}

torch::Tensor finish(const torch::Tensor& h, const NormLine& line, bool relu6,
                     const torch::Tensor& residual) {
  const int channels = channels_of(h);
  const torch::Tensor y = empty_image(h.size(0), channels, h.size(2), h.size(3));
  RowTasks(h).run([&](std::int64_t, std::int64_t first, std::int64_t rows) {
    const std::int64_t at = first * channels;
    kernels::table().finish_forward(rows, channels, read(h) + at, norm_of(&line), after(relu6),
                                    residual.defined() ? read(residual) + at : nullptr, write(y) + at);
  });
  return y;
}

FinishBackward finish_backward(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& line,
                               bool relu6) {
  const int channels = channels_of(h);
  const RowTasks tasks(h);
  FinishBackward result{.g = relu6 ? torch::empty_like(h) : gradient,
                        .sums = zero_sums(tasks.count(), channels)};
  tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
    const std::int64_t at = first * channels;
    kernels::table().finish_backward(rows, channels, read(h) + at, norm_of(&line), after(relu6),
                                     read(gradient) + at, relu6 ? write(result.g) + at : nullptr,
                                     sums_row(&result.sums, task));
  });
  return result;
}

torch::Tensor before_norm(const torch::Tensor& g, const torch::Tensor& h, const GradientLine& line) {
  const int channels = channels_of(h);
  const torch::Tensor dx = torch::empty_like(h);
  RowTasks(h).run([&](std::int64_t, std::int64_t first, std::int64_t rows) {
    const std::int64_t at = first * channels;
    kernels::table().before_norm(rows, channels, read(g) + at, read(h) + at, gradient_of(line),
                                 write(dx) + at);
  });
  return dx;
}

}  // namespace tinynas::supernet
