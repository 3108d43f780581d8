#include "tinynas/quant/post_training.h"

#include "quant/channels.h"

namespace tinynas::quant {
namespace {

/// What was asked for, or all there is.
template <typename T>
std::vector<T> choices(const std::optional<T>& asked, std::vector<T> all) {
  return asked ? std::vector<T>{*asked} : all;
}

}  // namespace

PostTraining quantize_after_training(const ir::Graph& network, const Inputs& inputs,
                                     const PostTrainingOptions& options) {
  std::optional<PostTraining> best;
  const ChannelStatistics channels = observe_channels(network, inputs);
  for (const bool equalised : choices(options.equalise, {false, true})) {
    const ir::Graph equal = equalised ? equalise(network, channels) : network;
    if (equalised && equal == network && best) continue;
    const ChannelMeans means = equalised ? observe_channels(equal, inputs).means : channels.means;
    for (const Clipping clipping :
         choices(options.clipping, {Clipping::kSquaredError, Clipping::kPercentile, Clipping::kNone})) {
      const Ranges ranges = calibrate(equal, inputs, clipping);
      for (const bool corrected : choices(options.correct_bias, {false, true})) {
        PostTraining made{
            .graph = quantize(equal, ranges,
                              {.input = options.input, .means = corrected ? means : ChannelMeans{}}),
            .network = equal,
            .clipping = clipping,
            .equalised = equalised,
            .bias_corrected = corrected};
        made.output_noise = quant::output_noise(equal, made.graph, inputs);
        if (!best || made.output_noise > best->output_noise) best = std::move(made);
      }
    }
  }
  return std::move(*best);
}

}  // namespace tinynas::quant
