#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tinynas/cost/device.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// One line of the per-layer table.
struct LayerCost {
  Macs macs = 0;
  Bytes ring_bytes = 0;  ///< bytes the layer's output holds in the arena
  Bytes scratch_bytes = 0;
  Bytes flash_bytes = 0;  ///< constants of the layer, without kernel code
  Millis latency_ms = 0;
  int segment = 0;
  friend bool operator==(const LayerCost&, const LayerCost&) = default;
};

/// What (Graph, Schedule, Device) costs. Sums only: no heap, so that the search can fill millions of them.
struct Footprint {
  Macs macs = 0;
  Macs extra_macs = 0;      ///< recomputed by column patches; 0 with rows and rings alone
  std::int64_t params = 0;  ///< weights + biases
  Bytes sram_bytes = 0;     ///< arena + the engine's own state (.data + .bss of model and kernels)
  Bytes arena_bytes = 0, activation_bytes = 0, scratch_bytes = 0, input_bytes = 0;
  Bytes flash_bytes = 0;  ///< text + rodata + image of .data of model and kernels
  Bytes code_bytes = 0;   ///< the part of flash_bytes that is text
  Millis latency_ms = 0;
  double energy_mj = 0;  ///< 0 when the device states no power
  friend bool operator==(const Footprint&, const Footprint&) = default;
};

/// Costs of running `graph` by `schedule` on `device`.
Footprint footprint(const ir::Graph& graph, const Schedule& schedule, const Device& device);
/// The table behind those sums, one row per layer.
std::vector<LayerCost> layer_costs(const ir::Graph& graph, const Schedule& schedule, const Device& device);

/// .data + .bss of a generated model beside its arena: a 16-bit row counter per tensor and per global pool
/// (engine's C writer emits just these).
Bytes engine_state_bytes(const ir::Graph& graph);
/// Constants of one layer: packed weights, biases, scales, its struct.
Bytes layer_constant_bytes(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

/// Limits on a Footprint; an absent one does not bind.
struct Budget {
  std::optional<Bytes> sram_bytes = {}, flash_bytes = {};
  std::optional<Macs> macs = {};
  std::optional<Millis> latency_ms = {};
  std::optional<double> energy_mj = {};
  friend bool operator==(const Budget&, const Budget&) = default;
};

/// Which limit of a budget is missed.
struct Miss {
  std::string limit;  ///< "sram", "flash", "macs", "latency", "energy"
  double needs = 0, has = 0;
};

bool fits(const Footprint& footprint, const Budget& budget);
/// All limits missed, largest relative excess first; empty if it fits.
std::vector<Miss> misses(const Footprint& footprint, const Budget& budget);
/// "sram 16384 of 12000 bytes, flash ..." for messages.
std::string describe(const std::vector<Miss>& misses);

}  // namespace tinynas::cost
