#include "cost/kernels/family.h"
#include "cost/kernels/values.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kDepthToSpaceStruct = 8;

LayerWork depth_to_space_work(const Graph& graph, const Layer& layer, KernelIsa) {
  return values_work(graph, layer);
}

}  // namespace

std::span<const Kernel> depth_to_space_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_depth_to_space",
                .file = "tinynas_depth_to_space.c",
                .op = ir::OpKind::kDepthToSpace,
                .step = Step::kRow,
                .matches = reads_planar,
                .constant_bytes = struct_alone<kDepthToSpaceStruct>,
                .work = depth_to_space_work}),
  };
  return kRows;
}

}  // namespace tinynas::cost
