#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tinynas/core/units.h"

namespace tinynas::report {

/// Multiply-accumulates are shown in millions.
constexpr double kMillion = 1e6;

/// & < > " ' as entities; control characters other than tab and newline become U+FFFD, which XML allows.
std::string escape(std::string_view text);

/// Line breaks become blanks, the backquotes that would end code become apostrophes.
std::string one_line(std::string_view text);
/// Text for Markdown, as it stands: signs that mean something there get a backslash, line breaks become
/// blanks, < and & entities.
std::string markdown(std::string_view text);

/// 1234567 -> "1,234,567".
std::string grouped(std::int64_t number);
/// Bytes for reading: "512 B", "14.2 KiB", "1.00 MiB": three digits that count.
std::string short_bytes(Bytes bytes);
/// A part of one in percent: 0.0453 -> "4.5 %".
std::string percent(double share);
/// Seconds for reading: "0.4 s", "41 s", "12 min 05 s".
std::string short_seconds(double seconds);

}  // namespace tinynas::report
