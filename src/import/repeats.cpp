// Values that stand in several places, or in orders of their own: row by row, or all at once.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "import/folder.h"

namespace tinynas::import {
namespace {

constexpr int kMostGathered = 32767;  // channels that a gather numbers
constexpr std::size_t kMostRuns = 8;  // of rows that follow one another
constexpr std::int64_t kMostRepeats = 1 << 23;

/// Groups of rows, each made from one group of the input by one choice of its values.
struct RowChoice {
  ir::ChannelMap values = {};
  std::vector<int> groups = {};
};

/// In `groups` groups of the input, `made` of the output.
std::optional<RowChoice> rows_of(const Places& places, std::int64_t from, int groups, int made) {
  const std::int64_t in = from / groups, out = std::ssize(places) / made;
  if (from % groups != 0 || std::ssize(places) % made != 0 || in > kMostGathered || out > kMostGathered)
    return std::nullopt;
  RowChoice choice;
  for (std::int64_t row = 0; row < made; ++row) {
    const auto first = places.begin() + row * out;
    const auto known = std::find_if(first, first + out, [](int place) { return place >= 0; });
    if (known == first + out) return std::nullopt;
    const std::int64_t group = *known / in;
    for (std::int64_t i = 0; i < out; ++i) {
      const std::int64_t place = first[i] < 0 ? -1 : first[i] - group * in;
      if (place >= in || (place < 0 && first[i] >= 0)) return std::nullopt;
      if (row == 0) choice.values.push_back(static_cast<std::int16_t>(place));
      if (choice.values[at(i)] != place) return std::nullopt;
    }
    choice.groups.push_back(static_cast<int>(group));
  }
  return choice;
}

/// Rows first, first + 1, ... that follow one another.
struct Run {
  int first = 0, count = 0;
};
std::vector<Run> runs_of(const std::vector<int>& rows) {
  std::vector<Run> runs;
  for (const int row : rows) {
    if (runs.empty() || row != runs.back().first + runs.back().count)
      runs.push_back({row, 1});
    else
      ++runs.back().count;
  }
  return runs;
}

}  // namespace

/// Rows of a tensor in another order, or several times: runs of them, one below the other.
int Folder::joined_rows(const Node& node, int tensor, const std::vector<int>& rows) {
  const int height = graph_.tensor(tensor).h;
  const ir::TensorQuant quant = graph_.quant_of(tensor);
  int made = -1;
  for (const Run& run : runs_of(rows)) {
    int part = tensor;
    if (run.count != height) {
      part = add_layer(node,
                       {.op = ir::OpKind::kSlice,
                        .pad_top = static_cast<std::int16_t>(run.first),
                        .pad_bottom = static_cast<std::int16_t>(height - run.first - run.count),
                        .inputs = {tensor, -1}},
                       0, {}, quant);
      graph_.names.back() += fmt::format("_row{}", run.first);
    }
    made = made < 0 ? part
                    : add_layer(node, {.op = ir::OpKind::kConcatRows, .inputs = {made, part}}, 0, {}, quant);
  }
  return made;
}

/// What slices, gathers and reshapes do not make by themselves: a gather of the values of a row, or of a
/// group of rows, or of all; and runs of those rows.
std::optional<int> Folder::row_by_row(const Node& node, const Source& from, const ir::Shape& shape) {
  const ir::Shape tensor = graph_.tensor(from.tensor);
  const int common = std::gcd(tensor.h, shape.h);
  for (const auto& [groups, made_groups] :
       {std::pair(tensor.h, shape.h), std::pair(common, common), std::pair(1, shape.h), std::pair(1, 1)}) {
    const auto choice = rows_of(*from.places, tensor.elements(), groups, made_groups);
    if (!choice || runs_of(choice->groups).size() > kMostRuns) continue;
    const std::int64_t count = tensor.elements() / groups;
    bool same = std::ssize(choice->values) == count;
    for (std::int64_t i = 0; same && i < count; ++i) same = choice->values[at(i)] == i;
    int made = from.tensor;
    if (!same || groups != tensor.h || shape.w != tensor.w || shape.c != tensor.c) {
      made = tensor_as(node, {Source::kTensor, made}, {groups, 1, static_cast<int>(count)});
      made = choose_channels(node, made, choice->values);
    }
    made = joined_rows(node, made, choice->groups);
    return tensor_as(node, {Source::kTensor, made}, shape);
  }
  return std::nullopt;
}

/// Rows, columns, channels beyond an end mirror those inside: with the last one (SYMMETRIC) or without.
void Folder::mirror_pad(const Node& node) {
  const Moved from = moved(node, 0);
  std::vector<std::int64_t> shape = value(node, 0).shape;
  const std::vector<std::int64_t> sizes = integers(value(node, 1));
  if (sizes.size() != 2 * shape.size()) throw Refused{"it needs two numbers a dimension"};
  const std::string mode = node.text("mode", "reflect");
  Places places = *from.places;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const std::int64_t before = sizes[2 * axis], behind = sizes[2 * axis + 1], size = shape[axis];
    const std::int64_t most = mode == "edge" ? kMostGathered : mode == "symmetric" ? size : size - 1;
    if (std::min(before, behind) < 0 || std::max(before, behind) > most)
      throw Refused{fmt::format("it pads {} by {} and {}", size, before, behind)};
    std::vector<std::int64_t> indices;
    for (std::int64_t i = -before; i < size + behind; ++i) {
      std::int64_t index = std::clamp<std::int64_t>(i, 0, size - 1);
      const std::int64_t beyond = i - index;
      if (mode == "reflect") index -= beyond;
      if (mode == "symmetric" && beyond != 0) index -= beyond + (beyond < 0 ? 1 : -1);
      indices.push_back(index);
    }
    if (std::ssize(places) / size * std::ssize(indices) > kMostRepeats)
      throw Refused{"its result is too large"};
    places = picked(places, shape, axis, indices);
    shape[axis] = std::ssize(indices);
  }
  define_moved(node, 0, from, std::move(places));
}

/// Dimensions of 1 are repeated; the result's shape says how often.
void Folder::broadcast(const Node& node) {
  const Moved from = moved(node, 0);
  std::vector<std::int64_t> shape = value(node, 0).shape;
  const std::vector<std::int64_t>& to = output(node).shape;
  if (elements(to) > kMostRepeats || to.size() < shape.size()) throw Refused{"its result is too large"};
  shape.insert(shape.begin(), to.size() - shape.size(), 1);
  Places places = *from.places;
  for (std::size_t axis = 0; axis < to.size(); ++axis) {
    if (shape[axis] == to[axis]) continue;
    if (shape[axis] != 1)
      throw Refused{fmt::format("{} becomes {}", shape_text(value(node, 0).shape), shape_text(to))};
    places = picked(places, shape, axis, std::vector<std::int64_t>(at(to[axis]), 0));
    shape[axis] = to[axis];
  }
  define_moved(node, 0, from, std::move(places));
}

/// The pixels of a block become channels, one after the other.
void Folder::space_to_depth(const Node& node) {
  const Moved from = moved(node, 0);
  const std::vector<std::int64_t>& shape = value(node, 0).shape;
  const std::int64_t block = node.integer("block", 0);
  if (shape.size() != 4 || block < 1 || shape[1] % block != 0 || shape[2] % block != 0)
    throw Refused{fmt::format("{} has no blocks of {} x {}", shape_text(shape), block, block)};
  const std::vector<std::int64_t> blocks = {shape[0], shape[1] / block, block, shape[2] / block,
                                            block,    shape[3]};
  define_moved(node, 0, from, transposed(*from.places, blocks, {0, 1, 3, 2, 4, 5}));
}

/// Nearest neighbours by factors that are not whole.
void Folder::resize_unevenly(const Node& node, const std::vector<std::int64_t>& sizes) {
  const Moved from = moved(node, 0);
  std::vector<std::int64_t> shape = value(node, 0).shape;
  if (shape.size() != 4) throw Refused{fmt::format("its input has shape {}", shape_text(shape))};
  const bool corners = node.integer("align_corners", 0) != 0, centred = node.integer("half_pixel", 0) != 0;
  Places places = *from.places;
  for (const std::size_t axis : {std::size_t{1}, std::size_t{2}}) {
    const std::int64_t size = shape[axis], to = sizes[axis - 1];
    if (to < 1 || to > kMostGathered) throw Refused{fmt::format("it makes {} of {}", to, size)};
    const float scale = corners && to > 1 ? static_cast<float>(size - 1) / static_cast<float>(to - 1)
                                          : static_cast<float>(size) / static_cast<float>(to);
    std::vector<std::int64_t> indices;
    for (std::int64_t i = 0; i < to; ++i) {
      const float place = (static_cast<float>(i) + (centred ? 0.5F : 0.0F)) * scale;
      const auto index = static_cast<std::int64_t>(corners ? std::round(place) : std::floor(place));
      indices.push_back(std::clamp<std::int64_t>(index, 0, size - 1));
    }
    if (std::ssize(places) / size * to > kMostRepeats) throw Refused{"its result is too large"};
    places = picked(places, shape, axis, indices);
    shape[axis] = to;
  }
  define_moved(node, 0, from, std::move(places));
}

}  // namespace tinynas::import
