#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/units.h"

namespace tinynas::yaml {

/// One value of a YAML file, read strictly. It knows where it stands, and every ConfigError it throws starts
/// with "file:line: key.path:" and says what was expected. Reading a map marks its keys as used; `finish()`
/// refuses the keys that nobody read, naming the nearest valid one. Copies are cheap and refer to the same
/// document.
class Node {
 public:
  /// Throws IoError if the file cannot be read, ConfigError if it is not YAML or not a map.
  static Node load(const std::filesystem::path& path);
  /// Reads text, for tests and built-in files; `name` stands where the file name would.
  static Node parse(const std::string& text, const std::string& name);

  bool has(const std::string& key) const;
  /// The value of a required key.
  Node at(const std::string& key) const;
  /// The value of an optional key.
  std::optional<Node> find(const std::string& key) const;
  /// Elements of a list; a scalar counts as a list of one.
  std::vector<Node> items() const;
  /// Keys of a map in file order.
  std::vector<std::string> keys() const;
  bool is_map() const;
  bool is_list() const;

  std::string text() const;
  /// One of `choices`, or ConfigError with the nearest.
  std::string choice(std::span<const std::string_view> choices) const;
  bool boolean() const;
  std::int64_t integer(std::int64_t low, std::int64_t high) const;
  double number(double low, double high) const;
  Bytes bytes() const;
  Macs macs() const;
  Millis millis() const;
  double hertz() const;
  std::vector<int> integers(int low, int high) const;
  std::vector<double> numbers(double low, double high) const;

  /// Refuses keys of this map (and of maps read below it) that were never asked for.
  void finish() const;
  /// "file:line: key.path", for messages about this value; of text that a flag gave ("--sram") the flag
  /// alone.
  std::string where() const;
  /// Throws ConfigError "<where>: message".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  struct Impl;
  explicit Node(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tinynas::yaml
