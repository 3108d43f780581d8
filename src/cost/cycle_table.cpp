#include <fmt/format.h>

#include <array>
#include <sstream>

#include "cycle_terms.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/yaml.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

namespace {

constexpr double kMostCycles = 1e6;  // no kernel spends more on one row, value or MAC
constexpr int kMostWidth = 64;       // outputs in a block, or inputs padded together

struct Term {
  const char* name;
  double CycleTerms::*value;
};
constexpr std::array kTerms = {
    Term{"row", &CycleTerms::row},
    Term{"line", &CycleTerms::line},
    Term{"input", &CycleTerms::input},
    Term{"output", &CycleTerms::output},
    Term{"mac", &CycleTerms::mac},
    Term{"inside", &CycleTerms::inside},
    Term{"block", &CycleTerms::block},
    Term{"block_input", &CycleTerms::block_input},
    Term{"block_output", &CycleTerms::block_output},
    Term{"block_mac", &CycleTerms::block_mac},
};

CycleTerms read_terms(const yaml::Node& row) {
  CycleTerms terms;
  for (const Term& term : kTerms)
    if (const auto value = row.find(term.name)) terms.*term.value = value->number(0, kMostCycles);
  if (const auto width = row.find("width")) terms.width = static_cast<int>(width->integer(1, kMostWidth));
  if (const auto half = row.find("half")) terms.half = half->number(0, 1);
  if (const auto depth = row.find("depth")) {
    terms.depth = static_cast<int>(depth->integer(1, kMostWidth));
    if ((terms.depth & (terms.depth - 1)) != 0) depth->fail("expected a power of two");
  }
  return terms;
}

/// A kernel without a row of its own takes the row of the longest name that it begins with ("tn_depthwise"
/// for "tn_depthwise_3x3"), else `other`.
std::string row_of(const yaml::Node& rows, std::string_view kernel) {
  std::string best = "other";
  std::size_t matched = 0;
  for (const std::string& name : rows.keys())
    if (kernel.starts_with(name) && name.size() > matched) best = name, matched = name.size();
  return best;
}

std::string row_text(const std::string& name, const CycleTerms& terms) {
  std::string text = fmt::format("  {:<22}", name + ":") + " { ";
  const char* separator = "";
  for (const Term& term : kTerms)
    if (terms.*term.value != 0) {
      text += fmt::format("{}{}: {:.4g}", separator, term.name, terms.*term.value);
      separator = ", ";
    }
  if (terms.width != 1) text += fmt::format("{}width: {}", separator, terms.width);
  if (terms.half != 1) text += fmt::format(", half: {}", terms.half);
  if (terms.depth != 1) text += fmt::format(", depth: {}", terms.depth);
  return text + " }\n";
}

}  // namespace

CycleTable load_cycle_table(const std::filesystem::path& path) {
  const yaml::Node file = yaml::Node::load(path);
  const yaml::Node rows = file.at("kernels");
  CycleTable table;
  read_terms(rows.at("other"));
  for (const Kernel& kernel : kernel_register()) {
    table.push_back(read_terms(rows.at(row_of(rows, kernel.name))));
    const auto row_or = [&](const char* form, std::size_t otherwise) {
      const auto own = rows.find(std::string(kernel.name) + form);
      table.push_back(own ? read_terms(*own) : CycleTerms(table[otherwise]));
      return own.has_value();
    };
    const std::size_t plain = table.size() - 1;
    row_or("_s2", plain);
    const bool unrolled = row_or("_unrolled", plain);
    row_or("_unrolled_s2", unrolled ? plain + 2 : plain + 1);
  }
  file.finish();
  return table;
}

CycleTable load_cycle_table_of(Core core) {
  return load_cycle_table(find_resource(fmt::format("configs/cores/{}.yaml", core_info(core).name)));
}

std::string cycle_table_text(const CycleTable& table, std::string_view comment) {
  TINYNAS_CHECK(table.size() == kCycleRows * kernel_register().size(),
                "a cycle table has four rows per kernel");
  std::string text;
  std::istringstream lines{std::string(comment)};
  for (std::string line; std::getline(lines, line);) text += "# " + line + "\n";
  text += "kernels:\n";
  for (std::size_t row = 0; row < table.size(); ++row)
    if (row % kCycleRows == 0 || table[row] != table[stand_in(table, row)])
      text += row_text(cycle_row_name(row), table[row]);
  CycleTerms other;  // a kernel that this table does not know yet: the dearest of each term of the plain ones
  for (const CycleTerms& terms : table) {
    other.row = std::max(other.row, terms.row);
    other.output = std::max(other.output, terms.output);
  }
  return text + row_text("other", other);
}

}  // namespace tinynas::cost
