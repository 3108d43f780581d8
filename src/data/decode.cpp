#include "data/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "tinynas/core/error.h"

namespace tinynas::data {
namespace {

constexpr int kMaxSide = 16384;

struct Format {
  std::string_view name, magic;
  bool (*size)(std::span<const std::uint8_t>, PictureSize&, DecodeFailure&);
  bool (*pixels)(std::span<const std::uint8_t>, int, std::span<std::uint8_t>, DecodeFailure&);
};
constexpr std::array kFormats = {
    Format{"JPEG", "\xff\xd8\xff", jpeg_size, jpeg_pixels},
    Format{"PNG", "\x89PNG\r\n\x1a\n", png_size, png_pixels},
};

const Format& format_of(const std::string& bytes, const std::filesystem::path& path) {
  for (const Format& format : kFormats)
    if (bytes.starts_with(format.magic)) return format;
  throw IoError(fmt::format("{}: neither a JPEG nor a PNG file ({} bytes); remove or replace it",
                            path.string(), bytes.size()));
}

std::span<const std::uint8_t> as_bytes(const std::string& bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

[[noreturn]] void fail(const Format& format, const DecodeFailure& failure,
                       const std::filesystem::path& path) {
  throw IoError(fmt::format("{}: damaged {} file ({}); remove or replace it", path.string(), format.name,
                            failure.reason));
}

}  // namespace

bool is_picture_name(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

PictureSize picture_size(const std::string& bytes, const std::filesystem::path& path) {
  const Format& format = format_of(bytes, path);
  PictureSize size;
  DecodeFailure failure;
  if (!format.size(as_bytes(bytes), size, failure)) fail(format, failure, path);
  if (size.h < 1 || size.w < 1 || size.h > kMaxSide || size.w > kMaxSide)
    throw IoError(fmt::format("{}: is {} x {} pixels, expected 1 to {} a side; remove or shrink it",
                              path.string(), size.w, size.h, kMaxSide));
  return size;
}

std::vector<std::uint8_t> decode_picture(const std::string& bytes, int channels,
                                         const std::filesystem::path& path) {
  const Format& format = format_of(bytes, path);
  const PictureSize size = picture_size(bytes, path);
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size.h) * static_cast<std::size_t>(size.w) *
                                   static_cast<std::size_t>(channels));
  DecodeFailure failure;
  if (!format.pixels(as_bytes(bytes), channels, pixels, failure)) fail(format, failure, path);
  return pixels;
}

}  // namespace tinynas::data
