#pragma once

#include <onnx/onnx_pb.h>

#include "tinynas/onnx/onnx.h"

namespace tinynas::onnx {

/// The model of a valid quantized graph. Tensor N is the int8 value "tN"; "tN_real" is the same dequantized;
/// constants are named after their layer ("stem.weight"). The node that computes a layer bears its name, and
/// its doc_string our name of the operation.
::onnx::ModelProto to_proto(const ir::Graph& graph, const Metadata& metadata);

/// The model of one layer alone: int8 inputs "tA" (and "tB"), [1, C, H, W], and int8 output "tC".
::onnx::ModelProto layer_to_proto(const ir::Graph& graph, int layer);

}  // namespace tinynas::onnx
