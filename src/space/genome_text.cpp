#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "space/choices.h"
#include "tinynas/core/error.h"

namespace tinynas::space {
namespace {

/// 1 -> "1.0", 0.35 -> "0.35".
std::string width_text(double width) {
  std::string text = fmt::format("{}", width);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

/// 4 -> "4", 2.5 -> "2_5": the dot stands between blocks.
std::string choice_text(double value) {
  std::string text = fmt::format("{:g}", value);
  std::replace(text.begin(), text.end(), '.', '_');
  return text;
}

/// "a.b,c": stages divided by commas, blocks by dots. `value(stage, block)` is the text of one.
template <typename Value>
std::string per_block(const SearchSpace& space, const Genome& genome, const Value& value) {
  std::string text;
  for (int s = 0; s < stage_count(space); ++s)
    for (int b = 0; b < depth_of(space, genome, s); ++b) {
      if (b > 0) text += '.';
      if (b == 0 && s > 0) text += ',';
      text += value(s, b);
    }
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end; (end = text.find(separator)) != std::string_view::npos; text.remove_prefix(end + 1))
    parts.push_back(text.substr(0, end));
  parts.push_back(text);
  return parts;
}

/// Reads one genome text; every failure names the part that is wrong and what the space offers.
class Parser {
 public:
  Parser(const SearchSpace& space, std::string_view text, std::string_view where)
      : space_(space), text_(text), where_(where) {}

  Genome parse() {
    const auto parts = split(text_, ' ');
    const auto dash = parts[0].find("-w");
    const bool widths = has_stage_widths(space_);
    if (parts.size() != (widths ? 5U : 4U) || !parts[0].starts_with('r') || dash == std::string_view::npos ||
        !parts[1].starts_with('d') || !parts[2].starts_with('k') || !parts[3].starts_with('e') ||
        (widths && !parts[4].starts_with('w')))
      fail(fmt::format("expected the form 'r28-w1.0 d2,3 k3.5,7.3.3 e4.6,3.4.6{}'", widths ? " w0_5,1" : ""));
    Genome genome;
    genome.resolution = choice(parts[0].substr(1, dash - 1), space_.resolutions, "resolution");
    genome.width = choice(parts[0].substr(dash + 2), space_.widths, "width");
    read_stages(parts[1].substr(1), "depth", &Stage::depths, genome.depth);
    read_blocks(parts[2].substr(1), genome, "kernel", &Stage::kernels, genome.kernel);
    read_blocks(parts[3].substr(1), genome, "expansion", &Stage::expansions, genome.expansion);
    if (widths) read_stages(parts[4].substr(1), "width", &Stage::widths, genome.stage_width);
    return genome;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw ConfigError(
        fmt::format("{}: '{}' names no network of the space '{}': {}", where_, text_, space_.name, why));
  }

  template <typename T>
  std::uint8_t choice(std::string_view text, const std::vector<T>& choices, const std::string& what) const {
    std::string number(text);
    std::replace(number.begin(), number.end(), '_', '.');
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    const bool read = error == std::errc{} && end == number.data() + number.size();
    for (std::size_t i = 0; read && i < choices.size(); ++i)
      if (choices[i] == value) return static_cast<std::uint8_t>(i);
    fail(fmt::format("{} '{}' is not one of {}", what, text, fmt::join(choices, ", ")));
  }

  template <typename T>
  void read_stages(std::string_view text, const std::string& what, std::vector<T> Stage::*choices,
                   std::array<std::uint8_t, kMaxStages>& entries) const {
    const auto values = split(text, ',');
    if (values.size() != space_.stages.size())
      fail(fmt::format("it has {} {}s for {} stages", values.size(), what, space_.stages.size()));
    for (std::size_t s = 0; s < values.size(); ++s)
      entries[s] = choice(values[s], space_.stages[s].*choices, fmt::format("{} of stage {}", what, s));
  }

  template <typename T>
  void read_blocks(std::string_view text, const Genome& genome, const std::string& what,
                   std::vector<T> Stage::*choices, std::array<std::uint8_t, kMaxBlocks>& entries) const {
    const auto stages = split(text, ',');
    if (stages.size() != space_.stages.size())
      fail(fmt::format("it has {}s of {} stages, the space has {}", what, stages.size(),
                       space_.stages.size()));
    for (int s = 0; s < stage_count(space_); ++s) {
      const auto blocks = split(stages[at(s)], '.');
      if (static_cast<int>(blocks.size()) != depth_of(space_, genome, s))
        fail(fmt::format("stage {} has {} blocks but {} {}s", s, depth_of(space_, genome, s), blocks.size(),
                         what));
      for (int b = 0; b < static_cast<int>(blocks.size()); ++b)
        entries[block_slot(s, b)] = choice(blocks[at(b)], space_.stages[at(s)].*choices,
                                           fmt::format("{} of stage {} block {}", what, s, b));
    }
  }

  const SearchSpace& space_;
  std::string_view text_, where_;
};

}  // namespace

std::string to_string(const SearchSpace& space, const Genome& genome) {
  std::vector<int> depths;
  for (int s = 0; s < stage_count(space); ++s) depths.push_back(depth_of(space, genome, s));
  std::string text = fmt::format(
      "r{}-w{} d{} k{} e{}", resolution_of(space, genome.resolution),
      width_text(width_of(space, genome.width)), fmt::join(depths, ","),
      per_block(space, genome, [&](int s, int b) { return choice_text(kernel_of(space, genome, s, b)); }),
      per_block(space, genome, [&](int s, int b) { return choice_text(expansion_of(space, genome, s, b)); }));
  if (!has_stage_widths(space)) return text;
  std::vector<std::string> widths;
  for (int s = 0; s < stage_count(space); ++s)
    widths.push_back(choice_text(stage_width_of(space, genome, s)));
  return text + fmt::format(" w{}", fmt::join(widths, ","));
}

Genome parse_genome(const SearchSpace& space, std::string_view text, std::string_view where) {
  return Parser(space, text, where).parse();
}

}  // namespace tinynas::space
