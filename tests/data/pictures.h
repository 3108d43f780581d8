#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

// jpeglib.h needs cstdio.
#include <jpeglib.h>
#include <png.h>

namespace tinynas::test {

/// `pixels`: [h, w, c] bytes, c 1 or 3.
inline std::string jpeg(int h, int w, int c, std::vector<std::uint8_t> pixels) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* out = nullptr;
  unsigned long count = 0;
  jpeg_mem_dest(&info, &out, &count);
  info.image_height = static_cast<JDIMENSION>(h);
  info.image_width = static_cast<JDIMENSION>(w);
  info.input_components = c;
  info.in_color_space = c == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = pixels.data() + info.next_scanline * static_cast<unsigned>(w * c);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string bytes(reinterpret_cast<char*>(out), count);
  std::free(out);
  return bytes;
}

/// `format`: PNG_FORMAT_GRAY, PNG_FORMAT_RGB, PNG_FORMAT_RGBA.
inline std::string png(int h, int w, png_uint_32 format, const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(h);
  image.width = static_cast<png_uint_32>(w);
  image.format = format;
  png_alloc_size_t count = 0;
  png_image_write_to_memory(&image, nullptr, &count, 0, pixels.data(), 0, nullptr);
  std::string bytes(count, '\0');
  png_image_write_to_memory(&image, bytes.data(), &count, 0, pixels.data(), 0, nullptr);
  bytes.resize(count);
  return bytes;
}

}  // namespace tinynas::test
