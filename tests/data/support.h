#pragma once

#include <zlib.h>

#include <initializer_list>
#include <string>

#include "support/text.h"
#include "tinynas/data/dataset.h"

namespace tinynas::test {

/// An IDX file of bytes: magic number, big-endian dimensions, values.
inline std::string idx(std::initializer_list<unsigned> dimensions, const std::string& values) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(dimensions.size())};
  for (const unsigned extent : dimensions)
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(extent >> shift & 0xff));
  return bytes + values;
}

inline std::string gzip(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);  // 16: gzip header
  std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// One image of 1 channel per label, every pixel `label`.
inline data::ImageSet flat_images(int h, int w, std::initializer_list<int> labels) {
  data::ImageSet images{.h = h, .w = w, .c = 1, .pixels = {}, .labels = {}};
  for (const int label : labels) {
    images.labels.push_back(static_cast<std::uint16_t>(label));
    images.pixels.insert(images.pixels.end(), images.image_bytes(), static_cast<std::uint8_t>(label));
  }
  return images;
}

}  // namespace tinynas::test
