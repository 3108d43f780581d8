#include "tinynas/engine/packed_layer.h"

#include <string_view>

#include "tinynas/core/error.h"

namespace tinynas::engine {
namespace {

std::int64_t type_bytes(std::string_view type) {
  if (type == "int8_t" || type == "uint8_t") return 1;
  if (type == "int16_t" || type == "uint16_t") return 2;
  TINYNAS_CHECK(type == "int32_t" || type == "uint32_t", "unknown element type");
  return 4;
}

}  // namespace

std::int64_t PackedArray::bytes() const {
  return static_cast<std::int64_t>(values.size()) * type_bytes(type);
}

}  // namespace tinynas::engine
