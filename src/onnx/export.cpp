#include <fmt/format.h>
#include <onnx/checker.h>

#include "onnx/to_proto.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::onnx {

void export_onnx(const ir::Graph& graph, const Metadata& metadata, const std::filesystem::path& path) {
  if (!graph.quant) throw GraphError("graph: not quantized; export_onnx writes int8 models");
  ir::validate(graph);
  if (ir::is_streaming(graph))
    throw UnsupportedError(
        "the network keeps rows from call to call, which ONNX has no operators for: compile the file that it "
        "was "
        "read from");
  const ::onnx::ModelProto model = to_proto(graph, metadata);
  try {
    ::onnx::checker::check_model(model);
  } catch (const std::exception& error) {
    throw InternalError(fmt::format("{}: ONNX's checker refuses the model: {}", path.string(), error.what()));
  }
  write_file(path, model.SerializeAsString());
}

}  // namespace tinynas::onnx
