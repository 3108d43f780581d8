#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace tinynas::app {

using Json = nlohmann::json;

/// Reads or writes a JSON object. The keys of a record stand once, in a function that serves both directions:
///     void keys(Keys& key, Tuned& r) { key("epochs", r.epochs, "accuracy", r.accuracy); }
/// Reading throws Json::exception for a key that is missing or of the wrong type.
class Keys {
 public:
  explicit Keys(const Json& from) : from_(&from) {}
  explicit Keys(Json* to) : to_(to) {}

  void operator()(const char* name, auto& value, auto&... more) {
    from_ ? void(from_->at(name).get_to(value)) : derived(name, value);
    if constexpr (sizeof...(more) > 0) (*this)(more...);
  }
  /// A key that files of older versions lack.
  void later(const char* name, auto& value) {
    if (!from_ || from_->contains(name)) (*this)(name, value);
  }
  /// A key that is left out where its value is absent, empty or 0.
  void unless_empty(const char* name, auto& value) {
    if (from_ ? from_->contains(name) : !is_empty(value)) (*this)(name, value);
  }
  /// Keys that are worked out from other values: written, not read.
  void derived(const char* name, const auto& value, const auto&... more) {
    if (!from_) (*to_)[name] = value;
    if constexpr (sizeof...(more) > 0) derived(more...);
  }

 private:
  static bool is_empty(const auto& value) {
    if constexpr (requires { value.empty(); }) return value.empty();
    if constexpr (requires { value.has_value(); }) return !value.has_value();
    if constexpr (requires { value == 0; }) return value == 0;
  }

  const Json* from_ = nullptr;
  Json* to_ = nullptr;
};

}  // namespace tinynas::app

/// Records in JSON: alone, and in vectors, maps and optionals.
template <typename Record>
requires requires(tinynas::app::Keys& key, Record& record) { keys(key, record); }
struct nlohmann::adl_serializer<Record> {
  static void from_json(const json& from, Record& record) {
    tinynas::app::Keys key(from);
    keys(key, record);
  }
  static void to_json(json& to, const Record& record) {
    tinynas::app::Keys key(&(to = json::object()));
    keys(key, const_cast<Record&>(record));  // read only: one function serves both directions
  }
};

/// An optional may be null.
template <typename T>
struct nlohmann::adl_serializer<std::optional<T>> {
  static void from_json(const json& from, std::optional<T>& value) {
    value = from.is_null() ? std::nullopt : std::optional(from.get<T>());
  }
  static void to_json(json& to, const std::optional<T>& value) { to = value ? json(*value) : json(); }
};
