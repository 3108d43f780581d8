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
  with_row_passes(x, [&](const auto& passes, const auto& values) {
    tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
      passes.sum_squares(rows, channels, values(x) + first * channels, sums_row(&sums, task));
    });
  });
  return sums;
}

torch::Tensor finish(const torch::Tensor& h, const NormLine& line, bool relu6, const torch::Tensor& addend) {
  const int channels = channels_of(h);
  const torch::Tensor y = torch::empty_like(h);
  with_row_passes(h, [&](const auto& passes, const auto& values) {
    RowTasks(h).run([&](std::int64_t, std::int64_t first, std::int64_t rows) {
      const std::int64_t at = first * channels;
      passes.finish_forward(rows, channels, values(h) + at, norm_of(&line), after(relu6),
                            addend.defined() ? values(addend) + at : nullptr, values(y) + at);
    });
  });
  return y;
}

FinishBackward finish_backward(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& line,
                               bool relu6) {
  const int channels = channels_of(h);
  const RowTasks tasks(h);
  FinishBackward result{.g = relu6 ? torch::empty_like(h) : gradient,
                        .sums = zero_sums(tasks.count(), channels)};
  with_row_passes(h, [&](const auto& passes, const auto& values) {
    tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
      const std::int64_t at = first * channels;
      passes.finish_backward(rows, channels, values(h) + at, norm_of(&line), after(relu6),
                             values(gradient) + at, relu6 ? values(result.g) + at : nullptr,
                             sums_row(&result.sums, task));
    });
  });
  return result;
}

torch::Tensor before_norm(const torch::Tensor& g, const torch::Tensor& h, const GradientLine& line) {
  const int channels = channels_of(h);
  const torch::Tensor dx = torch::empty_like(h);
  with_row_passes(h, [&](const auto& passes, const auto& values) {
    RowTasks(h).run([&](std::int64_t, std::int64_t first, std::int64_t rows) {
      const std::int64_t at = first * channels;
      passes.before_norm(rows, channels, values(g) + at, values(h) + at, gradient_of(line), values(dx) + at);
    });
  });
  return dx;
}

}  // namespace tinynas::supernet
