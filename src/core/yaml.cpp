#include "tinynas/core/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::yaml {

struct Node::Impl {
  YAML::Node node;
  std::string file, path;
  int parent_line = 1;
  std::set<std::string> asked;                            // keys somebody asked for, present or not
  std::map<std::string, std::shared_ptr<Impl>> children;  // map values already handed out
  std::vector<std::shared_ptr<Impl>> elements;            // list elements already handed out
};

Node::Node(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Node Node::load(const std::filesystem::path& path) {
  constexpr std::int64_t kMaxYamlBytes = 16 << 20;
  return parse(read_file(path, kMaxYamlBytes), path.string());
}

Node Node::parse(const std::string& text, const std::string& name) {
  auto impl = std::make_shared<Impl>();
  impl->file = name;
  try {
    impl->node = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw ConfigError(fmt::format("{}:{}: not valid YAML: {}", name, error.mark.line + 1, error.msg));
  }
  const Node root(impl);
  if (!impl->node.IsMap()) root.fail("expected a map of keys to values");
  std::set<std::string> seen;
  for (const auto& entry : impl->node)
    if (!seen.insert(entry.first.Scalar()).second)
      throw ConfigError(fmt::format("{}:{}: {}: the key stands twice; keep one", name,
                                    entry.first.Mark().line + 1, entry.first.Scalar()));
  return root;
}

std::string Node::where() const {
  if (impl_->file.starts_with("--"))
    return impl_->file;  // a flag's value has no line, and the flag names the key
  const YAML::Mark mark = impl_->node.Mark();
  const int line = mark.is_null() ? impl_->parent_line : mark.line + 1;
  return impl_->path.empty() ? fmt::format("{}:{}", impl_->file, line)
                             : fmt::format("{}:{}: {}", impl_->file, line, impl_->path);
}

void Node::fail(const std::string& message) const { throw ConfigError(where() + ": " + message); }

bool Node::is_map() const { return impl_->node.IsMap(); }
bool Node::is_list() const { return impl_->node.IsSequence(); }
bool Node::has(const std::string& key) const { return find(key).has_value(); }

std::optional<Node> Node::find(const std::string& key) const {
  if (!is_map()) fail("expected a map of keys to values");
  impl_->asked.insert(key);
  const YAML::Node& parent = impl_->node;  // const: operator[] must not insert
  const YAML::Node value = parent[key];
  if (!value.IsDefined() || value.IsNull()) return std::nullopt;
  auto& child = impl_->children[key];
  if (!child) {
    child = std::make_shared<Impl>();
    child->node = value;
    child->file = impl_->file;
    child->path = impl_->path.empty() ? key : impl_->path + "." + key;
    child->parent_line = value.Mark().line + 1;
  }
  return Node(child);
}

Node Node::at(const std::string& key) const {
  if (auto value = find(key)) return *value;
  fail(fmt::format("the key '{}' is missing", key));
}

std::vector<Node> Node::items() const {
  if (!is_list()) return {*this};
  if (impl_->elements.empty()) {
    int index = 0;
    for (const YAML::Node& value : impl_->node) {
      auto child = std::make_shared<Impl>();
      child->node = value;
      child->file = impl_->file;
      child->path = fmt::format("{}[{}]", impl_->path, index++);
      child->parent_line = value.Mark().line + 1;
      impl_->elements.push_back(child);
    }
  }
  std::vector<Node> nodes;
  for (const auto& element : impl_->elements) nodes.push_back(Node(element));
  return nodes;
}

std::vector<std::string> Node::keys() const {
  if (!is_map()) fail("expected a map of keys to values");
  std::vector<std::string> names;
  for (const auto& entry : impl_->node) names.push_back(entry.first.Scalar());
  return names;
}

std::string Node::text() const {
  if (!impl_->node.IsScalar()) fail("expected a single value");
  return impl_->node.Scalar();
}

std::string Node::choice(std::span<const std::string_view> choices) const {
  const std::string value = text();
  for (const auto& allowed : choices)
    if (value == allowed) return value;
  fail(fmt::format("'{}' is not one of {}; did you mean '{}'?", value, fmt::join(choices, ", "),
                   nearest_word(value, choices)));
}

bool Node::boolean() const {
  const std::string value = text();
  if (value == "true" || value == "false") return value == "true";
  fail(fmt::format("'{}' is not true or false", value));
}

std::int64_t Node::integer(std::int64_t low, std::int64_t high) const {
  const std::string value = text();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number < low || number > high)
    fail(fmt::format("'{}' is not a whole number from {} to {}", value, low, high));
  return number;
}

double Node::number(double low, double high) const {
  const std::string value = text();
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || !(number >= low && number <= high))
    fail(fmt::format("'{}' is not a number from {:g} to {:g}", value, low, high));
  return number;
}

Bytes Node::bytes() const { return parse_bytes(text(), where()); }
Macs Node::macs() const { return parse_macs(text(), where()); }
Millis Node::millis() const { return parse_millis(text(), where()); }
double Node::hertz() const { return parse_hertz(text(), where()); }

std::vector<int> Node::integers(int low, int high) const {
  std::vector<int> values;
  for (const Node& item : items()) values.push_back(static_cast<int>(item.integer(low, high)));
  return values;
}

std::vector<double> Node::numbers(double low, double high) const {
  std::vector<double> values;
  for (const Node& item : items()) values.push_back(item.number(low, high));
  return values;
}

void Node::finish() const {
  if (impl_->node.IsMap()) {
    for (const auto& entry : impl_->node) {
      const std::string key = entry.first.Scalar();
      if (impl_->asked.count(key)) continue;
      const std::string prefix = impl_->path.empty() ? "" : impl_->path + ".";
      throw ConfigError(fmt::format("{}:{}: unknown key '{}{}'; did you mean '{}'? Known here: {}",
                                    impl_->file, entry.first.Mark().line + 1, prefix, key,
                                    nearest_word(key, impl_->asked), fmt::join(impl_->asked, ", ")));
    }
    for (const auto& [key, child] : impl_->children) Node(child).finish();
  }
  for (const auto& element : impl_->elements)
    if (element->node.IsMap()) Node(element).finish();
}

}  // namespace tinynas::yaml
