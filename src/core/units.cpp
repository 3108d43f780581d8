#include "tinynas/core/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "tinynas/core/error.h"

namespace tinynas {
namespace {

struct Suffix {
  std::string_view text;
  double factor;
};

constexpr std::array kByteSuffixes = {Suffix{"", 1},
                                      Suffix{"B", 1},
                                      Suffix{"K", 1024},
                                      Suffix{"KB", 1024},
                                      Suffix{"KiB", 1024},
                                      Suffix{"k", 1024},
                                      Suffix{"kB", 1024},
                                      Suffix{"M", 1024.0 * 1024},
                                      Suffix{"MB", 1024.0 * 1024},
                                      Suffix{"MiB", 1024.0 * 1024}};
constexpr std::array kMacSuffixes = {Suffix{"", 1}, Suffix{"K", 1e3}, Suffix{"k", 1e3}, Suffix{"M", 1e6},
                                     Suffix{"G", 1e9}};
constexpr std::array kTimeSuffixes = {Suffix{"us", 1e-3}, Suffix{"ms", 1},     Suffix{"s", 1e3},
                                      Suffix{"m", 60e3},  Suffix{"min", 60e3}, Suffix{"h", 3600e3}};
constexpr std::array kHertzSuffixes = {Suffix{"Hz", 1}, Suffix{"kHz", 1e3}, Suffix{"MHz", 1e6},
                                       Suffix{"GHz", 1e9}};

/// number + suffix, blanks allowed between; the value must be finite, not negative and below 2^53.
double parse_quantity(std::string_view text, std::string_view where, std::span<const Suffix> suffixes,
                      std::string_view expected) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  if (error == std::errc{} && std::isfinite(number) && number >= 0)
    for (const Suffix& suffix : suffixes)
      if (rest == suffix.text && number * suffix.factor < 9007199254740992.0) return number * suffix.factor;
  throw ConfigError(fmt::format("{}: '{}' is not {}", where, text, expected));
}

}  // namespace

Bytes parse_bytes(std::string_view text, std::string_view where) {
  return std::llround(
      parse_quantity(text, where, kByteSuffixes, "a size; write bytes, or 320K or 1M (binary)"));
}

Macs parse_macs(std::string_view text, std::string_view where) {
  return std::llround(
      parse_quantity(text, where, kMacSuffixes, "a number of multiply-accumulates; write 5M or 5000000"));
}

Millis parse_millis(std::string_view text, std::string_view where) {
  return parse_quantity(text, where, kTimeSuffixes, "a time with its unit; write 200ms, 1.5s, 15m or 2h");
}

double parse_hertz(std::string_view text, std::string_view where) {
  return parse_quantity(text, where, kHertzSuffixes, "a frequency with its unit; write 216 MHz");
}

std::string format_bytes(Bytes bytes) {
  if (bytes >= kMiB && bytes % (kMiB / 4) == 0)
    return fmt::format("{:g}M", static_cast<double>(bytes) / kMiB);
  if (bytes >= kKiB && bytes % (kKiB / 4) == 0)
    return fmt::format("{:g}K", static_cast<double>(bytes) / kKiB);
  return fmt::format("{} B", bytes);
}

std::string format_macs(Macs macs) {
  if (macs >= 1000000) return fmt::format("{:.2f}M", static_cast<double>(macs) / 1e6);
  if (macs >= 1000) return fmt::format("{:.1f}K", static_cast<double>(macs) / 1e3);
  return fmt::format("{}", macs);
}

std::string format_millis(Millis ms) {
  if (ms < 1000) return fmt::format("{:.1f}ms", ms);
  if (ms < 60e3) return fmt::format("{:.1f}s", ms / 1e3);
  const auto seconds = static_cast<std::int64_t>(std::llround(ms / 1e3));
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  return fmt::format("{}h{:02}m", seconds / 3600, seconds % 3600 / 60);
}

}  // namespace tinynas
