#include "tinynas/quant/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "quant/clipping.h"
#include "quant/observe.h"
#include "quant/scores.h"
#include "tinynas/core/error.h"

namespace tinynas::quant {
namespace {

constexpr std::size_t kBins = 2048;

void widen(Range& range, std::span<const float> values) {
  for (const float value : values) {
    range.min = std::min(range.min, value);
    range.max = std::max(range.max, value);
  }
}

/// "layer 3 (conv1) makes", or "an input holds".
std::string maker_of(const ir::Graph& graph, int tensor) {
  for (int i = 0; i < graph.layer_count(); ++i)
    if (graph.layer(i).output == tensor) return ir::describe_layer(graph, i) + " makes";
  return "an input holds";
}

/// Smallest and largest value of every tensor; 0 always included: padding is 0.
Ranges observe_extremes(const FloatInterpreter& network, const Inputs& inputs) {
  Ranges all(network.graph().tensors.size());
  const auto parts = observe(network, inputs, all, [&](Ranges& part, int t, std::span<const float> values) {
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
      throw GraphError(
          fmt::format("calibrate: {} values that are not finite (NaN, or too large for float32); "
                      "give inputs of the size that it was trained on, or look at its weights",
                      maker_of(network.graph(), t)));
    widen(part[at(t)], values);
  });
  for (const Ranges& part : parts)
    for (std::size_t t = 0; t < all.size(); ++t) {
      all[t].min = std::min(all[t].min, part[t].min);
      all[t].max = std::max(all[t].max, part[t].max);
    }
  return all;
}

void count_values(Histogram& histogram, std::span<const float> values) {
  const Range& range = histogram.range;
  if (!(range.max > range.min)) return;
  const float bins_per_unit = static_cast<float>(kBins) / (range.max - range.min);
  for (const float value : values) {
    // Zeros of ReLU and of padding are exact in int8 whatever the range: they have no say in it.
    if (value == 0) continue;
    const auto bin = static_cast<std::size_t>((value - range.min) * bins_per_unit);
    ++histogram.counts[std::min(bin, kBins - 1)];
  }
}

std::vector<Histogram> observe_histograms(const FloatInterpreter& network, const Inputs& inputs,
                                          const Ranges& ranges) {
  std::vector<Histogram> all;
  for (const Range& range : ranges) all.push_back({range, std::vector<std::int64_t>(kBins)});
  const auto parts = observe(network, inputs, all, [](auto& part, int t, std::span<const float> values) {
    count_values(part[at(t)], values);
  });
  for (const auto& part : parts)
    for (std::size_t t = 0; t < ranges.size(); ++t)
      for (std::size_t bin = 0; bin < kBins; ++bin) all[t].counts[bin] += part[t].counts[bin];
  return all;
}

Ranges clipped(const ir::Graph& graph, Ranges ranges, const std::vector<Histogram>& histograms,
               Clipping clipping) {
  const int scores = scores_of(graph);
  for (std::size_t t = 0; t < histograms.size(); ++t) {
    const auto tensor = static_cast<int>(t);
    if (tensor == graph.input || graph.is_output(tensor) || tensor == scores) continue;
    ranges[t] =
        clipping == Clipping::kPercentile ? central_part(histograms[t]) : clip_outliers(histograms[t]);
  }
  return ranges;
}

}  // namespace

Ranges calibrate(const ir::Graph& graph, const Inputs& inputs, Clipping clipping) {
  return std::move(calibrate(graph, inputs, std::span(&clipping, 1)).front());
}

std::vector<Ranges> calibrate(const ir::Graph& graph, const Inputs& inputs,
                              std::span<const Clipping> clippings) {
  if (inputs.count == 0) throw GraphError("calibrate: there are no inputs to calibrate on");
  const FloatInterpreter network(graph);
  const Ranges extremes = observe_extremes(network, inputs);
  std::vector<Histogram> histograms;
  std::vector<Ranges> all;
  for (const Clipping clipping : clippings) {
    if (clipping != Clipping::kNone && histograms.empty())
      histograms = observe_histograms(network, inputs, extremes);
    all.push_back(clipping == Clipping::kNone ? extremes : clipped(graph, extremes, histograms, clipping));
  }
  return all;
}

}  // namespace tinynas::quant
