#include "tinynas/cost/unrolled.h"

#include <algorithm>

#include "tinynas/cost/kernels.h"

namespace tinynas::cost {
namespace {

constexpr int kInstructionBytes = 4;  // all of them
constexpr int kMostInWidth = 255;     // the offset of a load that moves its register
constexpr int kMostGroups = 30;       // of six outputs

/// The outputs [first, first + count) of a row, made from one set of words, and the columns they read.
class Unit {
 public:
  Unit(const UnrolledShape& shape, int first, int count)
      : shape_(shape),
        first_(first),
        count_(count),
        low_(std::max(0, column(first, 0))),
        high_(std::min(shape.in_w, column(first + count - 1, shape.kernel)) - 1) {}

  /// Of one row of the kernel: words loaded and unpacked, multiplications.
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

  UnrolledShape shape_;
  int first_, count_, low_, high_;
};

/// Four outputs at a time, weights in registers.
int instructions_3x3(const UnrolledShape& s) {
  constexpr int kPerCall = 25, kPerChannel = 11;
  int sum = kPerCall + kPerChannel + (s.in_w < 4 ? 3 : 0);
  for (int first = 0; first < s.out_w; first += 4) {
    const int count = std::min(4, s.out_w - first);
    int inside = 0;
    for (int x = first; x < first + count; ++x)
      inside += x * s.stride >= s.pad_left && x * s.stride - s.pad_left + 2 < s.in_w;
    const int biases = count - inside + (inside > 0);
    const int unit = s.stride == 2 ? 4 : 2;
    for (int x = 0; x < count; x += unit)
      sum += 3 * Unit(s, first + x, std::min(unit, count - x)).instructions();
    sum += biases + 2 + 3 * count;
  }
  return sum;
}

/// Up to six outputs at a time, row by row of the kernel; a table of halfwords leads to the rows.
int instructions_5x5_7x7(const UnrolledShape& s) {
  constexpr int kPerCall = 12;
  const int per_channel = (s.kernel == 5 ? 14 : 15) + s.kernel, per_row = s.kernel == 5 ? 4 : 8;
  const int table = (s.kernel + 1) / 2;
  int sum = kPerCall + per_channel;
  const int groups = (s.out_w + 5) / 6;
  for (int g = 0, first = 0; g < groups; ++g) {
    const int count = (s.out_w - first + groups - g - 1) / (groups - g);
    sum += s.kernel * (per_row + Unit(s, first, count).instructions()) + table + 4 + 4 * count;
    first += count;
  }
  return sum;
}

/// Outputs of a 3x3 kernel lack one column of taps at most: there are biases for that.
bool has_biases(const UnrolledShape& s) {
  return s.in_w >= 2 && s.pad_left <= 1 && (s.out_w - 1) * s.stride - s.pad_left + 2 <= s.in_w;
}

}  // namespace

std::optional<UnrolledShape> unrolled_shape(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa) {
  if (isa != KernelIsa::kDsp || layer.op != ir::OpKind::kDepthwiseConv2d) return std::nullopt;
  const int kernel = layer.kernel_w;
  if (layer.kernel_h != kernel || (kernel != 3 && kernel != 5 && kernel != 7) || layer.stride_w > 2)
    return std::nullopt;
  const UnrolledShape shape = {.kernel = kernel,
                               .stride = layer.stride_w,
                               .in_w = graph.in_shape(layer).w,
                               .pad_left = layer.pad_left,
                               .out_w = graph.out_shape(layer).w};
  if (shape.in_w > kMostInWidth || shape.out_w > 6 * kMostGroups) return std::nullopt;
  if (kernel == 3 && !has_biases(shape)) return std::nullopt;
  return shape;
}

Bytes unrolled_bytes(const UnrolledShape& shape) {
  return kInstructionBytes * (shape.kernel == 3 ? instructions_3x3(shape) : instructions_5x5_7x7(shape));
}

Bytes unrolled_code_bytes(const ir::Graph& graph, KernelIsa isa) {
  Bytes sum = 0;
  for (auto layer = graph.layers.begin(); layer != graph.layers.end(); ++layer) {
    const auto shape = unrolled_shape(graph, *layer, isa);
    const auto same = [&](const ir::Layer& other) { return unrolled_shape(graph, other, isa) == shape; };
    if (shape && std::none_of(graph.layers.begin(), layer, same)) sum += unrolled_bytes(*shape);
  }
  return sum;
}

}  // namespace tinynas::cost
