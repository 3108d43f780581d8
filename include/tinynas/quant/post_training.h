#pragma once

#include <optional>

#include "tinynas/quant/noise.h"
#include "tinynas/quant/quantize.h"

namespace tinynas::quant {

/// What of a float network trained elsewhere becomes int8, and how. What is not set is tried both ways, or
/// all ways, and the one kept whose scores have most signal to noise on the first 64 inputs (scores: the
/// output, ahead of a last softmax or sigmoid).
struct PostTrainingOptions {
  std::optional<ir::TensorQuant> input = {};  ///< of the network's input; without it its range decides
  std::optional<Clipping> clipping = {};
  std::optional<bool> equalise = {}, correct_bias = {};
};

struct PostTraining {
  ir::Graph graph = {};    ///< in int8
  ir::Graph network = {};  ///< in float, computes what was given; equalised if `equalised`
  Clipping clipping = Clipping::kNone;
  bool equalised = false, bias_corrected = false;
  /// Signal to noise on up to 64 inputs, dB, of the output ahead of a last softmax; infinite: no noise.
  double scores_noise = 0;
};

/// Quantizes a float network on inputs like those in use. GraphError if there are none, if a tensor is not
/// finite, or if an accumulator may leave int32.
PostTraining quantize_after_training(const ir::Graph& network, const Inputs& inputs,
                                     const PostTrainingOptions& options = {});

}  // namespace tinynas::quant
