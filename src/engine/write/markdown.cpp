#include "engine/write/markdown.h"

#include <algorithm>
#include <cctype>

namespace tinynas::engine {
namespace {

constexpr std::string_view kFence = "```", kItem = "- ";

std::string_view without_indent(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

/// Would a line that begins with this word be a heading, an item or a quotation?
bool begins_a_block(std::string_view word) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const std::size_t digits =
      static_cast<std::size_t>(std::find_if_not(word.begin(), word.end(), is_digit) - word.begin());
  const std::string_view rest = word.substr(digits);
  if (digits > 0) return rest == "." || rest == ")";
  return word.starts_with('#') || word.starts_with('>') || word.starts_with('|') || word == "-" ||
         word == "+" || word == "*";
}

/// Cuts the next word off. Blanks between backticks do not end it, nor does a blank before what would begin
/// a block.
std::string_view take_word(std::string_view& text) {
  std::size_t end = 0;
  for (bool code = false; end < text.size(); ++end) {
    if (text[end] == '`') code = !code && text.find('`', end + 1) != std::string_view::npos;
    if (code || text[end] != ' ') continue;
    const std::string_view rest = without_indent(text.substr(end));
    if (!begins_a_block(rest.substr(0, rest.find(' ')))) break;
  }
  const std::string_view word = text.substr(0, end);
  text = without_indent(text.substr(end));
  return word;
}

/// A paragraph or an item, gathered line by line.
class Block {
 public:
  void begin(std::string_view mark) { mark_ = mark; }
  void add(std::string_view line) {
    if (!words_.empty()) words_ += ' ';
    words_ += without_indent(line);
  }
  /// Its lines; it is empty afterwards.
  std::string finish() {
    std::string text, line(mark_);
    bool first = true;
    for (std::string_view rest = words_; !rest.empty(); first = false) {
      const std::string_view word = take_word(rest);
      if (!first && line.size() + 1 + word.size() > kMarkdownColumns) {
        text += line + '\n';
        line.assign(mark_.size(), ' ');
        first = true;
      }
      if (!first) line += ' ';
      line += word;
    }
    if (!words_.empty()) text += line + '\n';
    words_.clear();
    mark_ = {};
    return text;
  }

 private:
  std::string_view mark_;
  std::string words_;
};

}  // namespace

std::string wrap_markdown(std::string_view text) {
  std::string wrapped;
  Block block;
  bool fenced = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view content = without_indent(line);
    const bool fence = content.starts_with(kFence);
    if (fenced || fence || content.empty() || line.starts_with('#') || line.starts_with('|')) {
      wrapped += block.finish() + std::string(line) + '\n';
      fenced = fenced != fence;
    } else if (line.starts_with(kItem)) {
      wrapped += block.finish();
      block.begin(kItem);
      block.add(line.substr(kItem.size()));
    } else {
      block.add(line);
    }
  }
  return wrapped + block.finish();
}

}  // namespace tinynas::engine
