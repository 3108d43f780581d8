#include "space/blocks.h"

#include <array>

namespace tinynas::space {
namespace {

/// Every channel times a share of 0..1 that follows from the means of all channels (arXiv:1709.01507 section
/// 3; the gate is that of MobileNetV3, arXiv:1905.02244 section 5.3).
int squeeze_excite(ir::Builder& to, int in, int squeezed) {
  int t = to.global_pool(in, "squeeze.pool");
  t = to.dense(t, squeezed, {.activation = ir::Activation::kRelu, .name = "squeeze"});
  t = to.dense(t, to.channels(in), {.name = "excite"});
  t = to.function(t, ir::Function::kHardSigmoid, "excite.gate");
  return to.mul(in, t, {.name = "excite.scale"});
}

int project(ir::Builder& to, int in, const BlockShape& shape) {
  const int t = shape.squeezed > 0 ? squeeze_excite(to, in, shape.squeezed) : in;
  return to.conv(t, shape.out, {.name = "project"});
}

int write_inverted_residual(ir::Builder& to, int in, const BlockShape& shape) {
  const ir::Activation inside = activation_inside(shape.function);
  int t = in;
  if (shape.middle != to.channels(in)) {
    t = to.conv(t, shape.middle, {.activation = inside, .name = "expand"});
    t = function_behind(to, t, shape.function, "expand.function");
  }
  t = to.depthwise(
      t, {.kernel = shape.kernel, .stride = shape.stride, .activation = inside, .name = "depthwise"});
  return project(to, function_behind(to, t, shape.function, "depthwise.function"), shape);
}

int write_fused_inverted_residual(ir::Builder& to, int in, const BlockShape& shape) {
  const int t = to.conv(in, shape.middle,
                        {.kernel = shape.kernel,
                         .stride = shape.stride,
                         .activation = activation_inside(shape.function),
                         .name = "expand"});
  return project(to, function_behind(to, t, shape.function, "expand.function"), shape);
}

int write_convolution(ir::Builder& to, int in, const BlockShape& shape) {
  int t = to.conv(
      in, shape.out,
      {.kernel = shape.kernel, .activation = activation_inside(shape.function), .name = "convolution"});
  t = function_behind(to, t, shape.function, "convolution.function");
  if (shape.stride == 1) return t;
  return to.max_pool(
      t, {.kernel = shape.stride, .stride = shape.stride, .padding = ir::Padding::kNone, .name = "pool"});
}

constexpr std::array kBlocks = {
    BlockRow{
        .block = Block::kInvertedResidual, .name = "inverted_residual", .write = write_inverted_residual},
    BlockRow{.block = Block::kFusedInvertedResidual,
             .name = "fused_inverted_residual",
             .write = write_fused_inverted_residual},
    BlockRow{.block = Block::kConvolution,
             .name = "convolution",
             .expands = false,
             .pools = true,
             .write = write_convolution},
};
static_assert(kBlocks.size() == static_cast<std::size_t>(Block::kCount), "one row per Block");

}  // namespace

std::span<const BlockRow> block_rows() { return kBlocks; }

}  // namespace tinynas::space
