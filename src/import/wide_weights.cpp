// Weights that int8 does not hold: sums of two that it does, of which the second is 0 for most.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "import/folder.h"

namespace tinynas::import {
namespace {

constexpr int kMostPart = 127;  // the engine's kernels pair those of -127 and more

bool fits(int number) { return number >= -kMostPart - 1 && number <= kMostPart; }
int first_of(int number) { return std::clamp(number, -kMostPart, kMostPart); }
int rest_of(int number) { return number - first_of(number); }

/// Of a tap's `inputs` channels, those of which any weight has a rest.
std::vector<int> channels_with_rest(const std::vector<std::int16_t>& numbers, std::size_t inputs) {
  std::vector<bool> has(inputs, false);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (rest_of(numbers[i]) != 0) has[i % inputs] = true;
  std::vector<int> channels;
  for (std::size_t c = 0; c < inputs; ++c)
    if (has[c]) channels.push_back(static_cast<int>(c));
  return channels;
}

/// Taps of the first parts of all channels, and behind them of the rests of the channels that are read again.
std::vector<std::int8_t> in_two(const std::vector<std::int16_t>& numbers, std::size_t inputs,
                                const std::vector<int>& again) {
  std::vector<std::int8_t> weights;
  for (std::size_t tap = 0; tap < numbers.size(); tap += inputs) {
    for (std::size_t c = 0; c < inputs; ++c)
      weights.push_back(static_cast<std::int8_t>(first_of(numbers[tap + c])));
    for (const int c : again) weights.push_back(static_cast<std::int8_t>(rest_of(numbers[tap + at(c)])));
  }
  return weights;
}

std::int16_t twice(std::int16_t number) {
  if (number > std::numeric_limits<std::int16_t>::max() / 2) throw Refused{"its kernel is too wide"};
  return static_cast<std::int16_t>(2 * number);
}

}  // namespace

/// The last layer of a node with weights.
void Folder::finish_weighted(const Node& node, ir::Layer layer, int channels, Weights weights) {
  settle(node, add_weighted(node, layer, channels, std::move(weights), tensor_quant(output(node))));
}

/// A layer with weights, and what must stand ahead of it.
int Folder::add_weighted(const Node& node, ir::Layer layer, int channels, Weights weights,
                         const ir::TensorQuant& quant) {
  if (is_float_) return add_layer(node, layer, channels, std::move(weights.reals), quant);
  const std::vector<std::int16_t>& numbers = weights.numbers;
  ir::QuantParameters made{.weight_scale = std::move(weights.scales), .bias = std::move(weights.bias)};
  if (std::ranges::all_of(numbers, fits)) {
    made.weight.assign(numbers.begin(), numbers.end());
    return add_layer(node, layer, channels, std::move(made), quant);
  }
  for (const int number : numbers)
    if (!fits(rest_of(number)))
      throw Refused{
          fmt::format("a weight less its zero point is {}, which two of int8 do not sum to", number),
          "convert the model anew: today's converters write int8 weights with zero point 0"};
  const bool depthwise = layer.op == ir::OpKind::kDepthwiseConv2d;
  const std::size_t inputs = depthwise ? 1 : at(graph_.in_shape(layer).c);
  std::vector<int> again = channels_with_rest(numbers, inputs);
  if (2 * again.size() > inputs) {  // all of them, from columns that stand twice
    again.resize(inputs);
    std::iota(again.begin(), again.end(), 0);
    layer = on_columns_twice(node, layer);
  } else {
    layer.inputs[0] = with_channels_again(node, layer.inputs[0], again);
  }
  made.weight = in_two(numbers, inputs, again);
  return add_layer(node, layer, channels, std::move(made), quant);
}

/// The layer behind one that doubles each column of its input: a tap is two columns wide.
ir::Layer Folder::on_columns_twice(const Node& node, ir::Layer layer) {
  const int in = layer.inputs[0];
  layer.inputs[0] = add_layer(node, {.op = ir::OpKind::kResizeNearest, .stride_w = 2, .inputs = {in, -1}}, 0,
                              {}, graph_.quant_of(in));
  graph_.names.back() += "_twice";
  if (layer.op == ir::OpKind::kDense) layer.op = ir::OpKind::kConv2d;
  layer.kernel_w = twice(layer.kernel_w);
  layer.stride_w = twice(layer.stride_w);
  layer.pad_left = twice(layer.pad_left);
  layer.pad_right = twice(layer.pad_right);
  return layer;
}

/// The tensor, and some of its channels once more behind it.
int Folder::with_channels_again(const Node& node, int tensor, const std::vector<int>& again) {
  ir::ChannelMap map(at(graph_.tensor(tensor).c));
  std::iota(map.begin(), map.end(), std::int16_t{0});
  for (const int channel : again) map.push_back(static_cast<std::int16_t>(channel));
  const int made = choose_channels(node, tensor, map);
  graph_.names.back() += "_again";
  return made;
}

}  // namespace tinynas::import
