#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "tinynas/emulator/calibration.h"

namespace tinynas::emulator {
namespace {

/// Widths of tensors, as in networks for images of up to 224 pixels; probe networks take them in turn, those
/// held out take any between, half of them narrow ones.
constexpr std::array kWidths = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 14,
                                16, 18, 20, 22, 24, 28, 32, 40, 48, 56, 64, 80, 112};
constexpr int kNarrow = 12;

class Calibrator {
 public:
  Calibrator(cost::Core core, const CalibrationOptions& options)
      : core_(core), options_(options), rng_(options.seed), cycles_(cost::load_event_cycles(core)) {}

  int networks() const {
    return options_.fitted_networks + options_.held_out_networks + static_cast<int>(options_.held_out.size());
  }
  bool is_fitted(int i) const { return i < options_.fitted_networks; }

  ir::Graph network(int i) const {
    const auto index = static_cast<std::uint64_t>(i);
    Rng rng = rng_.fork("probe", index);
    const int own = i - options_.fitted_networks - options_.held_out_networks;
    if (own >= 0) return options_.held_out[at(own)];
    if (is_fitted(i)) return probe_network(kWidths[index % kWidths.size()], rng);
    return probe_network(rng.between(kWidths.front(), i % 2 == 0 ? kNarrow : kWidths.back()), rng);
  }

  void measure(int i, const std::filesystem::path& folder, const StopToken& stop) {
    const ir::Graph graph =
        with_random_weights(network(i), rng_.fork("weights", static_cast<std::uint64_t>(i)));
    const MeasuredNetwork measured = measure_network(graph, core_, folder, stop);
    std::vector<cost::LayerSample>& samples = is_fitted(i) ? result_.fitted : result_.held_out;
    Cycles whole = cost::estimated_cycles(measured.between, cycles_);
    for (std::size_t l = 0; l < graph.layers.size(); ++l) {
      const Cycles cycles = cost::estimated_cycles(measured.layers[l], cycles_);
      samples.push_back(cost::layer_sample(graph, graph.layers[l], cost::core_info(core_).isa, cycles));
      whole += cycles;
    }
    if (is_fitted(i)) return;
    result_.measured_networks.push_back(whole);
    network_ends_.push_back(samples.size());
  }

  Calibration finish() {
    result_.fitted_table = cost::fit_cycle_table(result_.fitted);
    result_.table = cost::parse_cycle_table(cost::cycle_table_text(result_.fitted_table, ""), "fit");
    std::size_t begin = 0;
    for (const std::size_t end : network_ends_) {
      Cycles sum = 0;
      for (; begin < end; ++begin)
        sum += cost::cycles_of(result_.table[result_.held_out[begin].row], result_.held_out[begin].work);
      result_.predicted_networks.push_back(sum);
    }
    result_.network_errors = cost::fit_errors(result_.predicted_networks, result_.measured_networks);
    std::erase_if(result_.held_out, [this](const cost::LayerSample& sample) { return is_known(sample); });
    result_.layer_errors = cost::fit_errors(result_.table, result_.held_out);
    return std::move(result_);
  }

 private:
  /// Is a layer of the same shape among those fitted to?
  bool is_known(const cost::LayerSample& sample) const {
    return std::any_of(result_.fitted.begin(), result_.fitted.end(), [&](const cost::LayerSample& fitted) {
      return fitted.row == sample.row && fitted.work == sample.work;
    });
  }

  cost::Core core_;
  const CalibrationOptions& options_;
  Rng rng_;
  cost::EventCycles cycles_;
  std::vector<std::size_t> network_ends_;  ///< in held_out
  Calibration result_;
};

}  // namespace

Calibration calibrate(cost::Core core, const CalibrationOptions& options, const std::filesystem::path& folder,
                      const ProgressFn& progress, const StopToken& stop) {
  Calibrator calibrator(core, options);
  for (int i = 0; i < calibrator.networks(); ++i) {
    stop.throw_if_stopped("calibrate");
    if (progress)
      progress({.done = static_cast<double>(i),
                .total = static_cast<double>(calibrator.networks()),
                .note = "networks"});
    calibrator.measure(i, folder, stop);
  }
  return calibrator.finish();
}

}  // namespace tinynas::emulator
