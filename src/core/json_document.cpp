#include "tinynas/core/json_document.h"

#include <fmt/format.h>

#include <algorithm>

#include "tinynas/core/error.h"

namespace tinynas {

std::string json_document(std::string_view name, std::string_view object) {
  const auto* row = std::ranges::find(kJsonSchemas, name, &JsonSchema::name);
  TINYNAS_CHECK(row != kJsonSchemas.end(), "a JSON document has a row in kJsonSchemas");
  TINYNAS_CHECK(object.starts_with('{'), "a JSON document is an object");
  const std::string_view keys = object.substr(object.find_first_not_of(" \n", 1));
  return fmt::format("{{\n  \"schema\": \"tinynas.{}/{}\"{}{}\n", row->name, row->version,
                     keys.starts_with('}') ? "\n" : ",\n  ", keys.substr(0, keys.find_last_of('}') + 1));
}

}  // namespace tinynas
