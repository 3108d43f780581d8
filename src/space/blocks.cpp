#include "space/blocks.h"

#include <array>

namespace tinynas::space {
namespace {

int project(ir::Builder& to, int in, const BlockShape& shape) {
  return to.conv(in, shape.out, {.name = "project"});
}

int write_inverted_residual(ir::Builder& to, int in, const BlockShape& shape) {
  int t = in;
  if (shape.middle != to.channels(in)) t = to.conv(t, shape.middle, {.activation = kRelu6, .name = "expand"});
  t = to.depthwise(
      t, {.kernel = shape.kernel, .stride = shape.stride, .activation = kRelu6, .name = "depthwise"});
  return project(to, t, shape);
}

int write_fused_inverted_residual(ir::Builder& to, int in, const BlockShape& shape) {
  const int expanded =
      to.conv(in, shape.middle,
              {.kernel = shape.kernel, .stride = shape.stride, .activation = kRelu6, .name = "expand"});
  return project(to, expanded, shape);
}

int write_convolution(ir::Builder& to, int in, const BlockShape& shape) {
  const int t = to.conv(in, shape.out, {.kernel = shape.kernel, .activation = kRelu6, .name = "convolution"});
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
