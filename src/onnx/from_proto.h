#pragma once

#include <onnx/onnx_pb.h>

#include "tinynas/onnx/onnx.h"

namespace tinynas::onnx {

/// The graph of a QDQ model; errors name the node. The inverse of to_proto for our own models.
ir::Graph from_proto(const ::onnx::GraphProto& proto);

}  // namespace tinynas::onnx
