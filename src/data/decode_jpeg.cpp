#include <csetjmp>
#include <cstddef>
#include <cstdio>

// jpeglib.h needs the two above.
#include <jerror.h>
#include <jpeglib.h>

#include "data/decode.h"

namespace tinynas::data {
namespace {

/// libjpeg reports errors by a function that must not return. It jumps back to the setjmp below; everything
/// between the two is plain data, so no destructor is skipped.
struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf back;
  char* reason;
  bool damaged;  // a warning that means lost pixels
};

ErrorManager& manager(j_common_ptr info) { return *reinterpret_cast<ErrorManager*>(info->err); }

[[noreturn]] void on_error(j_common_ptr info) {
  info->err->format_message(info, manager(info).reason);
  std::longjmp(manager(info).back, 1);
}

void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;  // a trace
  const int code = info->err->msg_code;
  if (code != JWRN_JPEG_EOF && code != JWRN_HIT_MARKER && code != JWRN_HUFF_BAD_CODE) return;  // harmless
  if (!manager(info).damaged) info->err->format_message(info, manager(info).reason);
  manager(info).damaged = true;
}

void ignore_output(j_common_ptr) {}  // the library never prints

/// Header, and pixels unless `out` is null. Plain data only: see ErrorManager.
bool read_jpeg(const std::uint8_t* bytes, std::size_t count, int channels, PictureSize* size,
               std::uint8_t* out, std::size_t out_bytes, char* reason) {
  static_assert(sizeof(DecodeFailure::reason) >= JMSG_LENGTH_MAX);
  jpeg_decompress_struct info{};
  ErrorManager errors{};
  errors.reason = reason;
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = on_error;
  errors.base.emit_message = on_message;
  errors.base.output_message = ignore_output;
  if (setjmp(errors.back) != 0) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes, static_cast<unsigned long>(count));
  jpeg_read_header(&info, TRUE);
  size->h = static_cast<int>(info.image_height);
  size->w = static_cast<int>(info.image_width);
  size->c = info.num_components == 1 ? 1 : 3;
  if (out != nullptr) {
    info.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    info.dct_method = JDCT_ISLOW;  // the exact one: the same pixels on every machine
    jpeg_start_decompress(&info);
    const std::size_t row_bytes =
        static_cast<std::size_t>(info.output_width) * static_cast<std::size_t>(channels);
    while (info.output_scanline < info.output_height) {
      const std::size_t at = static_cast<std::size_t>(info.output_scanline) * row_bytes;
      if (at + row_bytes > out_bytes) break;  // cannot be: the header was read from the same bytes
      JSAMPROW row = out + at;
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  }
  jpeg_destroy_decompress(&info);
  return !errors.damaged;
}

}  // namespace

bool jpeg_size(std::span<const std::uint8_t> bytes, PictureSize& size, DecodeFailure& failure) {
  return read_jpeg(bytes.data(), bytes.size(), 0, &size, nullptr, 0, failure.reason);
}

bool jpeg_pixels(std::span<const std::uint8_t> bytes, int channels, std::span<std::uint8_t> out,
                 DecodeFailure& failure) {
  PictureSize size;
  return read_jpeg(bytes.data(), bytes.size(), channels, &size, out.data(), out.size(), failure.reason);
}

}  // namespace tinynas::data
