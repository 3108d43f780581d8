#include "tinynas/onnx/file.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>

#include "onnx/tensor_proto.h"
#include "tinynas/core/error.h"

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

}  // namespace

File parse_file(const std::string& bytes) {
  const google::protobuf::LogSilencer quiet;  // the library reports by exceptions
  ::onnx::ModelProto proto;
  if (!proto.ParseFromString(bytes) || !proto.has_graph() || proto.graph().node_size() == 0)
    throw IoError("not an ONNX model, or damaged");
  File file{.producer = proto.producer_name(), .bytes = bytes.size()};
  for (const auto& opset : proto.opset_import())
    if (opset.domain().empty() || opset.domain() == "ai.onnx") file.opset = opset.version();
  for (const TensorProto& one : proto.graph().initializer()) file.constants[one.name()] = tensor(one);
  for (const auto& input : proto.graph().input())  // older files list their constants here too
    if (!file.constants.contains(input.name())) file.inputs.push_back(file_end(input));
  for (const auto& output : proto.graph().output()) file.outputs.push_back(file_end(output));
  for (const auto& one : proto.graph().node()) file.nodes.push_back(node(one));
  return file;
}

}  // namespace tinynas::onnx
