#include "cost/kernels/depthwise_unrolled.h"

#include <algorithm>

namespace tinynas::cost {
namespace {

constexpr int kMostInWidth = 255;  // of depthwise: the offset of a load that moves its register
constexpr int kMostGroups = 30;    // of depthwise 5x5 and 7x7, with six outputs

/// The numbers of the code by name.
struct DepthwiseShape {
  int kernel, stride, in_w, pad_left, out_w;
};

/// The outputs [first, first + count) of a row, made from one set of words, and the columns they read.
class Unit {
 public:
  Unit(const DepthwiseShape& shape, int first, int count)
      : shape_(shape),
        first_(first),
        count_(count),
        low_(std::max(0, column(first, 0))),
        high_(std::min(shape.in_w, column(first + count - 1, shape.kernel)) - 1) {}

  /// Instructions of one row of the kernel: words loaded and unpacked, multiplications.
  int instructions() const {
    int sum = 0;
    for (int word = low_; word <= high_; word += 4) sum += load(word) + products(word);
    return sum;
  }

 private:
  int column(int output, int tap) const { return output * shape_.stride - shape_.pad_left + tap; }

  int load(int word) const {
    const bool single = word == high_;
    if (single) return shape_.kernel == 3 ? 1 : 2;
    return 2 + (shape_.in_w == 3 ? 3 : 1);
  }

  /// Products of the inputs that the word at column `word` gives: [word, end), loaded from `base` on.
  int products(int word) const {
    const int end = std::min(word + 4, high_ + 1);
    const int base = word == high_ ? word : std::max(0, std::min(word, shape_.in_w - 4));
    const int pairs = shape_.kernel == 3 ? 0b1 : shape_.kernel == 5 ? 0b111 : 0b11011;  // bit t: (t, t + 2)
    int sum = 0;
    for (int output = first_; output < first_ + count_; ++output) {
      const int from = std::max(word, column(output, 0)), to = std::min(end, column(output, shape_.kernel));
      for (int c = from; c < to; ++c) {
        const bool follows =
            c - 2 >= std::max(from, base) && c - base >= 2 && (pairs >> (c - 2 - column(output, 0)) & 1);
        if (!follows) ++sum;
      }
    }
    return sum;
  }

  DepthwiseShape shape_;
  int first_, count_, low_, high_;
};

/// Outputs [first, first + count) of a 3x3 kernel.
int group_3x3(const DepthwiseShape& s, int first, int count) {
  int inside = 0;
  for (int x = first; x < first + count; ++x)
    inside += x * s.stride >= s.pad_left && x * s.stride - s.pad_left + 2 < s.in_w;
  const int biases = count - inside + (inside > 0), unit = s.stride == 2 ? 4 : 2;
  int sum = biases + 2 + 3 * count;
  for (int x = 0; x < count; x += unit)
    sum += 3 * Unit(s, first + x, std::min(unit, count - x)).instructions();
  return sum;
}

/// Four outputs at a time, weights in registers.
UnrolledInstructions instructions_3x3(const DepthwiseShape& s) {
  constexpr int kPerCall = 25, kPerChannel = 11;
  const bool wide = s.in_w >= kWideRow;
  int sum = kPerChannel + (s.in_w < 4 ? 3 : 0) + (wide ? 0 : 7);
  int inner = 0;  // of a group whose words reach neither end of the row: they are all alike
  for (int first = 0; first < s.out_w; first += 4) {
    const int count = std::min(4, s.out_w - first), words_end = (first + 3) * s.stride - s.pad_left + 3 + 4;
    const bool is_inner = first > 0 && count == 4 && words_end <= s.in_w;
    if (!is_inner || inner == 0) {
      const int group = group_3x3(s, first, count);
      if (is_inner) inner = group;
      sum += group;
    } else {
      sum += inner;
    }
  }
  return {.call = kPerCall + (wide ? 0 : 2), .once = sum};
}

/// Up to six outputs at a time, row by row of the kernel; a table of halfwords leads to the rows.
UnrolledInstructions instructions_5x5_7x7(const DepthwiseShape& s) {
  constexpr int kPerCall = 12;
  const int per_channel = (s.kernel == 5 ? 16 : 17) + s.kernel, per_row = s.kernel == 5 ? 6 : 9;
  const int table = (s.kernel + 1) / 2;
  UnrolledInstructions sum{.call = kPerCall, .once = per_channel};
  const int groups = (s.out_w + 5) / 6;
  for (int g = 0, first = 0; g < groups; ++g) {
    const int count = (s.out_w - first + groups - g - 1) / (groups - g);
    sum.per_row += per_row + Unit(s, first, count).instructions();
    sum.call += table;
    sum.once += 4 + 4 * count;
    first += count;
  }
  return sum;
}

/// Outputs of a 3x3 kernel lack one column of taps at most: there are biases for that.
bool has_biases(const DepthwiseShape& s) {
  return s.in_w >= 2 && s.pad_left <= 1 && (s.out_w - 1) * s.stride - s.pad_left + 2 <= s.in_w;
}

UnrolledInstructions depthwise_instructions(const UnrolledNumbers& n) {
  const DepthwiseShape shape = {n[0], n[1], n[2], n[3], n[4]};
  return shape.kernel == 3 ? instructions_3x3(shape) : instructions_5x5_7x7(shape);
}

constexpr UnrolledForm kDepthwiseUnrolled = {
    .name = "depthwise", .numbers = 5, .instructions = depthwise_instructions};

}  // namespace

bool packs_biases(const ir::Graph& graph, const ir::Layer& layer) {
  const bool is_3x3 = layer.kernel_w == 3;
  if (!graph.quant || (is_3x3 && graph.in_shape(layer).w >= kWideRow)) return true;
  constexpr int kMostFolded = 128 * 127 * 9;  // by the zero point, into the bias of 3x3
  const int limit = kDepthwiseBias - (is_3x3 ? kMostFolded : 0);
  const auto fits = [&](int bias) { return -limit <= bias && bias < limit; };
  for (std::size_t i = 0; i < graph.layers.size(); ++i)
    if (const auto& biases = graph.quant->layers[i].bias; graph.layers[i].output == layer.output)
      return std::all_of(biases.begin(), biases.end(), fits);
  return true;
}

std::optional<UnrolledCode> depthwise_code(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  if (isa != KernelIsa::kDsp) return std::nullopt;
  const int kernel = layer.kernel_w;
  if (layer.kernel_h != kernel || (kernel != 3 && kernel != 5 && kernel != 7) || layer.stride_w > 2)
    return std::nullopt;
  const DepthwiseShape shape = {.kernel = kernel,
                                .stride = layer.stride_w,
                                .in_w = graph.in_shape(layer).w,
                                .pad_left = layer.pad_left,
                                .out_w = graph.out_shape(layer).w};
  if (shape.in_w > kMostInWidth || shape.out_w > 6 * kMostGroups || !packs_biases(graph, layer))
    return std::nullopt;
  if (kernel == 3 && !has_biases(shape)) return std::nullopt;
  return UnrolledCode{&kDepthwiseUnrolled, {kernel, shape.stride, shape.in_w, shape.pad_left, shape.out_w}};
}

}  // namespace tinynas::cost
