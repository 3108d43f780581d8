#include "tinynas/cost/cycles.h"

#include <fmt/format.h>

#include "cycle_terms.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/yaml.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

namespace {

constexpr double kMostCycles = 1e6;  // no kernel spends more on one row, value or MAC

CycleTerms read_terms(const yaml::Node& row) {
  CycleTerms terms;
  terms.row = row.at("row").number(0, kMostCycles);
  terms.output = row.at("output").number(0, kMostCycles);
  terms.mac = row.at("mac").number(0, kMostCycles);
  terms.input = row.at("input").number(0, kMostCycles);
  return terms;
}

}  // namespace

LayerWork layer_work(const ir::Graph& graph, const ir::Layer& layer) {
  return work_with(ir::layer_macs(graph, layer), graph, layer);
}

namespace {

/// A kernel without a row of its own takes the row of the longest name that it begins with ("tn_depthwise"
/// for "tn_depthwise_3x3"), else `other`.
CycleTerms terms_of(const yaml::Node& rows, std::string_view kernel) {
  std::string best = "other";
  std::size_t matched = 0;
  for (const std::string& name : rows.keys())
    if (kernel.starts_with(name) && name.size() > matched) best = name, matched = name.size();
  return read_terms(rows.at(best));
}

}  // namespace

CycleTable load_cycle_table(const std::filesystem::path& path) {
  const yaml::Node file = yaml::Node::load(path);
  const yaml::Node rows = file.at("kernels");
  CycleTable table;
  read_terms(rows.at("other"));
  for (const Kernel& kernel : kernel_register()) table.push_back(terms_of(rows, kernel.name));
  file.finish();
  return table;
}

CycleTable load_cycle_table_of(Core core) {
  return load_cycle_table(find_resource(fmt::format("configs/cores/{}.yaml", core_info(core).name)));
}

Cycles layer_cycles(const CycleTable& table, const ir::Graph& graph, const ir::Layer& layer) {
  if (table.empty()) return 0;
  const auto row = static_cast<std::size_t>(&kernel_for(graph, layer) - kernel_register().data());
  TINYNAS_CHECK(row < table.size(), "a cycle table has a row per kernel of the register");
  return cycles_of(table[row], layer_work(graph, layer));
}

}  // namespace tinynas::cost
