#include <algorithm>
#include <cstdlib>

#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/data/dataset.h"

namespace tinynas::data {
namespace {

constexpr int kWeightBits = 14;  // of a filter tap
constexpr int kKeptBits = 8;     // fraction bits kept between the two passes
constexpr int kFinalShift = kKeptBits + kWeightBits;

/// The input pixels that make one output pixel, and their weights, which add up to 2^kWeightBits.
struct Taps {
  int first = 0;
  std::vector<int> weights;
};

/// Triangle filter, as wide as an output pixel when shrinking (antialiasing), as an input pixel when growing.
/// Positions are integers, in units of 1 / (2 * out) of an input pixel, so that every machine agrees.
std::vector<Taps> make_taps(int in, int out) {
  const std::int64_t support = 2 * std::int64_t{std::max(in, out)};
  std::vector<Taps> all(static_cast<std::size_t>(out));
  for (int o = 0; o < out; ++o) {
    Taps& taps = all[static_cast<std::size_t>(o)];
    const std::int64_t centre = (2 * std::int64_t{o} + 1) * in;
    std::int64_t sum = 0;
    std::vector<std::int64_t> heights;
    for (int i = 0; i < in; ++i) {
      const std::int64_t height = support - std::abs((2 * std::int64_t{i} + 1) * out - centre);
      if (height <= 0) continue;
      if (heights.empty()) taps.first = i;
      heights.push_back(height);
      sum += height;
    }
    int left = 1 << kWeightBits;
    for (const std::int64_t height : heights) {
      taps.weights.push_back(static_cast<int>(((height << kWeightBits) + sum / 2) / sum));
      left -= taps.weights.back();
    }
    *std::max_element(taps.weights.begin(), taps.weights.end()) +=
        left;  // rounding must not change brightness
  }
  return all;
}

/// Rows first, then columns. Every value stays below 2^30: 8 bits of pixel, 8 of fraction, 14 of weight.
void resize_image(std::span<const std::uint8_t> in, int in_w, int c, const std::vector<Taps>& rows,
                  const std::vector<Taps>& columns, std::vector<int>& narrow, std::span<std::uint8_t> out) {
  const int in_h = static_cast<int>(in.size()) / (in_w * c);
  const int out_w = static_cast<int>(columns.size());
  const auto row_values = static_cast<std::size_t>(out_w * c);
  narrow.assign(static_cast<std::size_t>(in_h) * row_values, 0);
  std::size_t at = 0;
  for (int y = 0; y < in_h; ++y)
    for (const Taps& taps : columns)
      for (int k = 0; k < c; ++k) {
        int sum = 1 << (kWeightBits - kKeptBits - 1);
        auto from = static_cast<std::size_t>((y * in_w + taps.first) * c + k);
        for (const int weight : taps.weights) {
          sum += weight * in[from];
          from += static_cast<std::size_t>(c);
        }
        narrow[at++] = sum >> (kWeightBits - kKeptBits);
      }
  at = 0;
  for (const Taps& taps : rows)
    for (std::size_t x = 0; x < row_values; ++x) {
      std::int64_t sum = std::int64_t{1} << (kFinalShift - 1);
      std::size_t from = static_cast<std::size_t>(taps.first) * row_values + x;
      for (const int weight : taps.weights) {
        sum += std::int64_t{weight} * narrow[from];
        from += row_values;
      }
      out[at++] = static_cast<std::uint8_t>(sum >> kFinalShift);
    }
}

}  // namespace

std::vector<float> resize_matrix(int in, int out) {
  TINYNAS_CHECK(in > 0 && out > 0, "an image has at least one pixel");
  std::vector<float> matrix(static_cast<std::size_t>(out) * static_cast<std::size_t>(in));
  auto row = matrix.begin();
  for (const Taps& taps : make_taps(in, out)) {
    for (std::size_t i = 0; i < taps.weights.size(); ++i)
      row[taps.first + static_cast<std::ptrdiff_t>(i)] =
          static_cast<float>(taps.weights[i]) / (1 << kWeightBits);
    row += in;
  }
  return matrix;
}

ImageSet resize(const ImageSet& images, int height, int width) {
  TINYNAS_CHECK(height > 0 && width > 0, "an image has at least one pixel");
  if (height == images.h && width == images.w) return images;
  const auto rows = make_taps(images.h, height), columns = make_taps(images.w, width);
  ImageSet resized{.h = height, .w = width, .c = images.c, .pixels = {}, .labels = images.labels};
  resized.pixels.resize(images.size() * resized.image_bytes());

  constexpr std::size_t kImagesPerTask = 256;
  parallel_for_index((images.size() + kImagesPerTask - 1) / kImagesPerTask, [&](std::size_t task) {
    std::vector<int> narrow;
    const std::size_t last = std::min(images.size(), (task + 1) * kImagesPerTask);
    for (std::size_t i = task * kImagesPerTask; i < last; ++i)
      resize_image(images.image(i), images.w, images.c, rows, columns, narrow,
                   std::span(resized.pixels).subspan(i * resized.image_bytes(), resized.image_bytes()));
  });
  return resized;
}

}  // namespace tinynas::data
