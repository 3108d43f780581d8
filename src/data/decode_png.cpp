#include <png.h>

#include <algorithm>
#include <cstring>

#include "data/decode.h"

namespace tinynas::data {
namespace {

/// libpng's simplified interface: it keeps its error jumps to itself and reports in words.
class PngReader {
 public:
  explicit PngReader(std::span<const std::uint8_t> bytes) {
    image_.version = PNG_IMAGE_VERSION;
    good_ = png_image_begin_read_from_memory(&image_, bytes.data(), bytes.size()) != 0;
  }
  ~PngReader() { png_image_free(&image_); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool good(DecodeFailure& failure) const {
    if (!good_) std::strncpy(failure.reason, image_.message, sizeof failure.reason - 1);
    return good_;
  }
  PictureSize size() const {
    return {.h = static_cast<int>(image_.height),
            .w = static_cast<int>(image_.width),
            .c = (image_.format & PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1};
  }
  bool read(int channels, std::span<std::uint8_t> out, DecodeFailure& failure) {
    image_.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    image_.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16-bit files hold the same curve as 8-bit ones
    const png_color white = {255, 255, 255};
    good_ = out.size() >= PNG_IMAGE_SIZE(image_) &&
            png_image_finish_read(&image_, &white, out.data(), 0, nullptr) != 0;
    return good(failure);
  }

 private:
  png_image image_{};
  bool good_ = false;
};

}  // namespace

bool png_size(std::span<const std::uint8_t> bytes, PictureSize& size, DecodeFailure& failure) {
  const PngReader reader(bytes);
  if (!reader.good(failure)) return false;
  size = reader.size();
  return true;
}

bool png_pixels(std::span<const std::uint8_t> bytes, int channels, std::span<std::uint8_t> out,
                DecodeFailure& failure) {
  PngReader reader(bytes);
  return reader.good(failure) && reader.read(channels, out, failure);
}

}  // namespace tinynas::data
