#include "tinynas/quant/post_training.h"

#include <algorithm>

#include "quant/channels.h"
#include "quant/scores.h"

namespace tinynas::quant {
namespace {

/// What was asked for, or all there is.
template <typename T>
std::vector<T> choices(const std::optional<T>& asked, std::vector<T> all) {
  return asked ? std::vector<T>{*asked} : all;
}

/// Inputs that forms are compared on; the ranges are of all.
constexpr std::size_t kMostCompared = 64;

Inputs compared(const Inputs& inputs) {
  return {.count = std::min(kMostCompared, inputs.count), .input = inputs.input};
}

}  // namespace

PostTraining quantize_after_training(const ir::Graph& network, const Inputs& inputs,
                                     const PostTrainingOptions& options) {
  std::optional<PostTraining> best;
  const ChannelStatistics channels = observe_channels(network, inputs);
  const auto clippings =
      choices(options.clipping, {Clipping::kSquaredError, Clipping::kPercentile, Clipping::kNone});
  for (const bool equalised : choices(options.equalise, {false, true})) {
    const ir::Graph equal = equalised ? equalise(network, channels) : network;
    if (equalised && equal == network && best) continue;
    const ChannelMeans means = equalised ? observe_channels(equal, inputs).means : channels.means;
    const std::vector<Ranges> ranges = calibrate(equal, inputs, clippings);
    for (std::size_t i = 0; i < clippings.size(); ++i)
      for (const bool corrected : choices(options.correct_bias, {false, true})) {
        PostTraining made{
            .graph = quantize(equal, ranges[i],
                              {.input = options.input, .means = corrected ? means : ChannelMeans{}}),
            .network = equal,
            .clipping = clippings[i],
            .equalised = equalised,
            .bias_corrected = corrected};
        made.scores_noise = tensor_noise(equal, made.graph, compared(inputs), scores_of(network));
        if (!best || made.scores_noise > best->scores_noise) best = std::move(made);
      }
  }
  return std::move(*best);
}

}  // namespace tinynas::quant
