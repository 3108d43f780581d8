#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tinynas::engine {

/// Columns of generated C: no longer, so that it reads well in a terminal and a diff.
constexpr std::size_t kColumns = 100;

/// Is `text` usable as a prefix of C names?
bool is_c_identifier(std::string_view text);
/// Text that may stand inside a C comment or a string: no line breaks, no quotes, no comment ends,
/// no trigraphs.
std::string plain_text(std::string_view text);

/// "a, b, c" broken into lines of at most kColumns, each beginning with `indent` spaces, ending with ",\n".
std::string wrapped_list(std::span<const std::string> items, int indent);
/// The same for the numbers of a constant array; `unsigned_values` adds the suffix u.
std::string wrapped_numbers(std::span<const std::int64_t> values, int indent, bool unsigned_values);
/// The same without blanks between the numbers: for what nobody reads.
std::string dense_numbers(std::span<const std::int8_t> values, int indent);
/// `pieces` separated by blanks after `prefix`; lines that follow begin below the end of the prefix. No final
/// newline.
std::string aligned_list(std::string_view prefix, std::span<const std::string> pieces);
/// Words filled into the lines of a comment: " * word word".
std::string comment_lines(std::string_view text);

/// A value for a placeholder of a template.
using Filling = std::pair<std::string_view, std::string>;
/// The template with every @name@ replaced. A placeholder without a value is our mistake.
std::string fill_template(std::string_view text, const std::vector<Filling>& fillings);

/// A float literal that reads back as the same float: "0.00392156886f".
std::string float_literal(float value);

}  // namespace tinynas::engine
