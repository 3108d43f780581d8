#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace tinynas::data {

/// Size of a picture and its channels: 1 (grey) or 3.
struct PictureSize {
  int h = 0, w = 0, c = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

/// Does the name end as a JPEG's or a PNG's?
bool is_picture_name(const std::filesystem::path& path);

/// Reads the header of a JPEG or PNG, told apart by their first bytes. Throws IoError naming `path`.
PictureSize picture_size(const std::string& bytes, const std::filesystem::path& path);

/// Decodes into `channels` (1 or 3) interleaved bytes a pixel: grey is repeated, colour becomes luma.
/// Transparent pixels are laid over white. Throws IoError if the file is damaged or cut off.
std::vector<std::uint8_t> decode_picture(const std::string& bytes, int channels,
                                         const std::filesystem::path& path);

/// Readers of the two formats. They return false and a reason instead of throwing: libjpeg's errors must not
/// pass through C++ frames.
struct DecodeFailure {
  char reason[256] = "";
};
bool jpeg_size(std::span<const std::uint8_t> bytes, PictureSize& size, DecodeFailure& failure);
bool jpeg_pixels(std::span<const std::uint8_t> bytes, int channels, std::span<std::uint8_t> out,
                 DecodeFailure& failure);
bool png_size(std::span<const std::uint8_t> bytes, PictureSize& size, DecodeFailure& failure);
bool png_pixels(std::span<const std::uint8_t> bytes, int channels, std::span<std::uint8_t> out,
                DecodeFailure& failure);

}  // namespace tinynas::data
