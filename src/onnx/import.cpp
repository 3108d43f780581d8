#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include "onnx/from_proto.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::onnx {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;  // protobuf's own limit is 2 GiB

::onnx::ModelProto parse(const std::string& bytes) {
  const google::protobuf::LogSilencer quiet;  // the library reports by exceptions
  ::onnx::ModelProto model;
  if (!model.ParseFromString(bytes) || !model.has_graph() || model.graph().node_size() == 0)
    throw IoError("not an ONNX model, or damaged");
  return model;
}

Model read(const std::string& bytes) {
  const ::onnx::ModelProto proto = parse(bytes);
  Model model{.graph = from_proto(proto.graph())};
  for (const auto& property : proto.metadata_props()) model.metadata[property.key()] = property.value();
  return model;
}

}  // namespace

Model import_onnx(const std::filesystem::path& path) {
  const std::string bytes = read_file(path, kMostBytes);
  try {
    return read(bytes);
  } catch (const IoError& error) {
    throw IoError(fmt::format("{}: {}", path.string(), error.what()));
  } catch (const Error& error) {
    throw UnsupportedError(fmt::format("{}: {}", path.string(), error.what()));
  }
}

}  // namespace tinynas::onnx
