#include "tinynas/report/event_file.h"

#include <array>
#include <bit>
#include <string_view>

namespace tinynas::report {
namespace {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), bits reversed.
std::uint32_t crc32c(std::string_view bytes) {
  static constexpr auto kTable = [] {
    constexpr std::uint32_t kPolynomial = 0x82F63B78;
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      table[i] = i;
      for (int bit = 0; bit < 8; ++bit) table[i] = table[i] >> 1 ^ (table[i] & 1 ? kPolynomial : 0);
    }
    return table;
  }();
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

template <typename Unsigned>
std::string little_endian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof value; ++i) bytes.push_back(static_cast<char>(value >> 8 * i & 0xFF));
  return bytes;
}

/// Of data that holds checksums itself (tensorflow/core/lib/hash/crc32c.h: Mask).
std::string masked_crc(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return little_endian((crc >> 15 | crc << 17) + 0xA282EAD8U);
}

std::string record(std::string_view data) {
  const std::string length = little_endian(static_cast<std::uint64_t>(data.size()));
  return length + masked_crc(length) + std::string(data) + masked_crc(data);
}

/// Protocol buffers' wire format: a field is its number and type, then its value.
enum class Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>((value & 0x7F) | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

std::string key(unsigned number, Wire wire) { return varint(number << 3 | static_cast<unsigned>(wire)); }
std::string bytes_field(unsigned number, std::string_view bytes) {
  return key(number, Wire::kBytes) + varint(bytes.size()) + std::string(bytes);
}

std::string value_message(std::string_view tag, double value) {
  return bytes_field(1, tag) + key(2, Wire::kFixed32) +
         little_endian(std::bit_cast<std::uint32_t>(static_cast<float>(value)));
}

std::string event_message(double time, std::int64_t step) {
  return key(1, Wire::kFixed64) + little_endian(std::bit_cast<std::uint64_t>(time)) + key(2, Wire::kVarint) +
         varint(static_cast<std::uint64_t>(step));
}

}  // namespace

std::string event_file(std::span<const Scalars> events) {
  const double begin = events.empty() ? 0 : events.front().time;
  std::string file = record(event_message(begin, 0) + bytes_field(3, "brain.Event:2"));
  for (const Scalars& event : events) {
    std::string summary;
    for (const auto& [tag, value] : event.values) summary += bytes_field(1, value_message(tag, value));
    file += record(event_message(event.time, event.step) + bytes_field(5, summary));
  }
  return file;
}

}  // namespace tinynas::report
