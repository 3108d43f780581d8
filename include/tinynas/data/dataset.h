#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace tinynas::data {

/// Images as plain bytes, [N, H, W, C], with one label each.
struct ImageSet {
  int h = 0, w = 0, c = 0;
  std::vector<std::uint8_t> pixels = {};
  std::vector<std::uint16_t> labels = {};
  std::size_t size() const { return labels.size(); }
  std::size_t image_bytes() const {
    return static_cast<std::size_t>(h) * static_cast<std::size_t>(w) * static_cast<std::size_t>(c);
  }
  std::span<const std::uint8_t> image(std::size_t i) const {
    return std::span(pixels).subspan(i * image_bytes(), image_bytes());
  }
  friend bool operator==(const ImageSet&, const ImageSet&) = default;
};

struct Dataset {
  std::string name = {};
  std::vector<std::string> classes = {};
  ImageSet train, test;
};

/// How pixels become the network's numbers: real = scale * (pixel - 128 - zero_point), so that firmware feeds
/// pixel - 128 as int8. One mean and deviation for all channels, the mean rounded so that zero_point is an
/// integer.
struct PixelScaling {
  float scale = 1.0F / 128;
  int zero_point = 0;
  friend bool operator==(const PixelScaling&, const PixelScaling&) = default;
};
PixelScaling measure_pixel_scaling(const ImageSet& images);

/// `set`: "fashion-mnist" (Debian's package unless `folder` is given; IDX files, gzipped or not), "cifar10"
/// (binary batches), "images" (folder/train/<class>/*.jpg|png, folder/test/<class>/...). Throws IoError or
/// ConfigError naming file and remedy.
Dataset load_dataset(const std::string& set, const std::filesystem::path& folder);
std::vector<std::string> dataset_names();

/// Bilinear, antialiased when shrinking (area support), deterministic integers; the same size returns a copy.
ImageSet resize(const ImageSet& images, int height, int width);
/// What resize does along one side, as a matrix [out, in]: resized = rows * image * columns^T, before
/// rounding to bytes. Each row adds up to 1.
std::vector<float> resize_matrix(int in, int out);

/// Splits off `held_out` images, the same number per class as far as possible, chosen by `seed`: {rest, held
/// out}.
struct Split {
  ImageSet train, validation;
};
Split hold_out(const ImageSet& images, std::size_t held_out, std::uint64_t seed);

}  // namespace tinynas::data
