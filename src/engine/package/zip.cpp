// PKWARE's APPNOTE.TXT, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end).
#include "engine/package/zip.h"

#include <zlib.h>

#include <cstdint>
#include <limits>

#include "tinynas/core/error.h"

namespace tinynas::engine {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50, kCentralHeader = 0x02014b50, kCentralEnd = 0x06054b50;
constexpr std::uint16_t kVersionNeeded = 10;            ///< 1.0: stored files
constexpr std::uint16_t kMadeBy = (3 << 8) | 10;        ///< Unix, whose permissions follow
constexpr std::uint32_t kPermissions = 0100644U << 16;  ///< a regular file, rw-r--r--
constexpr std::uint16_t kDate = (1 << 5) | 1;           ///< 1 January of the format's first year, 1980

class LittleEndian {
 public:
  LittleEndian& u16(std::size_t value) {
    for (int shift = 0; shift < 16; shift += 8) text += static_cast<char>(value >> shift & 0xFF);
    return *this;
  }
  LittleEndian& u32(std::size_t value) { return u16(value & 0xFFFF).u16(value >> 16); }
  std::string text;
};

/// What both headers of a file hold: version, flags, method (0: stored), time, date, CRC, sizes, lengths.
void describe(LittleEndian& out, const GeneratedFile& file) {
  const auto size = static_cast<uInt>(file.text.size());
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(file.text.data()), size);
  out.u16(kVersionNeeded).u16(0).u16(0).u16(0).u16(kDate).u32(crc).u32(size).u32(size);
  out.u16(file.path.size()).u16(0);
}

}  // namespace

std::string zip(const std::vector<GeneratedFile>& files) {
  LittleEndian archive, central;
  for (const GeneratedFile& file : files) {
    const std::size_t offset = archive.text.size();
    TINYNAS_CHECK(offset + file.text.size() < std::numeric_limits<std::uint32_t>::max(),
                  "a zip is below 4 GiB");
    describe(archive.u32(kLocalHeader), file);
    archive.text += file.path + file.text;
    describe(central.u32(kCentralHeader).u16(kMadeBy), file);
    central.u16(0).u16(0).u16(0).u32(kPermissions).u32(offset);  // comment, disk, attributes
    central.text += file.path;
  }
  const std::size_t offset = archive.text.size();
  archive.text += central.text;
  archive.u32(kCentralEnd).u16(0).u16(0).u16(files.size()).u16(files.size());
  archive.u32(central.text.size()).u32(offset).u16(0);
  return std::move(archive.text);
}

}  // namespace tinynas::engine
