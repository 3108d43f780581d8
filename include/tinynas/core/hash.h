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

/// 16 hexadecimal digits.
std::string hex(std::uint64_t value);

}  // namespace tinynas
