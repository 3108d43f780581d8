#include <algorithm>

#include <fmt/format.h>

#include "tinynas/cost/footprint.h"

namespace tinynas::cost {

namespace {

/// Calls visit(name, needs, limit) for every limit that stands.
template <typename Visit>
void visit_limits(const Footprint& footprint, const Budget& budget, Visit visit) {
  if (budget.sram_bytes) visit("sram", double(footprint.sram_bytes), double(*budget.sram_bytes));
  if (budget.flash_bytes) visit("flash", double(footprint.flash_bytes), double(*budget.flash_bytes));
  if (budget.macs) visit("macs", double(footprint.macs + footprint.extra_macs), double(*budget.macs));
  if (budget.latency_ms) visit("latency", footprint.latency_ms, *budget.latency_ms);
  if (budget.energy_mj) visit("energy", footprint.energy_mj, *budget.energy_mj);
}

}  // namespace

bool fits(const Footprint& footprint, const Budget& budget) {
  bool all = true;
  visit_limits(footprint, budget, [&](const char*, double needs, double has) { all = all && needs <= has; });
  return all;
}

std::vector<Miss> misses(const Footprint& footprint, const Budget& budget) {
  std::vector<Miss> missed;
  visit_limits(footprint, budget, [&](const char* limit, double needs, double has) {
    if (needs > has) missed.push_back({limit, needs, has});
  });
  // needs / has by multiplication, so that a limit of 0 is no special case.
  std::stable_sort(missed.begin(), missed.end(),
                   [](const Miss& a, const Miss& b) { return a.needs * b.has > b.needs * a.has; });
  return missed;
}

std::string describe(const std::vector<Miss>& misses) {
  std::string text;
  for (const Miss& miss : misses) {
    const char* separator = text.empty() ? "" : ", ";
    if (miss.limit == "latency")
      text += fmt::format("{}latency {:.1f} of {:.1f} ms", separator, miss.needs, miss.has);
    else if (miss.limit == "energy")
      text += fmt::format("{}energy {:.2f} of {:.2f} mJ", separator, miss.needs, miss.has);
    else if (miss.limit == "macs")
      text += fmt::format("{}macs {:.2f}M of {:.2f}M", separator, miss.needs / 1e6, miss.has / 1e6);
    else
      text += fmt::format("{}{} {:.0f} of {:.0f} bytes", separator, miss.limit, miss.needs, miss.has);
  }
  return text;
}

}  // namespace tinynas::cost
