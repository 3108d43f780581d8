#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "tinynas/ir/graph.h"

namespace tinynas::onnx {

struct WitnessOptions {
  std::size_t layer_images = 100;  ///< images whose values are kept layer by layer
};

/// Writes into `folder` what another runtime needs to judge the interpreter (tools/onnxruntime/witness.mjs
/// reads it): `model.onnx`; for every layer `layerN.onnx`, a model of that layer alone with int8 ends;
/// `tN.bin`, the interpreter's values of tensor N for the first images, int8 [images, C, H, W]; `scores.bin`,
/// its outputs for all images, of each image all outputs [C, H, W] one behind the other; `images.bin`, their
/// int8 inputs in the same order; and `witness.json`, which says how these belong together. `images`: [N, H,
/// W, C] bytes, pixels; of several inputs one behind the other.
void write_witness(const ir::Graph& graph, std::span<const std::uint8_t> images,
                   const WitnessOptions& options, const std::filesystem::path& folder);

}  // namespace tinynas::onnx
