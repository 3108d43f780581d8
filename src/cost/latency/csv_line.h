#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tinynas::cost {

using Words = std::vector<std::string_view>;
Words split(std::string_view text, char separator);
/// Lines without their ends; the text must outlive them.
Words split_lines(std::string_view text);

/// One line of a comma-separated table, read by column name. Errors are ConfigErrors that begin with `where`.
class CsvLine {
 public:
  CsvLine(const Words& header, std::string_view text, std::string where);
  [[noreturn]] void fail(const std::string& message) const;
  std::string_view text(std::string_view column) const;
  /// Whole numbers from 0 to `most`; `otherwise` for an empty cell.
  static constexpr std::int64_t kMost = 1'000'000;
  std::int64_t number(std::string_view column, std::int64_t otherwise, std::int64_t most = kMost) const;
  /// Blank-separated.
  std::vector<int> numbers(std::string_view column) const;

 private:
  std::int64_t parse(std::string_view word, std::string_view column, std::int64_t most) const;

  const Words& header_;
  Words cells_;
  std::string where_;
};

}  // namespace tinynas::cost
