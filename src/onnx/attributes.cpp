#include "onnx/attributes.h"

#include <fmt/format.h>

#include "tinynas/core/error.h"

namespace tinynas::onnx {

using ::onnx::AttributeProto;

std::string describe_node(const ::onnx::NodeProto& node) {
  const std::string name = !node.name().empty() ? node.name() : node.output_size() > 0 ? node.output(0) : "";
  return fmt::format("node '{}' ({})", name, node.op_type());
}

const AttributeProto* Attributes::find(const std::string& name, int type) const {
  for (const AttributeProto& attribute : node_.attribute()) {
    if (attribute.name() != name) continue;
    if (attribute.type() != type)
      throw IoError(fmt::format("{}: attribute '{}' has the wrong type", describe_node(node_), name));
    return &attribute;
  }
  return nullptr;
}

std::int64_t Attributes::integer(const std::string& name, std::int64_t otherwise) const {
  const auto* found = find(name, AttributeProto::INT);
  return found ? found->i() : otherwise;
}

std::vector<std::int64_t> Attributes::integers(const std::string& name,
                                               std::vector<std::int64_t> otherwise) const {
  const auto* found = find(name, AttributeProto::INTS);
  if (!found) return otherwise;
  return {found->ints().begin(), found->ints().end()};
}

float Attributes::number(const std::string& name, float otherwise) const {
  const auto* found = find(name, AttributeProto::FLOAT);
  return found ? found->f() : otherwise;
}

std::string Attributes::text(const std::string& name, const std::string& otherwise) const {
  const auto* found = find(name, AttributeProto::STRING);
  return found ? found->s() : otherwise;
}

const ::onnx::TensorProto* Attributes::tensor(const std::string& name) const {
  const auto* found = find(name, AttributeProto::TENSOR);
  return found ? &found->t() : nullptr;
}

void Attributes::require(const std::string& name, std::int64_t only, std::int64_t otherwise) const {
  if (const std::int64_t found = integer(name, otherwise); found != only)
    throw UnsupportedError(
        fmt::format("{}: {} is {}, only {} is supported", describe_node(node_), name, found, only));
}

}  // namespace tinynas::onnx
