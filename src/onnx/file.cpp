#include "tinynas/onnx/file.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <charconv>

#include "onnx/tensor_proto.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::onnx {
namespace {

using ::onnx::AttributeProto;
using ::onnx::TensorProto;

NumberType number_type(int type) {
  switch (type) {
    case TensorProto::FLOAT:
      return NumberType::kFloat;
    case TensorProto::INT8:
      return NumberType::kInt8;
    case TensorProto::UINT8:
      return NumberType::kUint8;
    case TensorProto::INT32:
      return NumberType::kInt32;
    case TensorProto::INT64:
      return NumberType::kInt64;
    default:
      return NumberType::kOther;
  }
}

Tensor tensor(const TensorProto& proto) {
  Tensor made{.type = number_type(proto.data_type())};
  try {
    Constant read = read_tensor(proto);
    made.dims = std::move(read.dims);
    made.integers = std::move(read.integers);
    made.floats = std::move(read.floats);
  } catch (const UnsupportedError& error) {
    made.unreadable = error.what();
  }
  return made;
}

Attribute attribute(const AttributeProto& proto) {
  switch (proto.type()) {
    case AttributeProto::INT:
      return std::int64_t{proto.i()};
    case AttributeProto::FLOAT:
      return proto.f();
    case AttributeProto::STRING:
      return proto.s();
    case AttributeProto::INTS:
      return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
    case AttributeProto::FLOATS:
      return std::vector<float>(proto.floats().begin(), proto.floats().end());
    case AttributeProto::TENSOR:
      return tensor(proto.t());
    default:
      return std::monostate();
  }
}

FileNode node(const ::onnx::NodeProto& proto) {
  FileNode made{.name = proto.name(), .op = proto.op_type(), .domain = proto.domain()};
  if (made.domain == "ai.onnx") made.domain.clear();
  made.inputs.assign(proto.input().begin(), proto.input().end());
  made.outputs.assign(proto.output().begin(), proto.output().end());
  for (const AttributeProto& one : proto.attribute()) made.attributes[one.name()] = attribute(one);
  return made;
}

FileEnd file_end(const ::onnx::ValueInfoProto& proto) {
  const auto& type = proto.type().tensor_type();
  FileEnd made{.name = proto.name(), .type = number_type(type.elem_type())};
  for (const auto& dim : type.shape().dim()) made.dims.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
  return made;
}

std::string external(const TensorProto& proto, const std::string& key) {
  for (const auto& entry : proto.external_data())
    if (entry.key() == key) return entry.value();
  return {};
}

std::size_t external_size(const TensorProto& proto, const std::string& key, std::size_t otherwise) {
  const std::string text = external(proto, key);
  if (text.empty()) return otherwise;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw IoError(fmt::format("damaged: constant '{}' has {} '{}'", proto.name(), key, text));
  return number;
}

/// Constants of large models lie in a file beside theirs. Never elsewhere: a model may not read what it
/// likes.
class ExternalData {
 public:
  explicit ExternalData(std::filesystem::path folder) : folder_(std::move(folder)) {}

  void embed(TensorProto& proto) {
    if (proto.data_location() != TensorProto::EXTERNAL || folder_.empty()) return;
    const std::string& file = read(proto);
    const std::size_t offset = external_size(proto, "offset", 0);
    const std::size_t length = external_size(proto, "length", file.size() - std::min(offset, file.size()));
    if (offset > file.size() || length > file.size() - offset)
      throw IoError(fmt::format("damaged: constant '{}' has {} bytes at {} of '{}', which has {}",
                                proto.name(), length, offset, external(proto, "location"), file.size()));
    bytes_ += length;
    if (bytes_ > kMostBytes) throw IoError("the model's constants are larger than a gigabyte");
    proto.set_raw_data(file.substr(offset, length));
    proto.set_data_location(TensorProto::DEFAULT);
  }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;

  const std::string& read(const TensorProto& proto) {
    const std::string location = external(proto, "location");
    const auto found = files_.find(location);
    if (found != files_.end()) return found->second;
    const std::filesystem::path path(location);
    if (location.empty() || path.filename() != path)
      throw IoError(fmt::format("constant '{}' lies in '{}': only files beside the model are read",
                                proto.name(), location));
    if (!std::filesystem::is_regular_file(folder_ / path))
      throw IoError(fmt::format("constant '{}' lies in '{}', which is not there; put it beside the model",
                                proto.name(), location));
    return files_[location] = read_file(folder_ / path, kMostBytes);
  }

  std::filesystem::path folder_;
  std::map<std::string, std::string> files_ = {};
  std::size_t bytes_ = 0;
};

}  // namespace

File parse_file(const std::string& bytes, const std::filesystem::path& folder) {
  const google::protobuf::LogSilencer quiet;  // the library reports by exceptions
  ::onnx::ModelProto proto;
  if (!proto.ParseFromString(bytes) || !proto.has_graph() || proto.graph().node_size() == 0)
    throw IoError("not an ONNX model, or damaged");
  ExternalData external(folder);
  for (TensorProto& one : *proto.mutable_graph()->mutable_initializer()) external.embed(one);
  File file{.producer = proto.producer_name(), .bytes = bytes.size() + external.bytes()};
  for (const auto& opset : proto.opset_import())
    if (opset.domain().empty() || opset.domain() == "ai.onnx") file.opset = opset.version();
  for (const TensorProto& one : proto.graph().initializer())
    if (!file.constants.emplace(one.name(), tensor(one)).second)
      throw IoError(fmt::format("damaged: the constant '{}' is there twice", one.name()));
  for (const auto& input : proto.graph().input())  // older files list their constants here too
    if (!file.constants.contains(input.name())) file.inputs.push_back(file_end(input));
  for (const auto& output : proto.graph().output()) file.outputs.push_back(file_end(output));
  for (const auto& one : proto.graph().node()) file.nodes.push_back(node(one));
  return file;
}

}  // namespace tinynas::onnx
