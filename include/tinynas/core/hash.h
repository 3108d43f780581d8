#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tinynas {

/// FNV-1a, 64 bits: identifies a config, a file or a genome. Not cryptographic.
constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325ULL) {
  std::uint64_t hash = seed;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  return hash;
}

/// The same with 32 bits: what generated C computes on a microcontroller, a multiplication a byte. Two texts
/// that differ in a single byte never have the same value.
constexpr std::uint32_t fnv1a_32(std::string_view bytes, std::uint32_t seed = 0x811c9dc5U) {
  std::uint32_t hash = seed;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193U;
  return hash;
}

/// 16 hexadecimal digits.
std::string hex(std::uint64_t value);

}  // namespace tinynas
