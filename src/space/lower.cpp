#include "tinynas/space/lower.h"

#include <fmt/format.h>

#include <algorithm>

#include "space/choices.h"
#include "tinynas/ir/builder.h"

namespace tinynas::space {
namespace {

constexpr ir::Activation kRelu6 = ir::Activation::kRelu6;

struct BlockChoice {
  Block block = Block::kInvertedResidual;
  int middle = 0, out = 0, kernel = 3, stride = 1;
};

/// Expand and project 1x1, or one convolution, and the input added where the shape allows it.
int write_block(ir::Builder& to, int in, const BlockChoice& block) {
  int t = in;
  if (block.block == Block::kConvolution) {
    t = to.conv(t, block.out, {.kernel = block.kernel, .activation = kRelu6, .name = "convolution"});
    if (block.stride > 1)
      t = to.max_pool(
          t, {.kernel = block.stride, .stride = block.stride, .padding = ir::Padding::kNone, .name = "pool"});
  } else if (block.block == Block::kFusedInvertedResidual) {
    t = to.conv(t, block.middle,
                {.kernel = block.kernel, .stride = block.stride, .activation = kRelu6, .name = "expand"});
  } else {
    if (block.middle != to.channels(in))
      t = to.conv(t, block.middle, {.activation = kRelu6, .name = "expand"});
    t = to.depthwise(
        t, {.kernel = block.kernel, .stride = block.stride, .activation = kRelu6, .name = "depthwise"});
  }
  if (block.block != Block::kConvolution) t = to.conv(t, block.out, {.name = "project"});
  if (block.stride == 1 && block.out == to.channels(in)) t = to.add(in, t, {.name = "add"});
  return t;
}

void write_network(const SearchSpace& space, const Task& task, const Genome& genome, ir::Builder& to) {
  const int resolution = space.resolutions[genome.resolution];
  const double width = space.widths[genome.width];
  const auto scaled = [&](int channels) { return scaled_channels(channels, width, space.channel_divisor); };

  int t = to.input({.h = resolution, .w = resolution, .c = task.input_channels});
  t = to.conv(
      t, scaled(space.stem_channels),
      {.kernel = space.stem_kernel, .stride = space.stem_stride, .activation = kRelu6, .name = "stem"});
  if (space.first_channels > 0) {
    t = to.depthwise(t, {.kernel = 3, .activation = kRelu6, .name = "first.depthwise"});
    t = to.conv(t, scaled(space.first_channels), {.name = "first.project"});
  }
  for (int s = 0; s < stage_count(space); ++s) {
    const Stage& stage = space.stages[at(s)];
    const int depth = depth_of(space, genome, s),
              out = scaled_channels(stage.channels, width * stage_width_of(space, genome, s),
                                    space.channel_divisor);
    for (int b = 0; b < depth; ++b) {
      if (to.writes_names()) to.prefix_names(fmt::format("stage{}.block{}.", s, b));
      t = write_block(to, t,
                      {.block = stage.block,
                       .middle = middle_channels(space, to.channels(t), expansion_of(space, genome, s, b)),
                       .out = out,
                       .kernel = kernel_of(space, genome, s, b),
                       .stride = b == 0 ? stage.stride : 1});
    }
  }
  to.prefix_names({});
  if (space.mix_channels > 0)
    // MobileNetV2 keeps this layer at its base width in the small variants (its section 5).
    t = to.conv(t, scaled_channels(space.mix_channels, std::max(1.0, width), space.channel_divisor),
                {.activation = kRelu6, .name = "mix"});
  t = to.global_pool(t, "pool");
  to.finish(to.dense(t, task.classes, {.name = "classifier"}));
}

}  // namespace

void lower(const SearchSpace& space, const Task& task, const Genome& genome, ir::Graph& graph) {
  ir::Builder builder(graph);
  write_network(space, task, genome, builder);
}

ir::Graph lower_named(const SearchSpace& space, const Task& task, const Genome& genome) {
  ir::Graph graph;
  ir::Builder builder(graph, ir::Names::kWritten);
  write_network(space, task, genome, builder);
  return graph;
}

int middle_channels(const SearchSpace& space, int in_channels, double expansion) {
  return scaled_channels(in_channels, expansion, space.channel_divisor);
}

}  // namespace tinynas::space
