// Nodes that move values: channels, rows and columns, shapes.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "onnx/attributes.h"
#include "onnx/reader.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"

namespace tinynas::onnx {
namespace {

std::int64_t from_the_front(std::int64_t axis, std::int64_t rank) { return axis < 0 ? axis + rank : axis; }

}  // namespace

/// To channels last and back, around a Reshape.
void Reader::transpose(const Node& node) {
  Value value = find(input_name(node, 0));
  const std::vector<std::int64_t> order = Attributes(node).integers("perm", {});
  if (value.kind == Value::kReal && order == std::vector<std::int64_t>{0, 2, 3, 1})
    value.kind = Value::kLast;
  else if (value.kind == Value::kExactLast && order == std::vector<std::int64_t>{0, 3, 1, 2})
    value.kind = Value::kExact;
  else
    throw UnsupportedError(
        fmt::format("only channels last (0, 2, 3, 1) ahead of a Reshape and back (0, 3, 1, 2) behind it are "
                    "supported, not ({})",
                    fmt::join(order, ", ")));
  define(node, value);
}

void Reader::reshape_rows(const Node& node, int tensor) {
  const std::vector<std::int64_t> shape = constant(input_name(node, 1)).integers;
  if (shape.size() != 4 || shape[0] != 1)
    throw UnsupportedError(fmt::format("the shape [{}] must be [1, H, W, C]", fmt::join(shape, ", ")));
  const ir::Shape& in = graph_.tensor(tensor);
  const int rows = within(shape[1], 1, kMostPixels, "height");
  const int group = std::gcd(in.h, rows);
  add_layer(node,
            {.op = ir::OpKind::kReshape,
             .kernel_h = static_cast<std::int16_t>(in.h / group),
             .stride_h = static_cast<std::int16_t>(rows / group),
             .inputs = {tensor, -1}},
            within(shape[3], 1, kMostChannels, "channels"), {});
  if (shapes_.back().w != shape[2])
    throw UnsupportedError(fmt::format("it makes {} columns, the shape says {}", shapes_.back().w, shape[2]));
  values_[node.output(0)].kind = Value::kExactLast;
}

/// A gather of a tensor, or of what another gather has just made: one layer.
void Reader::choose_channels(const Node& node, const ir::ChannelMap& map) {
  const auto refuse_beyond = [&](int channels) {
    for (const int channel : map)
      if (channel >= channels)
        throw UnsupportedError(fmt::format("it takes channel {} of {}", channel, channels));
  };
  const Value from = find(input_name(node, 0));
  if (from.kind != Value::kExact) {
    const int tensor = real_input(node, 0);
    refuse_beyond(graph_.tensor(tensor).c);
    add_layer(
        node,
        {.op = ir::OpKind::kGather, .inputs = {tensor, -1}, .map = static_cast<int>(graph_.maps.size())},
        static_cast<int>(map.size()), {});
    graph_.maps.push_back(map);
    return;
  }
  const ir::Layer& layer = graph_.layer(from.index);
  if (layer.op != ir::OpKind::kGather || layer.output >= 0)
    throw UnsupportedError("its input is not dequantized");
  ir::ChannelMap& before = graph_.maps[at(layer.map)];
  refuse_beyond(static_cast<int>(before.size()));
  ir::ChannelMap both;
  for (const int channel : map) both.push_back(channel < 0 ? std::int16_t{-1} : before[at(channel)]);
  before = std::move(both);
  shapes_[at(from.index)].c = static_cast<int>(before.size());
  graph_.names[at(from.index)] = node.name();
  define(node, from);
}

/// Zeros beside the channels.
void Reader::pad(const Node& node) {
  const Attributes attributes(node);
  if (attributes.text("mode", "constant") != "constant")
    throw UnsupportedError("only the mode constant is supported");
  if (has_input(node, 2) && constant(node.input(2)).floats != std::vector<float>{0})
    throw UnsupportedError("only zeros are supported");
  std::vector<std::int64_t> pads = constant(input_name(node, 1)).integers;
  const std::size_t rank = pads.size() / 2;
  if (rank < 2 || pads.size() % 2 != 0) throw UnsupportedError("it needs two pads a dimension");
  const int before = within(pads[1], 0, kMostPixels, "pad"),
            behind = within(pads[rank + 1], 0, kMostPixels, "pad");
  pads[1] = pads[rank + 1] = 0;
  if (std::ranges::any_of(pads, [](std::int64_t pad) { return pad != 0; }))
    throw UnsupportedError("only channels are padded; convolutions and pools pad rows and columns");
  const int channels = shape_of(find(input_name(node, 0))).c;
  within(std::int64_t{channels} + before + behind, 1, kMostPixels, "number of channels");
  ir::ChannelMap map(at(before), -1);
  for (int c = 0; c < channels; ++c) map.push_back(static_cast<std::int16_t>(c));
  map.resize(map.size() + at(behind), -1);
  choose_channels(node, map);
}

void Reader::gather(const Node& node) {
  const Constant indices = constant(input_name(node, 1));
  if (Attributes(node).integer("axis", 0) != 1 || indices.dims.size() != 1)
    throw UnsupportedError("only a list of channels, axis 1, can be gathered");
  const int channels = shape_of(find(input_name(node, 0))).c;
  ir::ChannelMap map;
  for (const std::int64_t index : indices.integers)
    map.push_back(static_cast<std::int16_t>(within(
        from_the_front(index, channels), 0, std::min<std::int64_t>(channels, kMostPixels) - 1, "index")));
  if (map.empty()) throw UnsupportedError("it gathers nothing");
  choose_channels(node, map);
}

void Reader::slice(const Node& node) {
  const std::vector<std::int64_t> starts = constant(input_name(node, 1)).integers,
                                  ends = constant(input_name(node, 2)).integers;
  std::vector<std::int64_t> axes(starts.size()), steps(starts.size(), 1);
  std::iota(axes.begin(), axes.end(), 0);
  if (has_input(node, 3)) axes = constant(node.input(3)).integers;
  if (has_input(node, 4)) steps = constant(node.input(4)).integers;
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    throw UnsupportedError("starts, ends, axes and steps must be as many");
  const int tensor = real_input(node, 0);
  const ir::Shape in = graph_.tensor(tensor);
  ir::Layer layer{.op = ir::OpKind::kSlice, .inputs = {tensor, -1}};
  ir::ChannelMap map;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::int64_t axis = from_the_front(axes[i], 4);
    const std::int64_t size = axis == 1 ? in.c : axis == 2 ? in.h : axis == 3 ? in.w : 1;
    const std::int64_t start = std::clamp<std::int64_t>(from_the_front(starts[i], size), 0, size),
                       end = std::clamp<std::int64_t>(from_the_front(ends[i], size), 0, size);
    if (steps[i] < 1 || steps[i] > kMostPixels || start >= end)
      throw UnsupportedError(
          fmt::format("from {} to {} in steps of {} of {}: steps must be 1 or more, and something "
                      "must be left",
                      starts[i], ends[i], steps[i], size));
    const auto from = static_cast<std::int16_t>(start), behind = static_cast<std::int16_t>(size - end),
               step = static_cast<std::int16_t>(steps[i]);
    if (axis == 1)
      for (std::int64_t c = start; c < end; c += step) map.push_back(static_cast<std::int16_t>(c));
    if (axis == 2) layer.pad_top = from, layer.pad_bottom = behind, layer.stride_h = step;
    if (axis == 3) layer.pad_left = from, layer.pad_right = behind, layer.stride_w = step;
  }
  const bool rows = ir::infer_output(layer, in, {}, 0) != in;
  if (!map.empty() && rows) throw UnsupportedError("it slices channels and pixels at once; use two Slices");
  if (!map.empty()) return choose_channels(node, map);
  add_layer(node, layer, 0, {});
}

}  // namespace tinynas::onnx
