#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "quant/clipping.h"
#include "quant/float_interpreter.h"
#include "tinynas/core/error.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {
namespace {

constexpr std::size_t kBins = 2048;

/// Images in equal consecutive parts, one per task: the result of a part does not depend on the threads.
struct Batch {
  const FloatInterpreter& network;
  std::span<const std::uint8_t> images;
  ir::TensorQuant input;
  std::size_t pixels, count, tasks;

  void observe(std::size_t task, const FloatObserver& observer) const {
    for (std::size_t i = count * task / tasks; i < count * (task + 1) / tasks; ++i)
      network.run(real_pixels(images.subspan(i * pixels, pixels), input), observer);
  }
};

void widen(Range& range, std::span<const float> values) {
  for (const float value : values) {
    range.min = std::min(range.min, value);
    range.max = std::max(range.max, value);
  }
}

/// Smallest and largest value of every tensor; 0 always included: padding is 0.
Ranges observe_extremes(const Batch& batch, std::size_t tensors) {
  std::vector<Ranges> parts(batch.tasks, Ranges(tensors));
  parallel_for_index(batch.tasks, [&](std::size_t task) {
    batch.observe(task, [&](int tensor, std::span<const float> values) {
      if (!std::isfinite(values.front()))
        throw GraphError(fmt::format("calibrate: tensor {} is not finite", tensor));
      widen(parts[task][at(tensor)], values);
    });
  });
  Ranges all(tensors);
  for (const Ranges& part : parts)
    for (std::size_t t = 0; t < tensors; ++t) {
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

std::vector<Histogram> observe_histograms(const Batch& batch, const Ranges& ranges) {
  std::vector<Histogram> empty;
  for (const Range& range : ranges) empty.push_back({range, std::vector<std::int64_t>(kBins)});
  std::vector<std::vector<Histogram>> parts(batch.tasks, empty);
  parallel_for_index(batch.tasks, [&](std::size_t task) {
    batch.observe(task, [&](int tensor, std::span<const float> values) {
      count_values(parts[task][at(tensor)], values);
    });
  });
  for (const auto& part : parts)
    for (std::size_t t = 0; t < ranges.size(); ++t)
      for (std::size_t bin = 0; bin < kBins; ++bin) empty[t].counts[bin] += part[t].counts[bin];
  return empty;
}

}  // namespace

Ranges calibrate(const ir::Graph& graph, std::span<const std::uint8_t> images, const ir::TensorQuant& input) {
  const FloatInterpreter network(graph);
  const auto pixels = at(ir::input_elements(graph));
  if (images.empty() || images.size() % pixels != 0)
    throw GraphError(
        fmt::format("calibrate: {} bytes are no whole number of images of {} bytes", images.size(), pixels));
  constexpr std::size_t kMostTasks = 16;
  const std::size_t count = images.size() / pixels;
  const Batch batch = {network, images, input, pixels, count, std::min(kMostTasks, count)};

  Ranges ranges = observe_extremes(batch, graph.tensors.size());
  const std::vector<Histogram> histograms = observe_histograms(batch, ranges);
  for (std::size_t t = 0; t < ranges.size(); ++t)
    // The largest score decides: clipped scores would be equal.
    if (!graph.is_output(static_cast<int>(t))) ranges[t] = clip_outliers(histograms[t]);
  return ranges;
}

}  // namespace tinynas::quant
