#include "cost/kernels/family.h"
#include "cost/kernels/values.h"
#include "tinynas/ir/add_multipliers.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kAddStruct = 20;

/// 0 before quantization.
int add_shift(const ir::Graph& graph, const ir::Layer& layer) {
  if (!graph.quant) return 0;
  return ir::make_add(graph, layer).shift;
}

UnrolledInstructions add_instructions(const UnrolledNumbers&) { return {.once = 9 + 2 * 22}; }
/// Its number is the shift.
constexpr UnrolledForm kAddUnrolled = {.name = "add", .numbers = 1, .instructions = add_instructions};

std::optional<UnrolledCode> add_code(const Graph& graph, const Layer& layer, KernelIsa isa) {
  if (isa != KernelIsa::kDsp) return std::nullopt;
  return UnrolledCode{&kAddUnrolled, {add_shift(graph, layer)}};
}

LayerWork add_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  LayerWork work = values_work(graph, layer);
  const int word = isa == KernelIsa::kMve ? 8 : 4;
  if (isa != KernelIsa::kPortable)
    add_words({graph.in_shape(layer).row_bytes(), double{1} * graph.out_shape(layer).h, word}, work);
  return work;
}

}  // namespace

std::span<const Kernel> add_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_add",
                .file = "tinynas_add.c",
                .op = ir::OpKind::kAdd,
                .step = Step::kTwoRows,
                .matches = reads_two_planar,
                .constant_bytes = struct_alone<kAddStruct>,
                .work = add_work,
                .unrolled = add_code}),
  };
  return kRows;
}

}  // namespace tinynas::cost
