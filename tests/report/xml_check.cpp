#include "xml_check.h"

#include <algorithm>
#include <set>
#include <vector>

namespace tinynas::test {
namespace {

class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size() && error_.empty()) {
      if (text_[at_] == '<')
        tag();
      else if (text_[at_] == '&')
        entity();
      else
        ++at_;
    }
    if (error_.empty() && !open_.empty()) fail("never closed: <" + open_.back() + ">");
    return error_;
  }

 private:
  void fail(const std::string& what) {
    const auto line = std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n') + 1;
    error_ =
        "line " + std::to_string(line) + ": " + what + " near \"" + std::string(text_.substr(at_, 60)) + "\"";
  }

  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  std::string name() {
    const auto is_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == ':';
    };
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  void skip_past(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return fail("no " + std::string(end));
    at_ = found + end.size();
  }

  void entity() {
    for (const char* known : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
      if (take(known)) return;
    fail("a bare & or an unknown entity");
  }

  void tag() {
    if (text_.substr(at_, 2) == "<?" || text_.substr(at_, 2) == "<!") return skip_past(">");
    if (take("</")) return close();
    ++at_;
    const std::string tag_name = name();
    if (tag_name.empty()) return fail("a bare <");
    if (!attributes()) return;
    if (take("/>")) return;
    if (!take(">")) return fail("no end of <" + tag_name);
    if (tag_name == "style") return skip_past("</style>");
    open_.push_back(tag_name);
  }

  void close() {
    const std::string tag_name = name();
    if (open_.empty() || open_.back() != tag_name) return fail("</" + tag_name + "> closes nothing");
    open_.pop_back();
    if (!take(">")) fail("no end of </" + tag_name);
  }

  bool attributes() {
    std::set<std::string> seen;
    for (;;) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
      const std::string key = name();
      if (key.empty()) return true;
      if (!seen.insert(key).second) return fail(key + " is given twice"), false;
      if (!take("='")) return fail(key + " has no quoted value"), false;
      while (at_ < text_.size() && text_[at_] != '\'') {
        if (text_[at_] == '<') return fail("< inside " + key), false;
        if (text_[at_] == '&')
          entity();
        else
          ++at_;
        if (!error_.empty()) return false;
      }
      ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> open_;
  std::string error_;
};

}  // namespace

std::string xml_error(std::string_view text) { return Checker(text).run(); }

}  // namespace tinynas::test
