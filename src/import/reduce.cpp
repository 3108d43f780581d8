// Means, sums and extremes over rows, columns, channels.
#include <fmt/format.h>

#include <algorithm>

#include "import/folder.h"

namespace tinynas::import {
namespace {

constexpr std::int64_t kMostReduced = 1 << 16;  // values that become one
constexpr std::int64_t kMostSummed = 1 << 12;   // by weights of 1
constexpr const char* kOverPixels = "the mean over rows and columns";

}  // namespace

/// Over rows, columns, channels, or some of them. A mean over all of rows and columns is a global pool, over
/// some a pool; where channels are among them, a convolution with weights of 1, and so is a sum. The largest
/// over channels is a pool over channels that became columns; the smallest is the largest of the negatives.
void Folder::reduce(const Node& node) {
  const Value& read = value(node, 0);
  Source from = source(node, 0);
  const std::string order = order_of(from, read);
  std::string left = order;
  bool rows = false, columns = false, channels = false, others = false;
  for (std::int64_t axis : integers(value(node, 1))) {
    if (axis < 0) axis += static_cast<std::int64_t>(order.size());
    const char letter = axis >= 0 && axis < static_cast<std::int64_t>(order.size()) ? order[at(axis)] : '?';
    rows = rows || letter == 'H';
    columns = columns || letter == 'W';
    channels = channels || letter == 'C';
    others = others || letter == '?';  // the batch is 1
    std::erase(left, letter);
  }
  const bool turned = from.kind == Source::kTensor && !from.order.empty();
  if (turned) tensor_quant(read);
  const int tensor = turned ? from.tensor : activation(node, 0);
  if (others || (!rows && !columns && !channels))
    throw Refused{"it is not over rows, columns and channels", kOverPixels};
  const ir::Shape in = graph_.tensor(tensor);
  const bool mean = node.op == "mean", all = (rows || in.h == 1) && (columns || in.w == 1);
  ir::Layer window{.op = mean ? ir::OpKind::kAveragePool : ir::OpKind::kMaxPool, .inputs = {tensor, -1}};
  if (rows) window.kernel_h = static_cast<std::int16_t>(in.h);
  if (columns) window.kernel_w = static_cast<std::int16_t>(in.w);
  const std::int64_t values =
      std::int64_t{window.kernel_h} * window.kernel_w * (channels ? in.c : std::int64_t{1});
  if (values > kMostReduced) throw Refused{fmt::format("it is over {} values", values)};
  if (node.op == "sum" || (mean && channels))
    settle(node, summed(node, tensor, window, channels));
  else if (node.op == "min" || channels)
    settle(node, largest_of(node, tensor, window, channels));
  else if (mean && all)
    finish(node, {.op = ir::OpKind::kGlobalAveragePool, .inputs = {tensor, -1}});
  else
    finish(node, window);
  const bool kept = output(node).shape.size() == order.size();
  if (turned) sources_[at(node.outputs[0])].order = kept ? order : left;
}

/// The sum or the mean of a window, also over channels.
int Folder::summed(const Node& node, int tensor, const ir::Layer& window, bool over_channels) {
  const int channels = graph_.tensor(tensor).c;
  const std::int64_t taps = std::int64_t{window.kernel_h} * window.kernel_w,
                     values = taps * (over_channels ? channels : 1);
  if (values > kMostSummed) throw Refused{fmt::format("it adds {} values", values), kOverPixels};
  const auto made = at(over_channels ? 1 : channels);
  const float scale = node.op == "mean" ? 1.0F / static_cast<float>(values) : 1.0F;
  ir::Layer layer = window;
  layer.op = over_channels ? ir::OpKind::kConv2d : ir::OpKind::kDepthwiseConv2d;
  return add_layer(node, layer, static_cast<int>(made),
                   ir::QuantParameters{.weight = std::vector<std::int8_t>(made * at(values), 1),
                                       .weight_scale = std::vector<float>(made, scale),
                                       .bias = std::vector<std::int32_t>(made)},
                   tensor_quant(output(node)));
}

int Folder::negated(const Node& node, int tensor, const ir::TensorQuant& quant) {
  const auto channels = at(graph_.tensor(tensor).c);
  return add_layer(node, {.op = ir::OpKind::kDepthwiseConv2d, .inputs = {tensor, -1}}, 0,
                   ir::QuantParameters{.weight = std::vector<std::int8_t>(channels, -1),
                                       .weight_scale = std::vector<float>(channels, 1),
                                       .bias = std::vector<std::int32_t>(channels)},
                   quant);
}

/// The largest or the smallest of a window, also over channels.
int Folder::largest_of(const Node& node, int tensor, const ir::Layer& window, bool over_channels) {
  const ir::TensorQuant quant = graph_.quant_of(tensor), wanted = tensor_quant(output(node));
  const bool smallest = node.op == "min";
  if (smallest) {
    tensor = negated(node, tensor, {.scale = quant.scale, .zero_point = -1 - quant.zero_point});
    graph_.names.back() += "_negated";
  }
  ir::Layer pool = window;
  pool.op = ir::OpKind::kMaxPool;
  if (const ir::Shape shape = graph_.tensor(tensor); over_channels) {
    tensor = tensor_as(node, {Source::kTensor, tensor}, {shape.h, shape.w * shape.c, 1});
    pool.kernel_w = pool.stride_w = static_cast<std::int16_t>(window.kernel_w * shape.c);
  }
  pool.inputs = {tensor, -1};
  const int made = add_layer(node, pool, 0, {}, graph_.quant_of(tensor));
  return smallest ? negated(node, made, wanted) : requantize(node, made, wanted);
}

}  // namespace tinynas::import
