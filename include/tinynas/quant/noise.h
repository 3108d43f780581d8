#pragma once

#include <vector>

#include "tinynas/quant/calibrate.h"

namespace tinynas::quant {

/// Signal to noise in decibels, 10 log10(sum x^2 / sum (x - y)^2), x in float and y in int8. Infinite where
/// there is no noise at all.
struct LayerNoise {
  double alone = 0;    ///< of the layer, both forms of it given the float network's values rounded to int8
  double through = 0;  ///< of the same tensor where all layers ahead of it are int8, too
};

/// One per layer. `network` is the float network that `quantized` was made of, layer by layer. GraphError if
/// their layers are not the same.
std::vector<LayerNoise> layer_noise(const ir::Graph& network, const ir::Graph& quantized,
                                    const Inputs& inputs);
/// Of the output alone, through all layers.
double output_noise(const ir::Graph& network, const ir::Graph& quantized, const Inputs& inputs);
/// The same of any tensor.
double tensor_noise(const ir::Graph& network, const ir::Graph& quantized, const Inputs& inputs, int tensor);

/// The layer that adds most noise: least signal to noise alone; of equals the first, 0 if there are none.
int noisiest_layer(const std::vector<LayerNoise>& noise);

/// Rounded to the nearest, ties away from zero, and saturated.
std::vector<std::int8_t> to_int8(std::span<const float> values, const ir::TensorQuant& quant);
std::vector<float> to_real(std::span<const std::int8_t> values, const ir::TensorQuant& quant);

}  // namespace tinynas::quant
