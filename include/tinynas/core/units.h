#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tinynas {

/// Units of the whole project, by name: bytes and MACs are std::int64_t (`sram_bytes`, `macs`), times are
/// double in the unit their name says (`latency_ms`, `train_s`), K and M are binary (1024, 1024^2) as data
/// sheets mean them.
using Bytes = std::int64_t;
using Macs = std::int64_t;
using Cycles = double;
using Millis = double;

constexpr Bytes kKiB = 1024;
constexpr Bytes kMiB = 1024 * kKiB;

/// "320K" -> 327680, "1M" -> 1048576, "512" -> 512. `where` names the flag or file:line in the ConfigError.
Bytes parse_bytes(std::string_view text, std::string_view where);
/// "5M" -> 5000000 (decimal: MACs are counted, not addressed).
Macs parse_macs(std::string_view text, std::string_view where);
/// "200ms", "1.5s", "15m", "2h" -> milliseconds. A bare number is refused: times carry their unit.
Millis parse_millis(std::string_view text, std::string_view where);
/// "216 MHz", "480MHz", "32768Hz" -> Hz.
double parse_hertz(std::string_view text, std::string_view where);

/// 327680 -> "320K", 1000 -> "1000 B", 1536 -> "1.5K".
std::string format_bytes(Bytes bytes);
/// 4961000 -> "4.96M".
std::string format_macs(Macs macs);
/// 95000 -> "1m35s", 12.5 -> "12.5ms".
std::string format_millis(Millis ms);

}  // namespace tinynas
