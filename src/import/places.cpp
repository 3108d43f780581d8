// Values that only change places: followed number by number until a layer reads them.
#include "import/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "import/folder.h"

namespace tinynas::import {
namespace {

constexpr std::int64_t kMostPlaces = 1 << 25;  // of all values of a network together
constexpr std::int64_t kMostValues = 1 << 23;  // of one
constexpr const char* kOrdinary =
    "channels chosen, rows and columns cut at even steps, and shapes that keep the order of values";

/// Rows, columns and channels of a tensor that were chosen each by themselves.
struct Choice {
  int row = 0, row_step = 1, column = 0, column_step = 1;
  ir::ChannelMap channels = {};
};

std::optional<Choice> choice_of(const Places& places, const ir::Shape& from, const ir::Shape& to) {
  constexpr int kMostChannels = 32767;
  if (from.c > kMostChannels || std::ssize(places) != to.elements()) return std::nullopt;
  const auto first =
      std::find_if(places.begin(), places.begin() + to.c, [](int place) { return place >= 0; });
  if (first == places.begin() + to.c) return std::nullopt;
  const std::int64_t row_size = std::int64_t{from.w} * from.c, known = first - places.begin();
  const auto row_of = [&](std::int64_t i) { return static_cast<int>(places[at(i)] / row_size); };
  const auto column_of = [&](std::int64_t i) { return static_cast<int>(places[at(i)] % row_size / from.c); };
  Choice choice{.row = row_of(known), .column = column_of(known)};
  if (to.h > 1) choice.row_step = row_of(known + std::int64_t{to.w} * to.c) - choice.row;
  if (to.w > 1) choice.column_step = column_of(known + to.c) - choice.column;
  const std::int64_t pixel = choice.row * row_size + std::int64_t{choice.column} * from.c;
  for (int c = 0; c < to.c; ++c) {
    const std::int64_t channel = places[at(c)] < 0 ? -1 : places[at(c)] - pixel;
    if (channel < -1 || channel >= from.c || (channel == -1 && places[at(c)] >= 0)) return std::nullopt;
    choice.channels.push_back(static_cast<std::int16_t>(channel));
  }
  if (choice.row_step < 1 || choice.column_step < 1 ||
      choice.column + (to.w - 1) * choice.column_step >= from.w ||
      choice.row + (to.h - 1) * choice.row_step >= from.h)
    return std::nullopt;
  std::size_t i = 0;
  for (int y = 0; y < to.h; ++y)
    for (int x = 0; x < to.w; ++x)
      for (int c = 0; c < to.c; ++c, ++i) {
        const std::int64_t expected =
            choice.channels[at(c)] < 0
                ? -1
                : (choice.row + y * choice.row_step) * row_size +
                      std::int64_t{choice.column + x * choice.column_step} * from.c + choice.channels[at(c)];
        if (places[i] != expected) return std::nullopt;
      }
  return choice;
}

/// Channels whose depth to space the values are.
std::optional<ir::ChannelMap> block_channels(const Places& places, const ir::Shape& from,
                                             const ir::Shape& to) {
  if (to.h % from.h != 0 || to.w % from.w != 0 || std::ssize(places) != to.elements()) return std::nullopt;
  const int h = to.h / from.h, w = to.w / from.w;
  ir::ChannelMap map;
  const auto place = [&](int y, int x, int c) { return places[at((std::int64_t{y} * to.w + x) * to.c + c)]; };
  for (int y = 0; y < h; ++y)
    for (int x = 0; x < w; ++x)
      for (int c = 0; c < to.c; ++c) {
        if (place(y, x, c) < 0 || place(y, x, c) >= from.c) return std::nullopt;
        map.push_back(static_cast<std::int16_t>(place(y, x, c)));
      }
  for (int y = 0; y < to.h; ++y)
    for (int x = 0; x < to.w; ++x)
      for (int c = 0; c < to.c; ++c)
        if (place(y, x, c) !=
            (std::int64_t{y / h} * from.w + x / w) * from.c + map[at(((y % h) * w + x % w) * to.c + c)])
          return std::nullopt;
  return map;
}

}  // namespace

std::int64_t elements(const std::vector<std::int64_t>& shape) {
  constexpr std::size_t kMostDimensions = 8;
  if (shape.size() > kMostDimensions) throw Refused{fmt::format("shape {}", shape_text(shape))};
  std::int64_t all = 1;
  for (const std::int64_t size : shape) {
    if (size < 1 || all * size > kMostValues) throw Refused{fmt::format("shape {}", shape_text(shape))};
    all *= size;
  }
  return all;
}

bool in_place(const Places& places) {
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i] != static_cast<std::int64_t>(i)) return false;
  return true;
}

bool is_permutation(const Places& places, std::int64_t values) {
  if (std::ssize(places) != values) return false;
  std::vector<bool> seen(places.size(), false);
  for (const std::int32_t place : places) {
    if (place < 0 || seen[at(place)]) return false;
    seen[at(place)] = true;
  }
  return true;
}

Places transposed(const Places& from, const std::vector<std::int64_t>& shape,
                  const std::vector<std::int64_t>& order) {
  std::vector<std::int64_t> step(shape.size(), 1), sizes(shape.size());
  for (std::size_t i = shape.size(); i-- > 1;) step[i - 1] = step[i] * shape[i];
  for (std::size_t i = 0; i < order.size(); ++i) sizes[i] = shape[at(order[i])];
  Places made;
  made.reserve(from.size());
  std::vector<std::int64_t> index(shape.size(), 0);
  for (std::size_t n = 0; n < from.size(); ++n) {
    std::int64_t place = 0;
    for (std::size_t i = 0; i < order.size(); ++i) place += index[i] * step[at(order[i])];
    made.push_back(from[at(place)]);
    for (std::size_t i = order.size(); i-- > 0;) {
      if (++index[i] < sizes[i]) break;
      index[i] = 0;
    }
  }
  return made;
}

Places picked(const Places& from, const std::vector<std::int64_t>& shape, std::size_t axis,
              const std::vector<std::int64_t>& indices) {
  std::int64_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  const std::int64_t block = inner * shape[axis];
  Places made;
  for (std::int64_t begin = 0; begin < std::ssize(from); begin += block)
    for (const std::int64_t index : indices) {
      const auto first = from.begin() + begin + index * inner;
      made.insert(made.end(), first, first + inner);
    }
  return made;
}

/// Input i as places of a tensor's values; the tensor in the order of rows, columns, channels.
Moved Folder::moved(const Node& node, std::size_t input) {
  const Value& read = value(node, input);
  if (read.constant) throw Refused{fmt::format("input {} is a constant", input)};
  Source from = raw_source(node, input);
  refuse_state(from, read);
  if (from.kind != Source::kTensor) throw Refused{fmt::format("input {} is made by no layer", input)};
  tensor_quant(read);
  const std::int64_t count = elements(read.shape);
  if (from.places && std::ssize(*from.places) == count) return {from.tensor, from.places, from.base};
  if (from.places) throw Refused{fmt::format("input {} has shape {}", input, shape_text(read.shape))};
  if (!from.border.empty()) from = {Source::kTensor, activation(node, input)};
  const ir::Shape& shape = graph_.tensor(from.tensor);
  if (count != shape.elements())
    throw Refused{fmt::format("input {} has shape {}", input, shape_text(read.shape))};
  Places places(at(count));
  std::iota(places.begin(), places.end(), 0);
  if (!from.order.empty() && !in_order(from.order, read)) {
    std::vector<std::int64_t> sizes, order;  // of rows, columns, channels; the file's dimensions among them
    for (const char letter : std::string_view("NHWC"))
      sizes.push_back(letter == 'H' ? shape.h : letter == 'W' ? shape.w : letter == 'C' ? shape.c : 1);
    for (const char letter : from.order)
      order.push_back(static_cast<std::int64_t>(std::string_view("NHWC").find(letter)));
    for (std::int64_t axis = 0; axis < 4; ++axis)  // those that it lacks are 1
      if (std::ranges::find(order, axis) == order.end()) {
        if (sizes[at(axis)] != 1) throw Refused{"it reads the result of a TRANSPOSE"};
        order.insert(order.begin(), axis);
      }
    places = transposed(places, sizes, order);
  }
  ir::Shape base = shape;
  if (from.order.empty() && read.shape.size() <= 4 && (read.shape.size() < 2 || read.shape[0] == 1))
    base = image_shape(read);
  return {from.tensor, keep_places(std::move(places)), base};
}

std::shared_ptr<const Places> Folder::keep_places(Places places) {
  places_ += std::ssize(places);
  if (places_ > kMostPlaces) throw Refused{"too many values change places"};
  return std::make_shared<const Places>(std::move(places));
}

void Folder::define_moved(const Node& node, std::size_t output, const Moved& from, Places places) {
  define_moved(node, output, {from.tensor, keep_places(std::move(places)), from.base});
}

void Folder::define_moved(const Node& node, std::size_t output, const Moved& made) {
  const Value& value = values_[at(node.outputs[output])];
  if (elements(value.shape) != std::ssize(*made.places))
    throw Refused{
        fmt::format("it makes {} values, the file says {}", made.places->size(), shape_text(value.shape))};
  Source source{Source::kTensor, made.tensor};
  source.places = made.places;
  source.base = made.base;
  define(node, source, output);
}

/// What a layer reads: the layers that make of the tensor what the file's moves make.
int Folder::settled(const Node& node, const Value& read, const Source& from) {
  if (const auto made = settled_by_one(node, read, from)) return *made;
  const ir::Shape shape = image_shape(read), tensor = graph_.tensor(from.tensor);
  if (const auto made = row_by_row(node, from, shape)) return *made;
  throw Refused{fmt::format("its input {} is [{}, {}, {}] with its values in an order that no layer makes",
                            shape_text(read.shape), tensor.h, tensor.w, tensor.c),
                kOrdinary};
}

/// The same by a move of one kind, where there is one.
std::optional<int> Folder::settled_by_one(const Node& node, const Value& read, const Source& from) {
  const ir::Shape shape = image_shape(read), tensor = graph_.tensor(from.tensor);
  const Places& places = *from.places;
  if (std::ssize(places) == tensor.elements() && in_place(places))
    return tensor_as(node, {Source::kTensor, from.tensor}, shape);
  const auto whole = [&](int h, int w) {
    return ir::Shape{.h = h, .w = w, .c = static_cast<int>(tensor.elements() / h / w)};
  };
  for (const ir::Shape& base : {tensor, from.base, whole(tensor.h, 1), whole(1, 1)}) {
    const auto choice = choice_of(places, base, shape);
    if (!choice) continue;
    int made = tensor_as(node, {Source::kTensor, from.tensor}, base);
    const ir::TensorQuant quant = graph_.quant_of(made);
    const auto narrow = [](int number) { return static_cast<std::int16_t>(number); };
    if (shape.h != base.h || shape.w != base.w)
      made =
          add_layer(node,
                    {.op = ir::OpKind::kSlice,
                     .stride_h = narrow(choice->row_step),
                     .stride_w = narrow(choice->column_step),
                     .pad_top = narrow(choice->row),
                     .pad_left = narrow(choice->column),
                     .pad_bottom = narrow(base.h - 1 - choice->row - (shape.h - 1) * choice->row_step),
                     .pad_right = narrow(base.w - 1 - choice->column - (shape.w - 1) * choice->column_step),
                     .inputs = {made, -1}},
                    0, {}, quant);
    return choose_channels(node, made, choice->channels);
  }
  if (const auto map = block_channels(places, tensor, shape)) {
    const int made = choose_channels(node, from.tensor, *map);
    return add_layer(node,
                     {.op = ir::OpKind::kDepthToSpace,
                      .stride_h = static_cast<std::int16_t>(shape.h / tensor.h),
                      .stride_w = static_cast<std::int16_t>(shape.w / tensor.w),
                      .inputs = {made, -1}},
                     0, {}, graph_.quant_of(made));
  }
  return std::nullopt;
}

/// Output channel i is input channel from[i], or 0 for -1.
int Folder::choose_channels(const Node& node, int tensor, const ir::ChannelMap& from) {
  const int channels = graph_.tensor(tensor).c;
  constexpr int kMostChannels = 32767;
  if (channels > kMostChannels) throw Refused{fmt::format("it chooses among {} channels", channels)};
  bool same = std::ssize(from) == channels;
  for (int c = 0; same && c < channels; ++c) same = from[at(c)] == c;
  if (same) return tensor;
  const ir::Layer layer{
      .op = ir::OpKind::kGather, .inputs = {tensor, -1}, .map = static_cast<int>(graph_.maps.size())};
  graph_.maps.push_back(from);
  return add_layer(node, layer, static_cast<int>(from.size()), {}, graph_.quant_of(tensor));
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const std::int64_t from_front = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
  if (from_front < 0 || from_front >= static_cast<std::int64_t>(rank))
    throw Refused{fmt::format("its axis {} is none of {}", axis, rank)};
  return static_cast<std::size_t>(from_front);
}

/// Several tensors along an axis of the result: parts of one tensor only change places.
void Folder::join(const Node& node, std::size_t axis) {
  const Value& made = output(node);
  const bool pack = node.op == "pack";
  const auto part_shape = [&](std::size_t i) {
    std::vector<std::int64_t> shape = value(node, i).shape;
    if (pack) shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(std::min(axis, shape.size())), 1);
    if (axis >= shape.size()) throw Refused{"it does not join along the channels"};
    return shape;
  };
  bool one_tensor = true, moves = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Source& from = raw_source(node, i);
    moves = moves || from.places;
    one_tensor = one_tensor && from.kind == Source::kTensor && from.tensor == raw_source(node, 0).tensor;
  }
  if (one_tensor && moves && node.text("activation", "none") == "none") return join_places(node, axis);
  const std::vector<std::int64_t> shape = part_shape(0);
  if (shape.size() > 4) throw Refused{fmt::format("it joins shapes such as {}", shape_text(shape))};
  const ir::TensorQuant quant = tensor_quant(made);
  const char letter = "NHWC"[shape.size() == 4 ? axis : axis + 1 == shape.size() ? 3 : axis];
  if (letter == 'N') throw Refused{"it joins along the batch"};
  std::vector<int> parts;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    Value part = value(node, i);
    part.shape = part_shape(i);
    ir::Shape image = image_shape(part);
    const int read = tensor_as(node, {Source::kTensor, activation(node, i)}, image);
    if (letter == 'W' && image.h != 1)
      throw Refused{"it joins columns of several rows", "tensors joined along rows or channels"};
    // Of a single row, columns are rows in the same order.
    parts.push_back(letter == 'W' ? tensor_as(node, {Source::kTensor, read}, {image.w, 1, image.c}) : read);
  }
  const ir::OpKind op = letter == 'C' ? ir::OpKind::kConcat : ir::OpKind::kConcatRows;
  while (parts.size() > 1) {  // neighbours first: of many, no value is copied more often than log2 of them
    std::vector<int> pairs;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
      pairs.push_back(add_layer(node, {.op = op, .inputs = {parts[i], parts[i + 1]}}, 0, {}, quant));
    if (parts.size() % 2 != 0) pairs.push_back(parts.back());
    parts = std::move(pairs);
  }
  int joined = parts.front();
  if (node.inputs.size() == 1) joined = requantize(node, joined, quant);
  joined = tensor_as(node, {Source::kTensor, joined}, image_shape(made));
  define(node, activated(node, joined));
}

void Folder::join_places(const Node& node, std::size_t axis) {
  std::vector<Moved> parts;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) parts.push_back(moved(node, i));
  std::int64_t outer = 1;  // of the dimensions ahead of the axis
  const auto leading = [&](std::size_t i) {
    const std::vector<std::int64_t>& shape = value(node, i).shape;
    return std::vector<std::int64_t>(
        shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(std::min(axis, shape.size())));
  };
  for (const std::int64_t size : leading(0)) outer *= size;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (leading(i) != leading(0)) throw Refused{"its inputs have different shapes"};
  Places made;
  for (std::int64_t block = 0; block < outer; ++block)
    for (const Moved& part : parts) {
      const std::int64_t size = std::ssize(*part.places) / outer;
      made.insert(made.end(), part.places->begin() + block * size, part.places->begin() + (block + 1) * size);
    }
  define_moved(node, 0, parts[0], std::move(made));
}

void Folder::concat(const Node& node) {
  if (node.inputs.empty()) throw Refused{"it joins nothing"};
  if (has_input(node, 0) && raw_source(node, 0).kind == Source::kState) return join_state(node);
  join(node, axis_of(node.integer("axis", 0), value(node, 0).shape.size()));
}

void Folder::pack(const Node& node) {
  if (node.inputs.empty()) throw Refused{"it joins nothing"};
  join(node, axis_of(node.integer("axis", 0), value(node, 0).shape.size() + 1));
}

/// Each output some indices of one dimension.
void Folder::pick(const Node& node, std::size_t input, std::size_t axis,
                  const std::vector<std::vector<std::int64_t>>& indices) {
  const Moved from = moved(node, input);
  const std::vector<std::int64_t>& shape = value(node, input).shape;
  if (indices.size() < node.outputs.size())
    throw Refused{fmt::format("it has {} outputs for {} parts", node.outputs.size(), indices.size())};
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    for (const std::int64_t index : indices[i])
      if (index < 0 || index >= shape[axis])
        throw Refused{fmt::format("it takes number {} of {}", index, shape[axis])};
    define_moved(node, i, from, picked(*from.places, shape, axis, indices[i]));
  }
}

/// Parts one after the other.
std::vector<std::vector<std::int64_t>> parts_of(const std::vector<std::int64_t>& sizes) {
  std::vector<std::vector<std::int64_t>> parts;
  std::int64_t next = 0;
  for (const std::int64_t size : sizes) {
    if (size < 1 || size > kMostValues) throw Refused{fmt::format("a part has size {}", size)};
    std::vector<std::int64_t>& part = parts.emplace_back(at(size));
    std::iota(part.begin(), part.end(), next);
    next += size;
  }
  return parts;
}

void Folder::split(const Node& node) {
  const bool sized = node.op == "split_v";  // (tensor, sizes, axis); else (axis, tensor)
  const std::size_t input = sized ? 0 : 1;
  if (raw_source(node, input).history > 0) return split_state(node);
  const std::vector<std::int64_t>& shape = value(node, input).shape;
  const std::vector<std::int64_t> said = integers(value(node, sized ? 2 : 0));
  if (said.size() != 1) throw Refused{"it needs one axis"};
  const std::size_t axis = axis_of(said[0], shape.size());
  std::vector<std::int64_t> sizes(node.outputs.size(), shape[axis] / std::max(std::ssize(node.outputs), 1L));
  if (sized) {
    sizes = integers(value(node, 1));
    for (const std::int64_t size : sizes)
      if (size < -1 || size > kMostValues) throw Refused{fmt::format("a part has size {}", size)};
    if (const auto rest = std::ranges::find(sizes, -1); rest != sizes.end())
      *rest = shape[axis] - (std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) + 1);
  }
  if (std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) != shape[axis])
    throw Refused{fmt::format("it splits {} into [{}]", shape[axis], fmt::join(sizes, ", "))};
  pick(node, input, axis, parts_of(sizes));
}

void Folder::unpack(const Node& node) {
  const std::vector<std::int64_t>& shape = value(node, 0).shape;
  const std::size_t axis = axis_of(node.integer("axis", 0), shape.size());
  pick(node, 0, axis, parts_of(std::vector<std::int64_t>(at(shape[axis]), 1)));
}

void Folder::gather(const Node& node) {
  if (node.integer("batch_dims", 0) != 0) throw Refused{"it chooses for each of a batch"};
  const std::vector<std::int64_t>& shape = value(node, 0).shape;
  const std::size_t axis = axis_of(node.integer("axis", 0), shape.size());
  std::vector<std::int64_t> indices = integers(value(node, 1));
  for (std::int64_t& index : indices)
    if (index < 0) index += shape[axis];
  if (indices.empty()) throw Refused{"it chooses nothing"};
  pick(node, 0, axis, {indices});
}

/// Every step-th index of each dimension, from begin on, `counts` of them.
void Folder::cut(const Node& node, const std::vector<Range>& ranges) {
  const Moved from = moved(node, 0);
  std::vector<std::int64_t> shape = value(node, 0).shape;
  Places places = *from.places;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const auto& [begin, count, step] = ranges[axis];
    if (count < 1 || begin < 0 || begin >= shape[axis] || count > shape[axis] ||
        begin + (count - 1) * step < 0 || begin + (count - 1) * step >= shape[axis])
      throw Refused{fmt::format("it takes {} from {} in steps of {} of {}", count, begin, step, shape[axis])};
    std::vector<std::int64_t> indices(at(count));
    for (std::int64_t i = 0; i < count; ++i) indices[at(i)] = begin + i * step;
    places = picked(places, shape, axis, indices);
    shape[axis] = count;
  }
  define_moved(node, 0, from, std::move(places));
}

void Folder::slice(const Node& node) {
  const std::vector<std::int64_t>& shape = value(node, 0).shape;
  const std::vector<std::int64_t> begins = integers(value(node, 1)), sizes = integers(value(node, 2));
  if (begins.size() != shape.size() || sizes.size() != shape.size())
    throw Refused{"it needs a begin and a size for each dimension"};
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (begins[i] < 0 || begins[i] >= shape[i]) throw Refused{fmt::format("it begins at {}", begins[i])};
  for (std::size_t i = 0; i < shape.size(); ++i)
    ranges.push_back({begins[i], sizes[i] == -1 ? shape[i] - begins[i] : sizes[i], 1});
  cut(node, ranges);
}

std::vector<Folder::Range> Folder::strided_ranges(const Node& node) const {
  const std::vector<std::int64_t>& shape = value(node, 0).shape;
  const std::vector<std::int64_t> begins = integers(value(node, 1)), ends = integers(value(node, 2)),
                                  steps = integers(value(node, 3));
  if (begins.size() > shape.size() || ends.size() != begins.size() || steps.size() != begins.size() ||
      node.integer("ellipsis_mask", 0) != 0 || node.integer("new_axis_mask", 0) != 0)
    throw Refused{"it needs a begin, an end and a step for each dimension"};
  const auto has_bit = [&](const char* mask, std::size_t i) {
    return (static_cast<std::uint64_t>(node.integer(mask, 0)) >> i & 1U) != 0;
  };
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i >= begins.size()) {
      ranges.push_back({0, shape[i], 1});
      continue;
    }
    const std::int64_t step = steps[i], size = shape[i];
    if (step == 0 || std::abs(step) > kMostValues) throw Refused{fmt::format("its step is {}", step)};
    const auto inside = [&](std::int64_t index) {  // as Python has it
      if (index < 0) index += size;
      return step > 0 ? std::clamp<std::int64_t>(index, 0, size)
                      : std::clamp<std::int64_t>(index, -1, size - 1);
    };
    const std::int64_t begin = has_bit("begin_mask", i) ? (step > 0 ? 0 : size - 1) : inside(begins[i]);
    std::int64_t end = has_bit("end_mask", i) ? (step > 0 ? size : -1) : inside(ends[i]);
    const bool one = has_bit("shrink_axis_mask", i);
    const std::int64_t way = step > 0 ? end - begin : begin - end;
    ranges.push_back({begin, one ? 1 : (way + std::abs(step) - 1) / std::abs(step), one ? 1 : step});
  }
  return ranges;
}

void Folder::strided_slice(const Node& node) {
  if (raw_source(node, 0).history > 0) return slice_state(node);
  cut(node, strided_ranges(node));
}

void Folder::reverse(const Node& node) {
  const std::vector<std::int64_t>& shape = value(node, 0).shape;
  std::vector<Range> ranges;
  for (const std::int64_t size : shape) ranges.push_back({0, size, 1});
  for (const std::int64_t axis : integers(value(node, 1))) {
    Range& range = ranges[axis_of(axis, shape.size())];
    range = {range.count - 1, range.count, -1};
  }
  cut(node, ranges);
}

}  // namespace tinynas::import
