// Constants of the file: weights, biases, factors, sizes.
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "import/folder.h"

namespace tinynas::import {
namespace {

template <typename Stored, typename To>
std::vector<To> read_as(std::string_view bytes) {
  std::vector<To> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = static_cast<To>(stored);
  }
  return values;
}

/// IEEE 754 binary16: a sign, five bits of exponent, ten of fraction.
double half(std::uint16_t bits) {
  constexpr int kFraction = 10, kMostExponent = 31, kBias = 15;
  const int exponent = bits >> kFraction & kMostExponent, fraction = bits & ((1 << kFraction) - 1);
  const double size = exponent == kMostExponent ? (fraction == 0 ? std::numeric_limits<double>::infinity()
                                                                 : std::numeric_limits<double>::quiet_NaN())
                      : exponent == 0           ? std::ldexp(fraction, 1 - kBias - kFraction)
                                      : std::ldexp(fraction + (1 << kFraction), exponent - kBias - kFraction);
  return bits >> 15 != 0 ? -size : size;
}

template <typename To>
std::vector<To> read_halves(std::string_view bytes) {
  std::vector<To> values;
  for (const std::uint16_t bits : read_as<std::uint16_t, std::uint16_t>(bytes))
    values.push_back(static_cast<To>(half(bits)));
  return values;
}

template <typename To>
std::vector<To> read_numbers(Type type, std::string_view bytes) {
  switch (type) {
    case Type::kInt8:
      return read_as<std::int8_t, To>(bytes);
    case Type::kUint8:
      return read_as<std::uint8_t, To>(bytes);
    case Type::kInt16:
      return read_as<std::int16_t, To>(bytes);
    case Type::kInt32:
      return read_as<std::int32_t, To>(bytes);
    case Type::kInt64:
      return read_as<std::int64_t, To>(bytes);
    case Type::kFloat32:
      if constexpr (std::is_floating_point_v<To>) return read_as<float, To>(bytes);
      break;
    case Type::kFloat16:
      if constexpr (std::is_floating_point_v<To>) return read_halves<To>(bytes);
      break;
    case Type::kOther:
      break;
  }
  throw Refused{fmt::format("a constant is {}", type_name(type)), "constants of integers"};
}

std::string_view bytes_of(const Model& model, const Value& value) {
  if (!value.constant) throw Refused{fmt::format("'{}' must be a constant", value.name)};
  return std::string_view(model.data).substr(value.constant->first, value.constant->count);
}

/// Converters that fold batch norms may leave negative scales: ours are positive, and the weights turn.
void make_scales_positive(Weights& weights) {
  const std::size_t taps = weights.numbers.size() / weights.bias.size();
  for (std::size_t c = 0; c < weights.bias.size(); ++c) {
    if (!(weights.scales[c] < 0)) continue;
    weights.scales[c] = -weights.scales[c];
    if (weights.bias[c] == std::numeric_limits<std::int32_t>::min()) throw Refused{"a bias is too large"};
    weights.bias[c] = -weights.bias[c];
    for (std::size_t k = c * taps; k < (c + 1) * taps; ++k)
      weights.numbers[k] = static_cast<std::int16_t>(-weights.numbers[k]);
  }
}

}  // namespace

bool Folder::is_constant(const Node& node, std::size_t input) const {
  return has_input(node, input) && value(node, input).constant.has_value();
}

std::vector<std::int64_t> Folder::integers(const Value& value) const {
  return read_numbers<std::int64_t>(value.type, bytes_of(model_, value));
}

/// What the numbers of a constant mean.
std::vector<double> Folder::reals(const Value& value) const {
  std::vector<double> values = read_numbers<double>(value.type, bytes_of(model_, value));
  for (const double number : values)
    if (!std::isfinite(number)) throw Refused{fmt::format("the constant '{}' holds no number", value.name)};
  if (value.type == Type::kFloat32 || value.type == Type::kFloat16) return values;
  const std::size_t scales = value.scales.size(), zeros = value.zero_points.size();
  std::size_t inner = 1;  // numbers that follow one another with one scale
  for (std::size_t d = at(value.axis) + 1; scales > 1 && d < value.shape.size(); ++d)
    inner *= at(value.shape[d]);
  if (scales == 0 || inner == 0 || (zeros > 1 && zeros != scales))
    throw Refused{fmt::format("the constant '{}' needs one scale", value.name)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t k = scales == 1 ? 0 : i / inner % scales;
    const double zero = zeros == 0 ? 0 : static_cast<double>(value.zero_points[zeros == 1 ? 0 : k]);
    values[i] = (values[i] - zero) * static_cast<double>(value.scales[k]);
  }
  return values;
}

Weights Folder::real_weights(const Value& stored, std::size_t channels, std::size_t taps,
                             ChannelsAre where) const {
  Value of_channels = stored;
  of_channels.axis = where == ChannelsAre::kFirst ? 0 : static_cast<std::int64_t>(stored.shape.size()) - 1;
  const std::vector<double> numbers = reals(of_channels);
  if (numbers.size() != channels * taps)
    throw Refused{fmt::format("it has {} weights, {} channels of {} need {}", numbers.size(), channels, taps,
                              channels * taps)};
  Weights made;
  made.reals.bias.assign(channels, 0);
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t k = 0; k < taps; ++k)
      made.reals.weight.push_back(
          static_cast<float>(numbers[where == ChannelsAre::kFirst ? c * taps + k : k * channels + c]));
  return made;
}

/// Input 1 less its zero points, [channels, taps], with a scale for each channel.
Weights Folder::weights(const Node& node, std::size_t channels, std::size_t taps, ChannelsAre where) const {
  const Value& stored = value(node, 1);
  if (!stored.constant) throw Refused{"its weights are no constants"};
  if (is_float_) return real_weights(stored, channels, taps, where);
  if (stored.type != Type::kInt8 && stored.type != Type::kUint8)
    throw Refused{fmt::format("its weights are {}, not int8", type_name(stored.type)),
                  "convert the model with full integer quantization (int8 weights and activations)"};
  const std::vector<std::int64_t> numbers = integers(stored);
  if (numbers.size() != channels * taps)
    throw Refused{fmt::format("it has {} weights, {} channels of {} need {}", numbers.size(), channels, taps,
                              channels * taps)};
  const bool per_channel = stored.scales.size() == channels;
  if ((stored.scales.size() != 1 && !per_channel) ||
      (stored.zero_points.size() > 1 && stored.zero_points.size() != stored.scales.size()))
    throw Refused{fmt::format("its weights have {} scales and {} zero points for {} output channels",
                              stored.scales.size(), stored.zero_points.size(), channels)};
  Weights made;
  made.numbers.resize(numbers.size());
  for (std::size_t c = 0; c < channels; ++c) {
    made.scales.push_back(stored.scales[per_channel ? c : 0]);
    const std::int64_t zero = stored.zero_points.empty()       ? 0
                              : stored.zero_points.size() == 1 ? stored.zero_points[0]
                                                               : stored.zero_points[c];
    if (zero < -128 || zero > 255) throw Refused{fmt::format("its weights have the zero point {}", zero)};
    for (std::size_t k = 0; k < taps; ++k) {
      const std::int64_t number = numbers[where == ChannelsAre::kFirst ? c * taps + k : k * channels + c];
      made.numbers[c * taps + k] = static_cast<std::int16_t>(number - zero);
    }
  }
  made.bias.assign(channels, 0);
  return made;
}

/// Input 1, and as bias input 2 if there is one: int32, in units of input scale x weight scale.
Weights Folder::parameters(const Node& node, float in_scale, std::size_t channels, std::size_t taps,
                           ChannelsAre where) const {
  Weights made = weights(node, channels, taps, where);
  if (is_float_) {
    if (has_input(node, 2)) read_real_bias(node, made);
    return made;
  }
  if (has_input(node, 2)) read_bias(node, in_scale, made);
  make_scales_positive(made);
  return made;
}

/// Integers are in units of input scale x weight scale where they state no scale of their own.
void Folder::read_real_bias(const Node& node, Weights& to) const {
  Value stored = value(node, 2);
  if (stored.type != Type::kFloat32 && stored.type != Type::kFloat16 && stored.scales.empty()) {
    if (value(node, 0).scales.size() != 1) throw Refused{"its bias is of integers without a scale"};
    stored.scales = value(node, 1).scales;
    for (float& scale : stored.scales) scale *= value(node, 0).scales[0];
    stored.zero_points.clear();
  }
  stored.axis = 0;
  const std::vector<double> numbers = reals(stored);
  if (numbers.size() != to.reals.bias.size())
    throw Refused{
        fmt::format("it has {} biases for {} output channels", numbers.size(), to.reals.bias.size())};
  to.reals.bias.assign(numbers.begin(), numbers.end());
}

void Folder::read_bias(const Node& node, float in_scale, Weights& to) const {
  const Value& stored = value(node, 2);
  if (stored.type != Type::kInt32)
    throw Refused{fmt::format("its bias is {}, not int32", type_name(stored.type)),
                  "convert the model with full integer quantization (int8 weights and activations)"};
  const std::vector<std::int64_t> numbers = integers(stored);
  if (numbers.size() != to.bias.size())
    throw Refused{fmt::format("it has {} biases for {} output channels", numbers.size(), to.bias.size())};
  for (std::size_t c = 0; c < numbers.size(); ++c) {
    // Converters state the unit once more; where it differs, theirs counts.
    const double unit = static_cast<double>(in_scale) * static_cast<double>(to.scales[c]);
    const double said = stored.scales.size() == numbers.size() ? static_cast<double>(stored.scales[c])
                        : stored.scales.size() == 1            ? static_cast<double>(stored.scales[0])
                                                               : unit;
    constexpr double kSame = 1e-3;
    if (!(std::abs(said - unit) <= kSame * std::abs(unit)))
      throw Refused{fmt::format(
          "the scale {} of its bias is not that of its input times that of its weights, {}", said, unit)};
    to.bias[c] = static_cast<std::int32_t>(numbers[c]);
  }
}

}  // namespace tinynas::import
