#pragma once

#include <filesystem>
#include <string>

#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// The counts that a layer's cycles are linear in.
struct LayerWork {
  std::int64_t rows = 0;     ///< kernel calls: output rows; for a global pool input rows
  std::int64_t outputs = 0;  ///< output values
  std::int64_t macs = 0;
  std::int64_t inputs = 0;  ///< input values read: of every row once per kernel row that reads it
  std::int64_t lines = 0;   ///< the same in rows of one channel
  /// Of a depthwise layer's MACs those with an input within the image; of a global pool's lines those that
  /// are not whole words.
  std::int64_t inside = 0;
  int out_w = 0;   ///< outputs that blocks are made of: side by side, channels of a dense layer, or 0
  int window = 0;  ///< inputs gathered for all channels of one output; 0 if channels stay apart
  friend bool operator==(const LayerWork&, const LayerWork&) = default;
};
LayerWork layer_work(const ir::Graph& graph, const ir::Layer& layer);
Cycles cycles_of(const CycleTerms& terms, const LayerWork& work);

/// Reads a cycle table: a row per kernel, "tn_depthwise_3x3", or per family of kernels ("tn_depthwise" stands
/// for "tn_depthwise_3x3" too); "tn_depthwise_3x3_s2" for strides beyond 1 if they are unlike; `other` for
/// the rest. Terms that are left out are 0. ConfigError if a row names no kernel.
CycleTable load_cycle_table(const std::filesystem::path& path);
/// configs/cores/NAME.yaml.
CycleTable load_cycle_table_of(Core core);
/// The file that load_cycle_table reads; each line of `comment` becomes a comment at its top.
std::string cycle_table_text(const CycleTable& table, std::string_view comment);

/// Is the kernel's code as it stands, or made for the layer's size?
enum class KernelCodeForm : std::uint8_t { kPlain, kUnrolled };
constexpr std::size_t kCycleRows = 4;  ///< of a kernel
/// Row of a cycle table, given the kernel's place in the register.
inline std::size_t cycle_row(std::size_t kernel, const ir::Layer& layer, KernelCodeForm form) {
  return kCycleRows * kernel + (form == KernelCodeForm::kUnrolled ? 2 : 0) + (layer.stride_w > 1 ? 1 : 0);
}
/// "tn_conv", "tn_conv_s2", "tn_conv_unrolled", "tn_conv_unrolled_s2": the name of a row.
std::string cycle_row_name(std::size_t row);
std::size_t cycle_row_for(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

/// 0 with an empty table.
Cycles layer_cycles(const CycleTable& table, const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

}  // namespace tinynas::cost
