#pragma once

#include <string>
#include <vector>

/// Parts of an ONNX graph in protobuf's text form.
namespace tinynas::test {

inline std::string node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::string& output, const std::string& attributes = "") {
  std::string text = "node { op_type: '" + op + "' output: '" + output + "' " + attributes;
  for (const auto& input : inputs) text += " input: '" + input + "'";
  return text + " }\n";
}

inline std::string floats(const std::string& name, const std::string& dims, const std::string& values) {
  return "initializer { name: '" + name + "' data_type: 1 " + dims + " float_data: [" + values + "] }\n";
}
/// type: 2 uint8, 3 int8, 6 int32
inline std::string integers(const std::string& name, int type, const std::string& dims,
                            const std::string& values) {
  return "initializer { name: '" + name + "' data_type: " + std::to_string(type) + " " + dims +
         " int32_data: [" + values + "] }\n";
}

inline std::string value(const std::string& role, const std::string& name, int type,
                         const std::vector<int>& dims) {
  std::string text =
      role + " { name: '" + name + "' type { tensor_type { elem_type: " + std::to_string(type) + " shape {";
  for (const int dim : dims) text += " dim { dim_value: " + std::to_string(dim) + " }";
  return text + " } } } }\n";
}

}  // namespace tinynas::test
