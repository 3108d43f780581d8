#include "tinynas/space/lower.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "space/choices.h"

namespace tinynas::space {
namespace {

using ir::Activation;
using ir::OpKind;

/// Appends layers to a graph whose memory is reused; `names` may be null.
class GraphWriter {
 public:
  GraphWriter(ir::Graph& graph, std::vector<std::string>* names) : graph_(graph), names_(names) {
    graph_.tensors.clear();
    graph_.layers.clear();
    graph_.names.clear();
    graph_.parameters.clear();
    graph_.quant.reset();
  }

  int input(ir::Shape shape) {
    graph_.input = tensor(shape);
    return graph_.input;
  }

  struct Window {
    int kernel = 1, stride = 1;
    bool padded = true;  ///< by half of the kernel
  };

  int conv(int in, int out_channels, Window window, Activation activation) {
    return windowed(OpKind::kConv2d, in, out_channels, window, activation);
  }
  int depthwise(int in, Window window) {
    return windowed(OpKind::kDepthwiseConv2d, in, shape(in).c, window, Activation::kRelu6);
  }
  int add(int a, int b) {
    const int out = tensor(shape(a));
    graph_.layers.push_back({.op = OpKind::kAdd, .inputs = {a, b}, .output = out});
    return out;
  }
  /// Windows side by side.
  int max_pool(int in, int side) {
    return windowed(OpKind::kMaxPool, in, shape(in).c, {.kernel = side, .stride = side, .padded = false},
                    Activation::kNone);
  }
  int pool(int in) {
    const int out = tensor({.h = 1, .w = 1, .c = shape(in).c});
    graph_.layers.push_back({.op = OpKind::kGlobalAveragePool, .inputs = {in, -1}, .output = out});
    return out;
  }
  int dense(int in, int classes) {
    const int out = tensor({.h = 1, .w = 1, .c = classes});
    graph_.layers.push_back({.op = OpKind::kDense, .inputs = {in, -1}, .output = out});
    return out;
  }
  void output(int tensor) { graph_.output = tensor; }

  int channels(int tensor) const { return shape(tensor).c; }
  bool named() const { return names_ != nullptr; }
  void name(std::string name) { names_->push_back(std::move(name)); }

 private:
  const ir::Shape& shape(int tensor) const { return graph_.tensor(tensor); }
  int tensor(ir::Shape shape) {
    graph_.tensors.push_back(shape);
    return graph_.tensor_count() - 1;
  }
  int windowed(OpKind op, int in, int out_channels, Window window, Activation activation) {
    const auto kernel = static_cast<std::int16_t>(window.kernel),
               stride = static_cast<std::int16_t>(window.stride);
    const auto pad = static_cast<std::int16_t>(window.padded ? window.kernel / 2 : 0);
    const ir::Shape from = shape(in);
    const int out = tensor({.h = ir::window_output(from.h, kernel, stride, 2 * pad),
                            .w = ir::window_output(from.w, kernel, stride, 2 * pad),
                            .c = out_channels});
    graph_.layers.push_back({.op = op,
                             .activation = activation,
                             .kernel_h = kernel,
                             .kernel_w = kernel,
                             .stride_h = stride,
                             .stride_w = stride,
                             .pad_top = pad,
                             .pad_left = pad,
                             .pad_bottom = pad,
                             .pad_right = pad,
                             .inputs = {in, -1},
                             .output = out});
    return out;
  }

  ir::Graph& graph_;
  std::vector<std::string>* names_;
};

struct BlockChoice {
  Block block = Block::kInvertedResidual;
  int middle = 0, out = 0, kernel = 3, stride = 1;
};

/// Expand and project 1x1, or one convolution, and the input added where the shape allows it.
int write_block(GraphWriter& writer, int in, const BlockChoice& block, int stage, int index) {
  const auto name = [&](const char* part) {
    if (writer.named()) writer.name(fmt::format("stage{}.block{}.{}", stage, index, part));
  };
  int x = in;
  if (block.block == Block::kConvolution) {
    x = writer.conv(x, block.out, {.kernel = block.kernel}, Activation::kRelu6);
    name("convolution");
    if (block.stride > 1) {
      x = writer.max_pool(x, block.stride);
      name("pool");
    }
  } else if (block.block == Block::kFusedInvertedResidual) {
    x = writer.conv(x, block.middle, {.kernel = block.kernel, .stride = block.stride}, Activation::kRelu6);
    name("expand");
  } else {
    if (block.middle != writer.channels(in)) {
      x = writer.conv(x, block.middle, {}, Activation::kRelu6);
      name("expand");
    }
    x = writer.depthwise(x, {.kernel = block.kernel, .stride = block.stride});
    name("depthwise");
  }
  if (block.block != Block::kConvolution) {
    x = writer.conv(x, block.out, {}, Activation::kNone);
    name("project");
  }
  if (block.stride == 1 && block.out == writer.channels(in)) {
    x = writer.add(in, x);
    name("add");
  }
  return x;
}

void write_network(const SearchSpace& space, const Task& task, const Genome& genome, GraphWriter writer) {
  const auto name = [&](const char* text) {
    if (writer.named()) writer.name(text);
  };
  const int resolution = space.resolutions[genome.resolution];
  const double width = space.widths[genome.width];
  const auto scaled = [&](int channels) { return scaled_channels(channels, width, space.channel_divisor); };

  int x = writer.input({.h = resolution, .w = resolution, .c = task.input_channels});
  x = writer.conv(x, scaled(space.stem_channels), {.kernel = space.stem_kernel, .stride = space.stem_stride},
                  Activation::kRelu6);
  name("stem");
  if (space.first_channels > 0) {
    x = writer.depthwise(x, {.kernel = 3});
    name("first.depthwise");
    x = writer.conv(x, scaled(space.first_channels), {}, Activation::kNone);
    name("first.project");
  }
  for (int s = 0; s < stage_count(space); ++s) {
    const Stage& stage = space.stages[at(s)];
    const int depth = depth_of(space, genome, s),
              out = scaled_channels(stage.channels, width * stage_width_of(space, genome, s),
                                    space.channel_divisor);
    for (int b = 0; b < depth; ++b)
      x = write_block(
          writer, x,
          {.block = stage.block,
           .middle = middle_channels(space, writer.channels(x), expansion_of(space, genome, s, b)),
           .out = out,
           .kernel = kernel_of(space, genome, s, b),
           .stride = b == 0 ? stage.stride : 1},
          s, b);
  }
  if (space.mix_channels > 0) {
    // MobileNetV2 keeps this layer at its base width in the small variants (its section 5).
    x = writer.conv(x, scaled_channels(space.mix_channels, std::max(1.0, width), space.channel_divisor), {},
                    Activation::kRelu6);
    name("mix");
  }
  x = writer.pool(x);
  name("pool");
  writer.output(writer.dense(x, task.classes));
  name("classifier");
}

}  // namespace

void lower(const SearchSpace& space, const Task& task, const Genome& genome, ir::Graph& graph) {
  write_network(space, task, genome, GraphWriter(graph, nullptr));
}

ir::Graph lower_named(const SearchSpace& space, const Task& task, const Genome& genome) {
  ir::Graph graph;
  write_network(space, task, genome, GraphWriter(graph, &graph.names));
  return graph;
}

int middle_channels(const SearchSpace& space, int in_channels, double expansion) {
  return scaled_channels(in_channels, expansion, space.channel_divisor);
}

}  // namespace tinynas::space
