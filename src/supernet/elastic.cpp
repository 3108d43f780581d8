#include "tinynas/supernet/elastic.h"

#include <fmt/format.h>

#include "tinynas/core/error.h"

namespace tinynas::supernet {
namespace {

/// Along dimension `dim`, `length` entries from `start`; the tensor itself when that is all of it.
torch::Tensor part_of(const torch::Tensor& tensor, std::int64_t dim, std::int64_t start,
                      std::int64_t length) {
  if (start < 0 || start + length > tensor.size(dim))
    throw ConfigError(
        fmt::format("elastic part: {} of {} in dimension {}; it is larger than the shared layer", length,
                    tensor.size(dim), dim));
  return length == tensor.size(dim) ? tensor : tensor.narrow(dim, start, length);
}

torch::Tensor first(const torch::Tensor& tensor, std::int64_t length) {
  return tensor.defined() ? part_of(tensor, 0, 0, length) : tensor;
}

torch::Tensor weight_part(const torch::Tensor& weight, const LayerSize& size) {
  torch::Tensor part = first(weight, size.out);
  // A depthwise weight has one "in" channel however many channels the layer has.
  if (weight.size(1) > 1) part = part_of(part, 1, 0, size.in);
  for (std::int64_t dim = 2; dim < weight.dim(); ++dim)
    part = part_of(part, dim, (weight.size(dim) - size.kernel) / 2, size.kernel);
  return part;
}

}  // namespace

LayerTensors elastic_part(const LayerTensors& shared, const LayerSize& size) {
  if (!shared.weight.defined()) return {};
  return {.weight = weight_part(shared.weight, size),
          .bias = first(shared.bias, size.out),
          .gamma = first(shared.gamma, size.out),
          .beta = first(shared.beta, size.out),
          .mean = {},
          .variance = {}};
}

}  // namespace tinynas::supernet
