#include "tinynas/engine/pack.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "engine/pack/packers.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::engine {
namespace {

constexpr std::array kFamilies = {
    conv_packers,
    conv_x16_packers,
    depthwise_packers,
    depthwise_tiles_packers,
    add_packers,
    pool_packers,
    pool_window_packers,
    mul_packers,
    concat_packers,
    resize_packers,
    softmax_packers,
    lookup_packers,
    depth_to_space_packers,
    move_packers,
    extreme_packers,
};

const Packer& packer_of(const cost::Kernel& kernel) {
  for (const auto family : kFamilies)
    for (const Packer& packer : family())
      if (packer.kernel == kernel.name) return packer;
  throw InternalError(fmt::format("kernel {} is in the register but has no packing", kernel.name));
}

/// Names of the code for a layer's sizes, as its header declares them.
UnrolledKernel unrolled_kernel(const cost::UnrolledCode& code) {
  const std::string_view name = code.form->name;
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const std::span numbers = std::span(code.numbers).first(code.form->numbers);
  return {.header = fmt::format("tinynas_{}_unrolled.h", name),
          .definition = fmt::format("TN_{}_UNROLLED({})", upper, fmt::join(numbers, ", ")),
          .value = fmt::format("TN_UNROLLED(tn_{}_{})", name, fmt::join(numbers, "_"))};
}

}  // namespace

PackedLayer pack_layer(const ir::Graph& graph, int layer, cost::KernelIsa isa) {
  if (!graph.quant)
    throw GraphError(fmt::format("{}: only a quantized graph can be packed; quantize it first",
                                 ir::describe_layer(graph, layer)));
  const ir::Layer& l = graph.layers[static_cast<std::size_t>(layer)];
  const cost::Kernel& kernel = cost::kernel_for(graph, l, isa);
  PackedLayer packed = packer_of(kernel).pack(graph, layer);
  packed.function = kernel.name;
  if (const auto code = kernel.unrolled(graph, l, isa)) packed.unrolled = unrolled_kernel(*code);
  return packed;
}

}  // namespace tinynas::engine
