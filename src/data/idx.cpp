#include "data/idx.h"

#include <fmt/format.h>

#include <limits>

#include "data/gzip.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::data {
namespace {

constexpr std::int64_t kMaxIdxBytes = std::numeric_limits<int>::max();
constexpr int kUnsignedByteType = 0x08;  // third byte of the magic number
constexpr std::size_t kMagicBytes = 4, kDimensionBytes = 4;

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

}  // namespace

IdxArray read_idx(const std::filesystem::path& path, int rank, std::string_view remedy) {
  std::string bytes = read_file(path, kMaxIdxBytes);
  if (is_gzip(bytes)) bytes = gunzip(bytes, kMaxIdxBytes, path, remedy);

  const std::size_t header = kMagicBytes + kDimensionBytes * static_cast<std::size_t>(rank);
  if (bytes.size() < header)
    throw IoError(fmt::format("{}: expected an IDX header of {} bytes, found {} bytes in all; {}",
                              path.string(), header, bytes.size(), remedy));
  const std::uint32_t magic = static_cast<std::uint32_t>(kUnsignedByteType << 8 | rank);
  if (big_endian(bytes, 0) != magic)
    throw IoError(fmt::format(
        "{}: not an IDX file of bytes with {} dimensions: expected magic number {:#010x}, found {:#010x}; {}",
        path.string(), rank, magic, big_endian(bytes, 0), remedy));
  IdxArray array;
  std::uint64_t expected = 1;
  for (std::size_t d = 0; d < static_cast<std::size_t>(rank); ++d) {
    const std::uint32_t extent = big_endian(bytes, kMagicBytes + kDimensionBytes * d);
    if (extent == 0 || extent > static_cast<std::uint64_t>(kMaxIdxBytes) / expected)
      throw IoError(
          fmt::format("{}: damaged IDX header: dimension {} is {}; {}", path.string(), d, extent, remedy));
    array.dimensions.push_back(static_cast<int>(extent));
    expected *= extent;
  }
  if (bytes.size() - header != expected)
    throw IoError(fmt::format("{}: {}: its header promises {} bytes of data, found {}; {}", path.string(),
                              bytes.size() - header < expected ? "truncated" : "too long", expected,
                              bytes.size() - header, remedy));
  array.values.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  return array;
}

}  // namespace tinynas::data
