#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace tinynas::app {

using Json = nlohmann::json;

/// Reads or writes a JSON object. The keys of a record stand once, in a function that serves both directions:
///     void keys(Keys& key, Tuned& r) { key("epochs", r.epochs, "accuracy", r.accuracy); }
/// Values are numbers, texts, records, and vectors, maps and optionals of these; an optional may be null.
/// Reading throws Json::exception for a key that is missing or of the wrong type.
class Keys {
 public:
  template <typename Record>
  static Record read(const Json& json) {
    Record record;
    get(json, record);
    return record;
  }
  template <typename Record>
  static Json write(const Record& record) {
    return put(record);
  }

  void operator()(const char* name, auto& value, auto&... more) {
    from_ ? get(from_->at(name), value) : derived(name, value);
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
    if (!from_) to_[name] = put(value);
    if constexpr (sizeof...(more) > 0) derived(more...);
  }
  /// Every key there is.
  void all(auto& map) { from_ ? get(*from_, map) : void(to_ = map); }

 private:
  template <typename T>
  static void get(const Json& json, T& value) {
    Keys key;
    key.from_ = &json;
    if constexpr (requires { keys(key, value); })
      keys(key, value);
    else
      json.get_to(value);
  }
  template <typename T>
  static void get(const Json& json, std::optional<T>& value) {
    value.reset();
    if (!json.is_null()) get(json, value.emplace());
  }
  template <typename T>
  static void get(const Json& json, std::vector<T>& values) {
    values.clear();
    for (const Json& one : json.get_ref<const Json::array_t&>()) get(one, values.emplace_back());
  }

  template <typename T>
  static Json put(const T& value) {
    Keys key;
    if constexpr (requires(T & record) { keys(key, record); })
      keys(key, const_cast<T&>(value));  // read only: one function serves both directions
    else
      key.to_ = value;
    return std::move(key.to_);
  }
  template <typename T>
  static Json put(const std::optional<T>& value) {
    return value ? put(*value) : Json();
  }
  template <typename T>
  static Json put(const std::vector<T>& values) {
    Json json = Json::array();
    for (const T& one : values) json.push_back(put(one));
    return json;
  }

  static bool is_empty(const auto& value) {
    if constexpr (requires { value.empty(); }) return value.empty();
    if constexpr (requires { value.has_value(); }) return !value.has_value();
    if constexpr (requires { value == 0; }) return value == 0;
  }

  const Json* from_ = nullptr;  ///< null: writes
  Json to_ = Json::object();
};

}  // namespace tinynas::app
