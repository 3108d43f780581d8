#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tinynas::onnx {

enum class NumberType : std::uint8_t { kFloat, kInt8, kUint8, kInt32, kInt64, kOther };

/// A constant: as many numbers as `dims` says, or why they cannot be read.
struct Tensor {
  NumberType type = NumberType::kOther;
  std::vector<std::int64_t> dims = {};
  std::vector<std::int64_t> integers = {};  ///< of all types but kFloat
  std::vector<float> floats = {};
  std::string unreadable = {};  ///< "constant 'w' has data type 10; ..."
  friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// std::monostate: of a type that no operator that tinynas knows has.
using Attribute = std::variant<std::monostate, std::int64_t, float, std::string, std::vector<std::int64_t>,
                               std::vector<float>, Tensor>;

/// A node as it stands in the file.
struct FileNode {
  std::string name = {}, op = {};
  std::string domain = {};                             ///< empty: ONNX's own
  std::vector<std::string> inputs = {}, outputs = {};  ///< empty names: left out
  std::map<std::string, Attribute> attributes = {};
};

/// What the caller gives or takes.
struct FileEnd {
  std::string name = {};
  NumberType type = NumberType::kOther;
  std::vector<std::int64_t> dims = {};  ///< -1: not fixed
};

/// An ONNX file as it says itself, nothing refused.
struct File {
  std::string producer = {};
  std::int64_t opset = 1;  ///< of ONNX's own operators
  std::size_t bytes = 0;
  std::vector<FileEnd> inputs = {};  ///< without those that are constants
  std::vector<FileEnd> outputs = {};
  std::map<std::string, Tensor> constants = {};
  std::vector<FileNode> nodes = {};
};

/// What export_onnx writes as File::producer.
constexpr std::string_view kProducer = "tinynas";

/// `folder`: of the file, where constants may lie in files of their own; without it they are not read.
/// IoError: not ONNX, or damaged, or such a file is missing.
File parse_file(const std::string& bytes, const std::filesystem::path& folder = {});

}  // namespace tinynas::onnx
