#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/yaml.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

namespace {

constexpr const char* kOther = "other";
constexpr double kMostCycles = 1e6;  // no kernel spends more on one row, value or MAC

CycleTerms read_terms(const yaml::Node& row) {
  CycleTerms terms;
  for (std::size_t t = 0; t < kTermCount; ++t)
    if (const auto value = row.find(std::string(kTermNames[t])))
      terms.values[t] = value->number(0, kMostCycles);
  return terms;
}

/// A kernel without a row of its own takes the row of the longest name that it begins with ("tn_depthwise"
/// for "tn_depthwise_3x3"), else `other`.
std::string row_of(const yaml::Node& rows, std::string_view kernel) {
  std::string best = kOther;
  std::size_t matched = 0;
  for (const std::string& name : rows.keys())
    if (kernel.starts_with(name) && name.size() > matched) best = name, matched = name.size();
  return best;
}

std::string row_text(const std::string& name, const CycleTerms& terms) {
  std::string text = fmt::format("  {:<22}", name + ":") + " { ";
  const char* separator = "";
  for (std::size_t t = 0; t < kTermCount; ++t)
    if (terms.values[t] != 0) {
      text += fmt::format("{}{}: {:.4g}", separator, kTermNames[t], terms.values[t]);
      separator = ", ";
    }
  return text + " }\n";
}

CycleTable read_table(const yaml::Node& file) {
  const yaml::Node rows = file.at("kernels");
  CycleTable table;
  read_terms(rows.at(kOther));
  for (const Kernel& kernel : kernel_register()) {
    const std::string row = row_of(rows, kernel.name);
    table.push_back(read_terms(rows.at(row)));
    // A family's row is no measure of a kernel for vectors, nor of its form in plain C.
    table.back().fitted = row == kernel.name || (row != kOther && kernel.least_isa == KernelIsa::kPortable);
    const auto unrolled = rows.find(std::string(kernel.name) + "_unrolled");
    table.push_back(unrolled ? read_terms(*unrolled) : CycleTerms(table.back()));
  }
  file.finish();
  return table;
}

}  // namespace

CycleTable load_cycle_table(const std::filesystem::path& path) { return read_table(yaml::Node::load(path)); }
CycleTable parse_cycle_table(const std::string& text, const std::string& name) {
  return read_table(yaml::Node::parse(text, name));
}

CycleTable load_cycle_table_of(Core core) {
  return load_cycle_table(find_resource(fmt::format("configs/cores/{}.yaml", core_info(core).name)));
}

std::string cycle_table_text(const CycleTable& table, std::string_view comment) {
  TINYNAS_CHECK(table.size() == kCycleRows * kernel_register().size(),
                "a cycle table has two rows per kernel");
  std::string text;
  std::istringstream lines{std::string(comment)};
  for (std::string line; std::getline(lines, line);) text += "# " + line + "\n";
  text += "kernels:\n";
  for (std::size_t row = 0; row < table.size(); ++row)
    if (table[row].fitted && table[row] != CycleTerms{} &&
        (row % kCycleRows == 0 || table[row] != table[row - 1]))
      text += row_text(cycle_row_name(row), table[row]);
  CycleTerms other;  // a kernel that this table does not know: the dearest of each of these terms
  for (const CycleTerms& terms : table)
    for (const Term term : {Term::kRow, Term::kOutput}) other[term] = std::max(other[term], terms[term]);
  return text + row_text(kOther, other);
}

}  // namespace tinynas::cost
