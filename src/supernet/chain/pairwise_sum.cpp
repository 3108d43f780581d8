#include "supernet/chain/pairwise_sum.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "tinynas/core/error.h"

namespace tinynas::supernet {
namespace {

/// Values of a row added at a time: 16 rows of them fit the L1 cache.
constexpr std::int64_t kColumns = 256;

/// Adds `rows` rows, `stride` apart, of `count` values each; the sum replaces the first.
void add_rows(float* first, std::int64_t rows, std::int64_t stride, std::int64_t count) {
  if (rows == 1) return;
  if (rows == 4) {  // the same tree, written once
    const float *b = first + stride, *c = b + stride, *d = c + stride;
    for (std::int64_t i = 0; i < count; ++i) first[i] = (first[i] + b[i]) + (c[i] + d[i]);
    return;
  }
  const std::int64_t half = rows / 2;
  float* second = first + half * stride;
  add_rows(first, half, stride, count);
  add_rows(second, rows - half, stride, count);
  for (std::int64_t i = 0; i < count; ++i) first[i] += second[i];
}

}  // namespace

torch::Tensor pairwise_sum(const torch::Tensor& parts) {
  TINYNAS_CHECK(parts.is_contiguous() && parts.scalar_type() == torch::kFloat && parts.size(0) > 0,
                "parts are whole rows of floats");
  const std::int64_t rows = parts.size(0), values = parts.numel() / rows;
  float* first = parts.data_ptr<float>();
  const std::int64_t blocks = (values + kColumns - 1) / kColumns;
  at::parallel_for(0, blocks, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      const std::int64_t from = block * kColumns;
      add_rows(first + from, rows, values, std::min(kColumns, values - from));
    }
  });
  return parts[0];
}

}  // namespace tinynas::supernet
