#include "engine/write/c_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "tinynas/core/error.h"

namespace tinynas::engine {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Appends items to lines as long as they fit.
class LineFiller {
 public:
  explicit LineFiller(std::string indent) : indent_(std::move(indent)), line_(indent_) {}
  void add(std::string_view item, std::string_view separator) {
    const bool first = line_.size() == indent_.size();
    if (!first && line_.size() + 1 + item.size() + separator.size() > kColumns) flush();
    if (line_.size() != indent_.size()) line_ += ' ';
    line_ += item;
    line_ += separator;
  }
  std::string finish() {
    if (line_.size() != indent_.size()) flush();
    return std::move(text_);
  }

 private:
  void flush() {
    text_ += line_ + '\n';
    line_ = indent_;
  }
  std::string indent_, line_, text_;
};

}  // namespace

bool is_c_identifier(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::string plain_text(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    const bool trigraph = c == '?' && plain.ends_with('?');
    const bool harmful = static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\' || c == '*' || trigraph;
    plain += harmful ? ' ' : c;
  }
  return plain;
}

std::string wrapped_list(std::span<const std::string> items, int indent) {
  LineFiller filler(std::string(static_cast<std::size_t>(indent), ' '));
  for (const std::string& item : items) filler.add(item, ",");
  return filler.finish();
}

std::string wrapped_numbers(std::span<const std::int64_t> values, int indent, bool unsigned_values) {
  LineFiller filler(std::string(static_cast<std::size_t>(indent), ' '));
  for (const std::int64_t value : values) filler.add(fmt::format("{}", value), unsigned_values ? "u," : ",");
  return filler.finish();
}

std::string dense_numbers(std::span<const std::int8_t> values, int indent) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  std::string text, line = margin;
  for (const std::int8_t value : values) {
    const std::string number = fmt::format("{},", value);
    if (line.size() + number.size() > kColumns) {
      text += line + '\n';
      line = margin;
    }
    line += number;
  }
  return text + line + '\n';
}

std::string aligned_list(std::string_view prefix, std::span<const std::string> pieces) {
  LineFiller filler(std::string(prefix.size(), ' '));
  for (const std::string& piece : pieces) filler.add(piece, "");
  std::string text = filler.finish();
  text.pop_back();
  return text.replace(0, prefix.size(), prefix);
}

std::string comment_lines(std::string_view text) {
  LineFiller filler(" * ");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) filler.add(text.substr(begin, end - begin), "");
    begin = end + 1;
  }
  return filler.finish();
}

std::string fill_template(std::string_view text, const std::vector<Filling>& fillings) {
  std::string filled;
  while (true) {
    const std::size_t begin = text.find('@');
    filled += text.substr(0, begin);
    if (begin == std::string_view::npos) return filled;
    const std::size_t end = text.find('@', begin + 1);
    TINYNAS_CHECK(end != std::string_view::npos, "a placeholder ends with @");
    const std::string_view name = text.substr(begin + 1, end - begin - 1);
    const auto value =
        std::find_if(fillings.begin(), fillings.end(), [&](const Filling& f) { return f.first == name; });
    TINYNAS_CHECK(value != fillings.end(), "no value for the placeholder " + std::string(name));
    filled += value->second;
    text.remove_prefix(end + 1);
  }
}

std::string float_literal(float value) {
  std::string text = fmt::format("{:.9g}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

}  // namespace tinynas::engine
