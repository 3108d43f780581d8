#include "cost/latency/csv_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tinynas/core/error.h"

namespace tinynas::cost {

Words split(std::string_view text, char separator) {
  Words words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

Words split_lines(std::string_view text) {
  Words lines = split(text, '\n');
  for (std::string_view& line : lines)
    if (line.ends_with('\r')) line.remove_suffix(1);
  return lines;
}

CsvLine::CsvLine(const Words& header, std::string_view text, std::string where)
    : header_(header), cells_(split(text, ',')), where_(std::move(where)) {
  if (cells_.size() != header_.size())
    fail(fmt::format("{} cells, expected one for each of the {} columns", cells_.size(), header_.size()));
}

void CsvLine::fail(const std::string& message) const { throw ConfigError(where_ + ": " + message); }

std::string_view CsvLine::text(std::string_view column) const {
  const auto found = std::find(header_.begin(), header_.end(), column);
  if (found == header_.end()) fail(fmt::format("the header has no column '{}'", column));
  return cells_[static_cast<std::size_t>(found - header_.begin())];
}

std::int64_t CsvLine::number(std::string_view column, std::int64_t otherwise, std::int64_t most) const {
  const std::string_view cell = text(column);
  return cell.empty() ? otherwise : parse(cell, column, most);
}

std::vector<int> CsvLine::numbers(std::string_view column) const {
  std::vector<int> values;
  for (const std::string_view word : split(text(column), ' '))
    values.push_back(static_cast<int>(parse(word, column, kMost)));
  return values;
}

std::int64_t CsvLine::parse(std::string_view word, std::string_view column, std::int64_t most) const {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < 0 || value > most)
    fail(fmt::format("{}: found '{}', expected a whole number from 0 to {}", column, word, most));
  return value;
}

}  // namespace tinynas::cost
