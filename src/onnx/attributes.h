#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tinynas::onnx {

/// "node 'stem' (Conv)": for messages; a node without a name is described by its first output.
std::string describe_node(const ::onnx::NodeProto& node);

/// Attributes of one node by name, with the default where it is not given. UnsupportedError names the node.
class Attributes {
 public:
  explicit Attributes(const ::onnx::NodeProto& node) : node_(node) {}

  std::int64_t integer(const std::string& name, std::int64_t otherwise) const;
  std::vector<std::int64_t> integers(const std::string& name, std::vector<std::int64_t> otherwise) const;
  float number(const std::string& name, float otherwise) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  const ::onnx::TensorProto* tensor(const std::string& name) const;

  /// Refuses any value but the one we can compute.
  void require(const std::string& name, std::int64_t only, std::int64_t otherwise) const;

 private:
  const ::onnx::AttributeProto* find(const std::string& name, int type) const;
  const ::onnx::NodeProto& node_;
};

}  // namespace tinynas::onnx
