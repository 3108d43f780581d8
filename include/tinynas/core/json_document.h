#pragma once

#include <array>
#include <string>
#include <string_view>

namespace tinynas {

/// The JSON documents that commands print and runs keep, one row each; docs/json.md lists their keys. Within
/// a version keys are added, never taken away or changed in meaning.
struct JsonSchema {
  std::string_view name;
  int version = 1;
};
inline constexpr std::array kJsonSchemas = {
    JsonSchema{"search"},  JsonSchema{"run"},     JsonSchema{"rank"},      JsonSchema{"profile"},
    JsonSchema{"eval"},    JsonSchema{"emulate"}, JsonSchema{"calibrate"}, JsonSchema{"devices"},
    JsonSchema{"answers"}, JsonSchema{"convert"}};

/// A JSON object, as text, with "schema": "tinynas.NAME/VERSION" before its other keys and a line break at
/// the end. `name` is a row's.
std::string json_document(std::string_view name, std::string_view object);

}  // namespace tinynas
