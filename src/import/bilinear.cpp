// Bilinear resizing, by layers that there are: each result is a weighted sum of four values of its input.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "import/folder.h"

namespace tinynas::import {
namespace {

constexpr int kMostWeight = 127;
constexpr std::int64_t kMostGathered = 32767;  // channels that a gather numbers
constexpr int kMostFactor = 16;

/// Parts of a whole as int8 numbers: numbers[i] / whole.
struct Shares {
  std::vector<std::int8_t> numbers = {};
  int whole = 1;
};

/// The nearest ones whose sum is the whole exactly, so that an even picture stays as it is.
Shares shares_of(const std::vector<double>& parts) {
  Shares best;
  double least = 2;
  const auto largest = std::ranges::max_element(parts) - parts.begin();
  for (int whole = 1; whole <= kMostWeight; ++whole) {
    std::vector<std::int8_t> numbers;
    int sum = 0;
    for (const double part : parts) {
      numbers.push_back(static_cast<std::int8_t>(std::lround(part * whole)));
      sum += numbers.back();
    }
    numbers[at(largest)] = static_cast<std::int8_t>(numbers[at(largest)] + whole - sum);
    double error = 0;
    for (std::size_t i = 0; i < parts.size(); ++i)
      error = std::max(error, std::abs(static_cast<double>(numbers[i]) / whole - parts[i]));
    constexpr double kBetter = 1e-9;
    if (error + kBetter < least) least = error, best = {std::move(numbers), whole};
  }
  return best;
}

/// What one row (column) of the result reads: two of the input, the second by so much.
struct Between {
  std::int64_t first = 0, second = 0;
  double share = 0;
};
Between between(std::int64_t i, std::int64_t from, std::int64_t to, bool centred, bool corners) {
  const double scale = corners && to > 1 ? static_cast<double>(from - 1) / static_cast<double>(to - 1)
                                         : static_cast<double>(from) / static_cast<double>(to);
  const double place =
      centred ? (static_cast<double>(i) + 0.5) * scale - 0.5 : static_cast<double>(i) * scale;
  const auto below = static_cast<std::int64_t>(std::floor(place));
  return {std::clamp<std::int64_t>(below, 0, from - 1), std::clamp<std::int64_t>(below + 1, 0, from - 1),
          place - static_cast<double>(below)};
}

/// Weights of a window's rows (columns) for each phase of a whole factor; the window begins one ahead where
/// pixels are counted by their centres.
std::vector<std::vector<double>> phases(int factor, bool centred) {
  std::vector<std::vector<double>> made;
  for (int p = 0; p < factor; ++p) {
    const double place = centred ? (p + 0.5) / factor - 0.5 : static_cast<double>(p) / factor;
    if (factor == 1)
      made.push_back({1});
    else if (centred)
      made.push_back({std::max(-place, 0.0), 1 - std::abs(place), std::max(place, 0.0)});
    else
      made.push_back({1 - place, place});
  }
  return made;
}

/// By which whole factor `from` becomes `to`; with aligned corners less what is cut off. 0: by none.
int factor_of(std::int64_t from, std::int64_t to, bool corners) {
  if (corners && from > 1) from -= 1, to -= 1;
  return from > 0 && to > 0 && to % from == 0 && to / from <= kMostFactor ? static_cast<int>(to / from) : 0;
}

}  // namespace

void Folder::resize_bilinear(const Node& node) {
  const std::vector<std::int64_t> sizes = integers(value(node, 1));
  const Value& read = value(node, 0);
  if (sizes.size() != 2 || read.shape.size() != 4) throw Refused{"it needs a height and a width of an image"};
  const ir::Shape in = image_shape(read), to = image_shape(output(node));
  if (to.h != sizes[0] || to.w != sizes[1] || to.c != in.c)
    throw Refused{fmt::format("{} becomes {}", shape_text(read.shape), shape_text(output(node).shape))};
  const bool corners = node.integer("align_corners", 0) != 0;
  const bool centred = node.integer("half_pixel", 0) != 0 && !corners;
  const std::array<int, 2> factors = {factor_of(in.h, to.h, corners), factor_of(in.w, to.w, corners)};
  if (factors[0] == 0 || factors[1] == 0) return define(node, of_four(node, to, centred, corners));
  if (factors == std::array{1, 1})
    return define(node, requantize(node, activation(node, 0), tensor_quant(output(node))));

  // One more row and column at the ends, which repeat the last ones.
  const Moved from = moved(node, 0);
  Value padded = read;
  Places places = *from.places;
  for (const std::size_t axis : {std::size_t{1}, std::size_t{2}}) {
    if (factors[axis - 1] == 1) continue;
    const std::int64_t size = read.shape[axis];
    std::vector<std::int64_t> indices;
    for (std::int64_t i = centred ? -1 : 0; i <= size; ++i)
      indices.push_back(std::clamp<std::int64_t>(i, 0, size - 1));
    places = picked(places, padded.shape, axis, indices);
    padded.shape[axis] = std::ssize(indices);
  }
  Source source{Source::kTensor, from.tensor};
  source.base = from.base;
  source.places = keep_places(std::move(places));
  source.tensor = settled(node, padded, source);
  source.places = nullptr;
  int made = in_phases(node, source, factors, centred);
  const ir::Shape whole = graph_.tensor(made);
  if (whole != to)
    made = add_layer(node,
                     {.op = ir::OpKind::kSlice,
                      .pad_bottom = static_cast<std::int16_t>(whole.h - to.h),
                      .pad_right = static_cast<std::int16_t>(whole.w - to.w),
                      .inputs = {made, -1}},
                     0, {}, graph_.quant_of(made));
  define(node, made);
}

/// A depthwise convolution makes the pixels of a block as channels, and depth to space puts them in place.
int Folder::in_phases(const Node& node, const Source& read, const std::array<int, 2>& factors, bool centred) {
  const auto rows = phases(factors[0], centred), columns = phases(factors[1], centred);
  const int channels = graph_.tensor(read.tensor).c, block = factors[0] * factors[1];
  ir::ChannelMap repeated;
  ir::QuantParameters parameters;
  ir::Parameters exact;
  for (const std::vector<double>& row : rows)
    for (const std::vector<double>& column : columns) {
      std::vector<double> parts;
      for (const double a : row)
        for (const double b : column) parts.push_back(a * b);
      const Shares shares = shares_of(parts);
      for (int c = 0; c < channels; ++c) {
        repeated.push_back(static_cast<std::int16_t>(c));
        parameters.weight.insert(parameters.weight.end(), shares.numbers.begin(), shares.numbers.end());
        parameters.weight_scale.push_back(1.0F / static_cast<float>(shares.whole));
        exact.weight.insert(exact.weight.end(), parts.begin(), parts.end());
      }
    }
  parameters.bias.assign(repeated.size(), 0);
  exact.bias.assign(repeated.size(), 0);
  const int each = choose_channels(node, read.tensor, repeated);
  graph_.names.back() += "_for_phases";
  const int made =
      add_layer(node,
                {.op = ir::OpKind::kDepthwiseConv2d,
                 .kernel_h = static_cast<std::int16_t>(rows[0].size()),
                 .kernel_w = static_cast<std::int16_t>(columns[0].size()),
                 .inputs = {each, -1}},
                channels * block, is_float_ ? LayerParameters(exact) : LayerParameters(parameters),
                tensor_quant(output(node)));
  graph_.names.back() += "_phases";
  return add_layer(node,
                   {.op = ir::OpKind::kDepthToSpace,
                    .stride_h = static_cast<std::int16_t>(factors[0]),
                    .stride_w = static_cast<std::int16_t>(factors[1]),
                    .inputs = {made, -1}},
                   0, {}, graph_.quant_of(made));
}

/// Any sizes of a small image: the four values of each result are gathered, and weighed.
int Folder::of_four(const Node& node, const ir::Shape& to, bool centred, bool corners) {
  const Moved from = moved(node, 0);
  const ir::Shape in = image_shape(value(node, 0));
  constexpr std::int64_t kValues = 4;
  const std::int64_t count = to.elements();
  if (kValues * count > kMostGathered || in.elements() > kMostGathered)
    throw Refused{fmt::format("[{}, {}] becomes [{}, {}]", in.h, in.w, to.h, to.w), "whole factors"};
  Places places(at(kValues * count));
  ir::QuantParameters parameters;
  ir::Parameters exact;
  std::int64_t n = 0;
  for (int y = 0; y < to.h; ++y)
    for (int x = 0; x < to.w; ++x) {
      const Between row = between(y, in.h, to.h, centred, corners),
                    column = between(x, in.w, to.w, centred, corners);
      const std::vector<double> parts = {(1 - row.share) * (1 - column.share), (1 - row.share) * column.share,
                                         row.share * (1 - column.share), row.share * column.share};
      const Shares shares = shares_of(parts);
      for (int c = 0; c < to.c; ++c, ++n) {
        std::size_t k = 0;
        for (const std::int64_t from_y : {row.first, row.second})
          for (const std::int64_t from_x : {column.first, column.second})
            places[k++ * at(count) + at(n)] = (*from.places)[at((from_y * in.w + from_x) * in.c + c)];
        parameters.weight.insert(parameters.weight.end(), shares.numbers.begin(), shares.numbers.end());
        parameters.weight_scale.push_back(1.0F / static_cast<float>(shares.whole));
        exact.weight.insert(exact.weight.end(), parts.begin(), parts.end());
      }
    }
  parameters.bias.assign(at(count), 0);
  exact.bias.assign(at(count), 0);
  Value four = value(node, 0);
  four.shape = {1, 1, kValues, count};
  Source source{Source::kTensor, from.tensor};
  source.base = from.base;
  source.places = keep_places(std::move(places));
  const int read = settled(node, four, source);
  graph_.names.back() += "_of_four";
  const int made = add_layer(
      node,
      {.op = ir::OpKind::kDepthwiseConv2d, .kernel_w = kValues, .stride_w = kValues, .inputs = {read, -1}},
      static_cast<int>(count), is_float_ ? LayerParameters(exact) : LayerParameters(parameters),
      tensor_quant(output(node)));
  return tensor_as(node, {Source::kTensor, made}, to);
}

}  // namespace tinynas::import
