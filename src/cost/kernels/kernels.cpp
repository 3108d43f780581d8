#include "tinynas/cost/kernels.h"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "cost/kernels/family.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"

namespace tinynas::cost {
namespace {

/// Kernels for vectors stand before those for any core.
constexpr std::array kFamilies = {
    conv_x16_kernels,
    depthwise_tiles_kernels,
    conv_kernels,
    depthwise_kernels,
    add_kernels,
    pool_kernels,
    pool_window_kernels,
    mul_kernels,
    concat_kernels,
    resize_kernels,
    softmax_kernels,
    lookup_kernels,
    depth_to_space_kernels,
    move_kernels,
    extreme_kernels,
};

}  // namespace

std::span<const Kernel> kernel_register() {
  static const std::vector<Kernel> all = [] {
    std::vector<Kernel> rows;
    for (const auto family : kFamilies) rows.insert(rows.end(), family().begin(), family().end());
    return rows;
  }();
  return all;
}

const Kernel& kernel_for(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  for (const Kernel& kernel : kernel_register())
    if (kernel.op == layer.op && kernel.least_isa <= isa && kernel.matches(graph, layer)) return kernel;
  // What its cores have no kernel for, those of better cores compute in portable C: weights that cannot be
  // paired.
  for (const Kernel& kernel : kernel_register())
    if (kernel.op == layer.op && kernel.matches(graph, layer)) return kernel;
  const auto index = static_cast<int>(&layer - graph.layers.data());
  throw UnsupportedError(fmt::format(
      "{}: the engine has no kernel for {} of the network's input, whose channels are interleaved; "
      "put a convolution or a pool before it",
      ir::describe_layer(graph, index), ir::layer_word(layer)));
}

}  // namespace tinynas::cost
