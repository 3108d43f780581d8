#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/units.h"
#include "tinynas/cost/core.h"
#include "tinynas/cost/terms.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// Two rows per kernel of kernel_register(), in its order: as it is, and where code is unrolled for the layer
/// (cost/unrolled.h): what each of its terms takes.
/// configs/cores/NAME.yaml.
using CycleTable = std::vector<CycleTerms>;

/// How often each term happens in a layer.
LayerWork layer_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

/// Reads a cycle table: a row per kernel, "tn_depthwise_3x3", or per family of kernels ("tn_depthwise" stands
/// for "tn_depthwise_3x3" too); "tn_depthwise_3x3_unrolled" for unrolled code, if that is unlike; `other` for
/// the rest. Terms that are left out are 0. ConfigError if a row names no kernel.
CycleTable load_cycle_table(const std::filesystem::path& path);
CycleTable parse_cycle_table(const std::string& text, const std::string& name);
/// configs/cores/NAME.yaml.
CycleTable load_cycle_table_of(Core core);
/// The file that load_cycle_table reads; each line of `comment` becomes a comment at its top. Rows without
/// terms are left out.
std::string cycle_table_text(const CycleTable& table, std::string_view comment);

/// Is the kernel's code as it stands, or made for the layer's size?
enum class KernelCodeForm : std::uint8_t { kPlain, kUnrolled };
constexpr std::size_t kCycleRows = 2;  ///< of a kernel
/// Row of a cycle table, given the kernel's place in the register.
constexpr std::size_t cycle_row(std::size_t kernel, KernelCodeForm form) {
  return kCycleRows * kernel + (form == KernelCodeForm::kUnrolled ? 1 : 0);
}
/// "tn_conv", "tn_conv_unrolled": the name of a row.
std::string cycle_row_name(std::size_t row);
std::size_t cycle_row_for(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

/// A kernel of a network that a cycle table has no row for, and how many layers it makes.
struct UnfittedKernel {
  std::string_view name;
  int layers = 0;
};
/// Those whose cycles are a guess: the layers count as `other`, or as a namesake that works otherwise. None
/// with an empty table.
std::vector<UnfittedKernel> unfitted_kernels(const CycleTable& table, const ir::Graph& graph, KernelIsa isa);

/// 0 with an empty table.
Cycles layer_cycles(const CycleTable& table, const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

}  // namespace tinynas::cost
