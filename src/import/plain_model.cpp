#include "tinynas/import/plain_model.h"

#include <array>

namespace tinynas::import {
namespace {

constexpr std::array<std::string_view, 8> kTypeNames = {"float32", "float16", "int8",  "uint8",
                                                        "int16",   "int32",   "int64", "of another type"};
static_assert(kTypeNames.size() == static_cast<std::size_t>(Type::kOther) + 1, "one name a type");

template <typename T>
T attribute(const Node& node, const std::string& key, T otherwise) {
  const auto found = node.attributes.find(key);
  const T* value = found == node.attributes.end() ? nullptr : std::get_if<T>(&found->second);
  return value == nullptr ? otherwise : *value;
}

}  // namespace

std::string_view type_name(Type type) { return kTypeNames[static_cast<std::size_t>(type)]; }

std::int64_t Node::integer(const std::string& key, std::int64_t otherwise) const {
  return attribute(*this, key, otherwise);
}
double Node::real(const std::string& key, double otherwise) const { return attribute(*this, key, otherwise); }
std::string Node::text(const std::string& key, const std::string& otherwise) const {
  return attribute(*this, key, otherwise);
}

}  // namespace tinynas::import
