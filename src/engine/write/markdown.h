#pragma once

#include <string>
#include <string_view>

namespace tinynas::engine {

/// Columns of generated Markdown.
constexpr std::size_t kMarkdownColumns = 120;

/// The text with its paragraphs and list items (`- `, continued by indented lines) filled anew into lines of
/// at most kMarkdownColumns, whatever was inserted into them. Headings, tables and fenced code stay; a code
/// span stays in one line.
std::string wrap_markdown(std::string_view text);

}  // namespace tinynas::engine
