// Layers with weights, and pools.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "import/onnx_reader.h"

namespace tinynas::import {
namespace {

constexpr std::int64_t kMostWindow = 32767;
constexpr std::size_t kMostGroups = 64;

std::int64_t within(std::int64_t number, std::int64_t least, const char* what) {
  if (number < least || number > kMostWindow) throw Refused{fmt::format("its {} is {}", what, number)};
  return number;
}

Image image_of(const Value& value) {
  return value.shape.size() == 4 ? Image{value.shape[1], value.shape[2], value.shape[3]} : Image{};
}

}  // namespace

Item OnnxReader::image_input(std::size_t input) {
  const Item read = quantized(input);
  return settled(read, roles_of(read.dims.size()));
}

/// Of what chooses among values, and may stand ahead of the QuantizeLinear too.
Item OnnxReader::image_input_or_pending(std::size_t input) {
  const Item& read = item(input);
  const bool pending = read.kind == Item::kTensor && read.exact && readers_[step_->node.inputs[input]] == 1 &&
                       !is_quantized(read);
  if (pending || (read.stored && is_quantized(read))) return settled(read, roles_of(read.dims.size()));
  return image_input(input);
}

/// Rows and columns of a window. Sizes of [N, C, H] have one of both.
std::array<OnnxReader::Axis, 2> OnnxReader::window(const Item& in, std::array<std::int64_t, 2> kernel) {
  const std::size_t count = in.dims.size() - 2;
  if (count < 1 || count > 2) throw Refused{fmt::format("its input has {} dimensions", in.dims.size())};
  const auto some = [&](const char* name, std::int64_t otherwise, std::size_t times) {
    std::vector<std::int64_t> numbers = integers(name, std::vector<std::int64_t>(times * count, otherwise));
    if (numbers.size() != times * count) throw Refused{fmt::format("its {} are {}", name, numbers.size())};
    return numbers;
  };
  const auto strides = some("strides", 1, 1), dilations = some("dilations", 1, 1), pads = some("pads", 0, 2);
  const std::string auto_pad = text("auto_pad", "NOTSET");
  const bool up = integer("ceil_mode", 0) != 0;
  std::array<Axis, 2> axes;
  for (std::size_t i = 0; i < count; ++i) {
    Axis& axis = axes[i];
    axis = {.kernel = within(kernel[i], 1, "kernel"),
            .stride = within(strides[i], 1, "stride"),
            .dilation = within(dilations[i], 1, "dilation")};
    const std::int64_t size = in.dims[2 + i], reach = (axis.kernel - 1) * axis.dilation + 1;
    if (auto_pad.starts_with("SAME")) {
      const std::int64_t made = (size + axis.stride - 1) / axis.stride;
      const std::int64_t total = std::max<std::int64_t>((made - 1) * axis.stride + reach - size, 0);
      axis.before = auto_pad == "SAME_LOWER" ? total - total / 2 : total / 2;
      axis.after = total - axis.before;
    } else if (auto_pad != "VALID") {
      axis.before = within(pads[i], 0, "padding");
      axis.after = within(pads[count + i], 0, "padding");
    }
    const std::int64_t way = size + axis.before + axis.after - reach;
    if (way < 0) throw Refused{"its window is larger than its input"};
    axis.made = way / axis.stride + 1;
    if (up && way % axis.stride != 0) {  // one more window, over the end of the input
      if (axis.made * axis.stride < size + axis.before)
        axis.after += axis.stride - way % axis.stride, ++axis.made;
    }
  }
  return axes;
}

void OnnxReader::add_window(Node& node, const std::array<Axis, 2>& axes) const {
  const auto& [h, w] = axes;
  node.attributes.insert({{"padding", std::string("explicit")},
                          {"pad_top", h.before},
                          {"pad_bottom", h.after},
                          {"pad_left", w.before},
                          {"pad_right", w.after},
                          {"kernel_h", h.kernel},
                          {"kernel_w", w.kernel},
                          {"stride_h", h.stride},
                          {"stride_w", w.stride},
                          {"dilation_h", h.dilation},
                          {"dilation_w", w.dilation}});
}

/// Weights [Cout, Cin / group, Kh, Kw] become [Cout, Kh, Kw, Cin / group], those of a depthwise convolution
/// [1, Kh, Kw, Cout].
void OnnxReader::conv() {
  const Item in = image_input(0);
  const Constant& weights = constant(1);
  const auto& dims = weights.numbers.dims;
  if (dims.size() != in.dims.size() || dims.size() < 3)
    throw Refused{fmt::format("its weights have {} dimensions, its input {}", dims.size(), in.dims.size())};
  if (weights.scales.empty() && !is_float_)
    throw lacking("its weights are not quantized", "int8 weights behind a DequantizeLinear");
  if (weights.scales.size() > 1 && weights.axis != 0)
    throw Refused{"the scales of its weights are not for output channels"};
  if (weights.size() == 0) throw Refused{"it has no weights"};
  const std::int64_t out = dims[0], each = dims[1], kh = dims[2], kw = dims.size() > 3 ? dims[3] : 1;
  const std::int64_t channels = in.dims[1], group = integer("group", 1);
  const bool depthwise = group == channels && group != 1 && each == 1;
  const auto given = integers("kernel_shape", {dims.begin() + 2, dims.end()});
  if (given != std::vector<std::int64_t>(dims.begin() + 2, dims.end()))
    throw Refused{"its kernel_shape is not that of its weights"};
  const auto axes = window(in, {kh, kw});
  if (group < 1 || out % group != 0 || each * group != channels)
    throw Refused{fmt::format("its weights have shape [{}], its input {} channels in {} groups",
                              fmt::join(dims, ", "), channels, group)};
  // Other groups are a convolution over all channels, most of whose weights are 0.
  const std::int64_t taps = kh * kw, inputs = depthwise ? 1 : channels;
  std::vector<std::int64_t> from(at(out * taps * inputs), -1);
  if (from.size() > weights.size() * kMostGroups) throw Refused{fmt::format("it has {} groups", group)};
  for (std::int64_t o = 0, n = 0; o < out; ++o)
    for (std::int64_t i = 0; i < each; ++i)
      for (std::int64_t k = 0; k < taps; ++k, ++n)
        from[at(depthwise ? k * out + o : (o * taps + k) * channels + o / (out / group) * each + i)] = n;
  const int kept = keep_weights(
      weights, depthwise ? std::vector{std::int64_t{1}, kh, kw, out} : std::vector{out, kh, kw, channels},
      from);
  const int made = new_value({axes[0].made, axes[1].made, out});
  const int node = add_node(depthwise ? "depthwise" : "conv", {in.index, kept}, {made});
  makers_[made] = node;
  add_window(model_.nodes[at(node)], axes);
  const Item result = image_item(made, in.dims.size());
  if (has(2)) gemm_bias(node, in, weights, 2);
  define(result);
}

/// Weights [Cin, Cout / group, Kh, Kw] become [Cout, Kh, Kw, Cin], with zeros between groups.
void OnnxReader::transposed_conv() {
  const Item in = image_input(0);
  const Constant& weights = constant(1);
  const auto& dims = weights.numbers.dims;
  if (dims.size() != in.dims.size() || dims.size() < 3 || dims.size() > 4)
    throw Refused{fmt::format("its weights have {} dimensions, its input {}", dims.size(), in.dims.size())};
  if (weights.scales.empty() && !is_float_)
    throw lacking("its weights are not quantized", "int8 weights behind a DequantizeLinear");
  const std::int64_t channels = dims[0], each = dims[1], group = integer("group", 1);
  const std::size_t count = dims.size() - 2;
  if (group < 1 || channels != in.dims[1] || channels % group != 0 || weights.size() == 0)
    throw Refused{
        fmt::format("its weights have shape [{}], its input {} channels", fmt::join(dims, ", "), in.dims[1])};
  const std::int64_t out = within(each * group, 1, "number of channels");
  if (weights.scales.size() > 1 && (weights.axis != 1 || group != 1))
    throw Refused{"the scales of its weights are not for output channels", "one scale for all weights"};
  const auto some = [&](const char* name, std::int64_t otherwise, std::size_t times) {
    std::vector<std::int64_t> numbers = integers(name, std::vector<std::int64_t>(times * count, otherwise));
    if (numbers.size() != times * count) throw Refused{fmt::format("its {} are {}", name, numbers.size())};
    return numbers;
  };
  const auto strides = some("strides", 1, 1), dilations = some("dilations", 1, 1), pads = some("pads", 0, 2),
             more = some("output_padding", 0, 1), given = integers("output_shape", {});
  const std::string auto_pad = text("auto_pad", "NOTSET");
  std::array<Axis, 2> axes;
  for (std::size_t i = 0; i < count; ++i) {
    Axis& axis = axes[i];
    axis.kernel = within(dims[2 + i], 1, "kernel");
    axis.stride = within(strides[i], 1, "stride");
    if (dilations[i] != 1 && axis.kernel > 1)
      throw Refused{"dilated transposed convolutions are not computed", "dilation 1"};
    const std::int64_t size = in.dims[2 + i];
    const std::int64_t whole = axis.stride * (size - 1) + within(more[i], 0, "output_padding") + axis.kernel;
    if (given.size() >= count || auto_pad.starts_with("SAME")) {
      axis.made = given.size() >= count ? given[given.size() - count + i] : size * axis.stride;
      const std::int64_t total = std::max<std::int64_t>(0, whole - axis.made);
      axis.before = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
    } else {
      axis.before = within(pads[i], 0, "padding");
      axis.made = whole - axis.before - within(pads[count + i], 0, "padding");
    }
    axis.made = within(axis.made, 1, "output");
  }
  const std::int64_t kh = axes[0].kernel, kw = axes[1].kernel, inputs = channels / group;
  constexpr std::int64_t kMostWeights = 1 << 26;
  if (out * kh * kw * channels > kMostWeights) throw Refused{"it has too many weights"};
  std::vector<std::int64_t> from(at(out * kh * kw * channels), -1);
  for (std::int64_t i = 0, n = 0; i < channels; ++i)
    for (std::int64_t e = 0; e < each; ++e)
      for (std::int64_t k = 0; k < kh * kw; ++k, ++n)
        from[at(((i / inputs * each + e) * kh * kw + k) * channels + i)] = n;
  const int kept = keep_weights(weights, {out, kh, kw, channels}, from);
  const int made = new_value({axes[0].made, axes[1].made, out});
  const int node = add_node("transposed_conv", {in.index, kept}, {made});
  makers_[made] = node;
  add_window(model_.nodes[at(node)], axes);
  const Item result = image_item(made, in.dims.size());
  if (has(2)) gemm_bias(node, in, weights, 2);
  define(result);
}

/// Numbers of a float network, one a channel.
int OnnxReader::real_bias(const Item& in, const Constant& weights, const Constant& bias,
                          std::int64_t channels, double factor) {
  if (bias.size() != 1 && static_cast<std::int64_t>(bias.size()) != channels)
    throw Refused{fmt::format("its bias has shape [{}], its output {} channels",
                              fmt::join(bias.numbers.dims, ", "), channels)};
  const bool in_units = bias.scales.empty() && bias.numbers.type != onnx::NumberType::kFloat;
  std::vector<float> numbers;
  for (std::size_t c = 0; c < at(channels); ++c) {
    double number = factor * bias.real(bias.size() == 1 ? 0 : c);
    if (in_units && !weights.scales.empty())
      number *= static_cast<double>(in.unit) *
                static_cast<double>(weights.scales[weights.scales.size() == 1 ? 0 : c]);
    numbers.push_back(static_cast<float>(number));
  }
  return keep({channels}, numbers);
}

/// A constant a channel; in int8 in units of input scale times weight scale.
void OnnxReader::gemm_bias(int node, const Item& in, const Constant& weights, std::size_t input,
                           double factor) {
  const Constant& numbers = constant(input);
  const std::int64_t channels = model_.values[at(model_.nodes[at(node)].outputs[0])].shape.back();
  const std::optional<int> bias = is_float_ ? real_bias(in, weights, numbers, channels, factor)
                                            : bias_value(model_.nodes[at(node)], numbers);
  if (!bias)
    throw Refused{fmt::format("its bias has shape [{}], its output {} channels",
                              fmt::join(numbers.numbers.dims, ", "), channels)};
  model_.nodes[at(node)].inputs.push_back(*bias);
}

/// As the node's third input, or nothing where it is not a number a channel.
std::optional<int> OnnxReader::bias_value(const Node& node, const Constant& bias) {
  const Value &in = model_.values[at(node.inputs[0])], &weights = model_.values[at(node.inputs[1])];
  const std::int64_t channels = model_.values[at(node.outputs[0])].shape.back();
  const bool one = bias.size() == 1;
  if (!one && static_cast<std::int64_t>(bias.size()) != channels) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (std::size_t c = 0; c < at(channels); ++c) {
    const std::size_t i = one ? 0 : c;
    const double unit = static_cast<double>(in.scales.at(0)) *
                        static_cast<double>(weights.scales[weights.scales.size() == 1 ? 0 : c]);
    const bool of_integers = bias.numbers.type == onnx::NumberType::kInt32;
    const double scale = bias.scales.empty() ? unit : static_cast<double>(bias.scales[bias.quant_index(i)]);
    if (bias.scales.empty() && bias.numbers.type != onnx::NumberType::kFloat && !of_integers)
      throw Refused{"its bias is neither int32 nor float"};
    constexpr double kSame = 1e-3;  // of the unit, which is stated once more
    const bool in_units = of_integers && std::abs(scale - unit) <= kSame * std::abs(unit);
    const double number = std::round(
        bias.scales.empty() && of_integers ? bias.real(i) : bias.real(i) / (in_units ? scale : unit));
    if (!(std::abs(number) < static_cast<double>(std::numeric_limits<std::int32_t>::max())))
      throw Refused{"its bias is far larger than what its sums can be"};
    numbers.push_back(static_cast<std::int64_t>(number));
  }
  return keep(Type::kInt32, {channels}, numbers);
}

/// Gemm or MatMul, over the last dimension. Its weights [Cin, Cout] become [Cout, Cin], in the order of the
/// input's rows, columns and channels.
void OnnxReader::dense() {
  const bool gemm = step_->node.op == "Gemm";
  if (item(0).kind == Item::kConstant || item(1).kind != Item::kConstant)
    throw Refused{"it multiplies by what is computed", "a constant as its second input"};
  if (gemm && integer("transA", 0) != 0) throw Refused{"it turns its input (transA)", "transA 0"};
  if (gemm && !is_float_ && (number("alpha", 1) != 1 || (has(2) && number("beta", 1) != 1)))
    throw Refused{fmt::format("its alpha and beta are {} and {}", number("alpha", 1), number("beta", 1)),
                  "alpha and beta 1"};
  const Item read = quantized(0);
  constexpr std::array<std::string_view, 5> kRoles = {"", "*", "N*", "NHC", "NHWC"};
  const Item in =
      settled(read, std::string(read.dims.size() < kRoles.size() ? kRoles[read.dims.size()] : ""));
  const Constant& weights = constant(1);
  const auto& dims = weights.numbers.dims;
  const bool out_first = gemm && integer("transB", 0) != 0;
  if (dims.size() != 2) throw Refused{"its weights have not two dimensions"};
  if (weights.scales.empty() && !is_float_)
    throw lacking("its weights are not quantized", "int8 weights behind a DequantizeLinear");
  if (weights.size() == 0) throw Refused{"it has no weights"};
  const std::int64_t out = dims[out_first ? 0 : 1], taps = dims[out_first ? 1 : 0];
  if (taps != in.dims.back())
    throw Refused{fmt::format("its weights are for {} inputs, its input has shape [{}]", taps,
                              fmt::join(in.dims, ", "))};
  if (weights.scales.size() > 1 && weights.axis != (out_first ? 0 : 1))
    throw Refused{"the scales of its weights are not for outputs"};
  // Where the file has the input's value of each row, column and channel.
  const Image image = image_of(value(in));
  std::vector<std::int64_t> place(at(taps));
  const std::string order = in.axes.back();
  for (std::int64_t y = 0, n = 0; n < taps; ++y)
    for (std::int64_t x = 0; x < image.w && n < taps; ++x)
      for (std::int64_t c = 0; c < image.c && n < taps; ++c, ++n) {
        std::int64_t p = 0;
        for (const char letter : order)
          p = letter == 'H' ? p * image.h + y : letter == 'W' ? p * image.w + x : p * image.c + c;
        place[at(n)] = order.find_first_of("HW") == std::string::npos ? n : p;
      }
  std::vector<std::int64_t> from(weights.size());
  for (std::int64_t o = 0; o < out; ++o)
    for (std::int64_t n = 0; n < taps; ++n)
      from[at(o * taps + n)] = out_first ? o * taps + place[at(n)] : place[at(n)] * out + o;
  const int kept =
      keep_weights(weights, {out, taps}, from, gemm ? static_cast<double>(number("alpha", 1)) : 1);
  const bool each_pixel = in.dims.size() > 2;
  const int made = new_value(each_pixel ? Image{image.h, image.w, out} : Image{1, 1, out});
  const int node = add_node("dense", {in.index, kept}, {made});
  makers_[made] = node;
  Item result = image_item(made, 2);
  if (each_pixel) {
    result.dims = in.dims;
    result.axes = in.axes;
  } else if (in.dims.size() == 1) {
    result.dims = {1};
    result.axes = {""};
  }
  result.dims.back() = out;
  result.axes.back() = out > 1 ? "C" : "";
  if (gemm && has(2)) gemm_bias(node, in, weights, 2, static_cast<double>(number("beta", 1)));
  define(std::move(result));
}

void OnnxReader::pool() {
  const bool mean = step_->node.op == "AveragePool";
  if (integer("channels_last", 0) != 0) throw Refused{"its channels stand last", "channels_last 0"};
  Item in = mean ? image_input(0) : image_input_or_pending(0);
  if (step_->node.outputs.size() > 1 && readers_[step_->node.outputs[1]] > 0)
    throw Refused{"the places of its maxima are read"};
  std::vector<std::int64_t> kernel = integers("kernel_shape", {});
  kernel.resize(2, 1);
  auto axes = window(in, {kernel[0], kernel[1]});
  int from = in.index;
  const auto padding = axes[0].before + axes[0].after + axes[1].before + axes[1].after;
  if (mean && integer("count_include_pad", 0) != 0 &&
      padding > 0) {  // zeros that count are a layer of their own
    if (integer("ceil_mode", 0) != 0)
      throw Refused{"it counts padding, and rounds its size up", "ceil_mode 0"};
    const Image image = image_of(value(in));
    auto& [h, w] = axes;
    const int sizes = keep(Type::kInt32, {4, 2}, {0, 0, h.before, h.after, w.before, w.after, 0, 0});
    const int padded = new_value({image.h + h.before + h.after, image.w + w.before + w.after, image.c});
    quantize_value(padded, value(in));
    makers_[padded] = add_node("pad", {from, sizes}, {padded});
    h.before = h.after = w.before = w.after = 0;
    from = padded;
  }
  const int made = new_value({axes[0].made, axes[1].made, in.dims[1]});
  makers_[made] = add_node(mean ? "average_pool" : "max_pool", {from}, {made});
  add_window(model_.nodes[at(makers_[made])], axes);
  define_pool(made, in, mean);
}

/// A mean has a range of its own; a maximum moves values.
void OnnxReader::define_pool(int made, const Item& in, bool mean) {
  Item result = image_item(made, in.dims.size());
  if (!mean) {
    same_quant(made, in);
    result.exact = in.exact;
    result.stored = in.stored;
    result.unit = in.unit;
    result.zero = in.zero;
  }
  define(std::move(result));
}

void OnnxReader::global_pool() {
  if (integer("channels_last", 0) != 0) throw Refused{"its channels stand last", "channels_last 0"};
  const bool mean = step_->node.op == "GlobalAveragePool";
  const Item in = mean ? image_input(0) : image_input_or_pending(0);
  const Image image = image_of(value(in));
  const int made = new_value({1, 1, image.c});
  makers_[made] = add_node(mean ? "average_pool" : "max_pool", {in.index}, {made});
  Node& node = model_.nodes[at(makers_[made])];
  node.attributes = {{"kernel_h", image.h}, {"kernel_w", image.w}};
  define_pool(made, in, mean);
}

/// A mean or a maximum over rows, columns, or both, wherever the file has them.
void OnnxReader::reduce() {
  const std::string& op = step_->node.op;
  const bool mean = op == "ReduceMean", pools = mean || op == "ReduceMax";
  Item in = quantized(0);
  if (input_axes(in) != nullptr) in = settled(in, roles_of(in.dims.size()));
  const auto rank = static_cast<std::int64_t>(in.dims.size());
  const std::vector<std::int64_t> named = has(1) ? integers(1) : integers("axes", {});
  std::set<std::int64_t> over;
  for (const std::int64_t axis : named) over.insert(axis < 0 ? axis + rank : axis);
  if (named.empty())
    for (std::int64_t i = 0; i < rank; ++i) over.insert(i);
  const bool kept = integer("keepdims", 1) != 0;
  Image image = image_of(value(in));
  std::int64_t kernel_h = 1, kernel_w = 1;
  bool channels = false;
  Item result = in;
  result.dims.clear();
  result.axes.clear();
  for (std::int64_t i = 0; i < rank; ++i) {
    const std::string& axis = in.axes[at(i)];
    if (!over.contains(i)) {
      result.dims.push_back(in.dims[at(i)]);
      result.axes.push_back(axis);
      continue;
    }
    if (in.opaque) throw Refused{"its input is reshaped so that dimensions are divided"};
    channels = channels || axis.find('C') != std::string::npos;
    if (axis.find('H') != std::string::npos) kernel_h = image.h;
    if (axis.find('W') != std::string::npos) kernel_w = image.w;
    if (kept) {
      result.dims.push_back(1);
      result.axes.emplace_back();
    }
  }
  const int made = new_value({image.h / kernel_h, image.w / kernel_w, channels ? 1 : image.c});
  if (pools && !channels) {
    makers_[made] = add_node(mean ? "average_pool" : "max_pool", {in.index}, {made});
    model_.nodes[at(makers_[made])].attributes = {{"kernel_h", kernel_h}, {"kernel_w", kernel_w}};
  } else {
    std::vector<std::int64_t> axes;
    if (kernel_h > 1) axes.push_back(1);
    if (kernel_w > 1) axes.push_back(2);
    if (channels || axes.empty()) axes.push_back(3);
    const int kept_axes = keep(Type::kInt32, {std::ssize(axes)}, axes);
    const std::string_view ours = mean                ? "mean"
                                  : op == "ReduceSum" ? "sum"
                                  : op == "ReduceMax" ? "max"
                                                      : "min";
    makers_[made] = add_node(std::string(ours), {in.index, kept_axes}, {made});
  }
  const bool computes = mean || op == "ReduceSum";
  result.index = made;
  result.exact = computes;
  if (!computes) same_quant(made, in);
  define(std::move(result));
}

}  // namespace tinynas::import
