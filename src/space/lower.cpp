#include "tinynas/space/lower.h"

#include <fmt/format.h>

#include <algorithm>

#include "space/blocks.h"
#include "space/choices.h"

namespace tinynas::space {
namespace {

/// And the input added where the shape allows it.
int write_block(ir::Builder& to, int in, const BlockRow& row, const BlockShape& shape) {
  const int t = row.write(to, in, shape);
  const bool residual = shape.stride == 1 && shape.out == to.channels(in);
  return residual ? to.add(in, t, {.name = "add"}) : t;
}

void write_network(const SearchSpace& space, const Task& task, const Genome& genome, ir::Builder& to) {
  const int resolution = resolution_of(space, genome.resolution);
  const double width = width_of(space, genome.width);
  const ir::Activation activation = activation_inside(space.function);
  const auto scaled = [&](int channels) { return scaled_channels(channels, width, space.channel_divisor); };

  int t = to.input({.h = resolution, .w = resolution, .c = task.input_channels});
  t = to.conv(
      t, scaled(space.stem_channels),
      {.kernel = space.stem_kernel, .stride = space.stem_stride, .activation = activation, .name = "stem"});
  t = function_behind(to, t, space.function, "stem.function");
  if (space.first_channels > 0) {
    t = to.depthwise(t, {.kernel = 3, .activation = activation, .name = "first.depthwise"});
    t = function_behind(to, t, space.function, "first.function");
    t = to.conv(t, scaled(space.first_channels), {.name = "first.project"});
  }
  for (int s = 0; s < stage_count(space); ++s) {
    const Stage& stage = space.stages[at(s)];
    const int depth = depth_of(space, genome, s),
              out = scaled_channels(stage.channels, width * stage_width_of(space, genome, s),
                                    space.channel_divisor);
    for (int b = 0; b < depth; ++b) {
      if (to.writes_names()) to.prefix_names(fmt::format("stage{}.block{}.", s, b));
      const int middle = middle_channels(space, to.channels(t), expansion_of(space, genome, s, b));
      t = write_block(to, t, block_row(stage.block),
                      {.middle = middle,
                       .out = out,
                       .kernel = kernel_of(space, genome, s, b),
                       .stride = b == 0 ? stage.stride : 1,
                       .function = stage.function,
                       .squeezed = stage.squeeze_excite > 0
                                       ? scaled_channels(middle, stage.squeeze_excite, space.channel_divisor)
                                       : 0});
    }
  }
  to.prefix_names({});
  if (space.mix_channels > 0) {
    // MobileNetV2 keeps this layer at its base width in the small variants (its section 5).
    t = to.conv(t, scaled_channels(space.mix_channels, std::max(1.0, width), space.channel_divisor),
                {.activation = activation, .name = "mix"});
    t = function_behind(to, t, space.function, "mix.function");
  }
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
