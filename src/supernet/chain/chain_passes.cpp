#include "supernet/chain/chain_passes.h"

namespace tinynas::supernet {
namespace {

kernels::After after(ChainEnd end) { return end.relu6 ? kernels::After::kRelu6 : kernels::After::kNothing; }
int channels_of(const torch::Tensor& x) { return static_cast<int>(x.size(1)); }

torch::Tensor empty_pooled(const torch::Tensor& x) {
  return torch::empty({x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2},
                      x.options().memory_format(torch::MemoryFormat::ChannelsLast));
}

/// The images of one of RowTasks' tasks, and where they begin in x and in what x is pooled to.
struct PoolTask {
  kernels::PoolShape shape;
  std::int64_t at, pooled_at;
  PoolTask(const torch::Tensor& x, const torch::Tensor& pooled, std::int64_t task) {
    const RowTasks tasks(x);
    const std::int64_t first = task * tasks.images_each;
    shape = {.images = std::min(tasks.images_each, tasks.images - first),
             .h = static_cast<int>(x.size(2)),
             .w = static_cast<int>(x.size(3)),
             .channels = channels_of(x)};
    at = first * x.size(1) * x.size(2) * x.size(3);
    pooled_at = first * pooled.size(1) * pooled.size(2) * pooled.size(3);
  }
};

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

torch::Tensor finish(const torch::Tensor& h, const NormLine& line, ChainEnd end,
                     const torch::Tensor& addend) {
  const int channels = channels_of(h);
  const torch::Tensor y = end.pooled ? empty_pooled(h) : torch::empty_like(h);
  with_row_passes(h, [&](const auto& passes, const auto& values) {
    RowTasks(h).run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
      if (end.pooled) {
        const PoolTask pool(h, y, task);
        return passes.pool_forward(pool.shape, values(h) + pool.at, norm_of(&line), after(end),
                                   values(y) + pool.pooled_at);
      }
      const std::int64_t at = first * channels;
      passes.finish_forward(rows, channels, values(h) + at, norm_of(&line), after(end),
                            addend.defined() ? values(addend) + at : nullptr, values(y) + at);
    });
  });
  return y;
}

PartialSums finish_backward(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& line,
                            ChainEnd end, torch::Tensor* g) {
  const int channels = channels_of(h);
  const RowTasks tasks(h);
  const bool writes = g != nullptr && end.relu6;
  if (g != nullptr) *g = writes ? torch::empty_like(h) : gradient;
  PartialSums sums = zero_sums(tasks.count(), channels);
  with_row_passes(h, [&](const auto& passes, const auto& values) {
    tasks.run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
      if (end.pooled) {
        const PoolTask pool(h, gradient, task);
        return passes.pool_sums(pool.shape, values(h) + pool.at, norm_of(&line), after(end),
                                values(gradient) + pool.pooled_at, sums_row(&sums, task));
      }
      const std::int64_t at = first * channels;
      passes.finish_backward(rows, channels, values(h) + at, norm_of(&line), after(end),
                             values(gradient) + at, writes ? values(*g) + at : nullptr,
                             sums_row(&sums, task));
    });
  });
  return sums;
}

torch::Tensor before_norm(const torch::Tensor& gradient, const torch::Tensor& h, const NormLine& norm,
                          ChainEnd end, const GradientLine& line) {
  const int channels = channels_of(h);
  const torch::Tensor dx = torch::empty_like(h);
  with_row_passes(h, [&](const auto& passes, const auto& values) {
    RowTasks(h).run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
      if (end.pooled) {
        const PoolTask pool(h, gradient, task);
        return passes.pool_before_norm(pool.shape, values(h) + pool.at, norm_of(&norm), after(end),
                                       values(gradient) + pool.pooled_at, gradient_of(line),
                                       values(dx) + pool.at);
      }
      const std::int64_t at = first * channels;
      passes.before_norm(rows, channels, values(h) + at, norm_of(&norm), after(end), values(gradient) + at,
                         gradient_of(line), values(dx) + at);
    });
  });
  return dx;
}

}  // namespace tinynas::supernet
