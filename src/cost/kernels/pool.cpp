#include "cost/kernels/family.h"
#include "cost/kernels/shapes.h"

namespace tinynas::cost {
namespace {

constexpr Bytes kPoolStruct = 20;
constexpr int kMostPoolWidth = 64;  // longer unrolled code would not pay

Bytes pool_scratch(const Graph& graph, const Layer& layer, KernelIsa) {
  return Bytes{4} * graph.in_shape(layer).c;
}
UnrolledInstructions pool_instructions(const UnrolledNumbers& numbers) {
  const int width = numbers[0];
  constexpr int kPerCall = 3, kPerTurn = 4;
  int sum = kPerTurn;
  for (int word = 0; word < width; ++word) {
    const bool shared = 4 * word / width != (4 * word + 3) / width;
    sum += shared ? 5 : 2;
  }
  return {.call = kPerCall, .once = sum + (width + 3) / 4};  // loads
}
constexpr UnrolledForm kPoolUnrolled = {.name = "pool", .numbers = 1, .instructions = pool_instructions};

/// Its number is the width.
std::optional<UnrolledCode> pool_code(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& in = graph.in_shape(layer);
  if (isa == KernelIsa::kPortable || in.c % 4 != 0 || in.w < 4 || in.w > kMostPoolWidth) return std::nullopt;
  return UnrolledCode{&kPoolUnrolled, {in.w}};
}

LayerWork global_pool_work(const Graph& graph, const Layer& layer, KernelIsa isa) {
  const ir::Shape& in = graph.in_shape(layer);
  LayerWork work;
  work[Term::kImage] = 1;
  work[Term::kRow] = in.h;
  work[Term::kLine] = double{1} * in.h * in.c;
  work[Term::kInput] = static_cast<double>(in.elements());
  work[Term::kOutput] = in.c;
  // Not by fours: means of one or two values, whose scale needs a shift, and channels left over.
  if (isa != KernelIsa::kPortable) work[Term::kTail] = in.h * in.w <= 2 ? in.c : in.c % 4;
  if (const auto code = pool_code(graph, layer, isa))
    work[Term::kCode] = double{1} * in.h * in.c / 4 * code->instructions().once;  // four planes at a time
  return work;
}

}  // namespace

std::span<const Kernel> pool_kernels() {
  static constexpr std::array kRows = {
      measured({.name = "tn_global_pool",
                .file = "tinynas_pool.c",
                .op = ir::OpKind::kGlobalAveragePool,
                .step = Step::kPool,
                .matches = reads_planar,
                .scratch_bytes = pool_scratch,
                .constant_bytes = struct_alone<kPoolStruct>,
                .work = global_pool_work,
                .unrolled = pool_code}),
  };
  return kRows;
}

}  // namespace tinynas::cost
