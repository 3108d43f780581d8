#include <fmt/format.h>

#include "report/sections.h"
#include "report/text.h"
#include "tinynas/report/table.h"

namespace tinynas::report {
namespace {

/// "12.3 KiB of 64 KiB", with a bar; the amount alone without a limit.
template <typename T, typename Text>
Cell against_limit(T used, const std::optional<T>& limit, const Text& text) {
  if (!limit) return Cell(text(used));
  return Cell(fmt::format("{} of {}", text(used), text(*limit)),
              static_cast<double>(used) / static_cast<double>(*limit));
}

}  // namespace

Table target_table(const RunReport& report) {
  Table table{.columns = {{"device", Align::kWords},
                          {"accuracy, int8"},
                          {"SRAM"},
                          {"Flash"},
                          {"latency, estimated"},
                          {"MACs"},
                          {"network", Align::kWords}}};
  for (const TargetResult& target : report.targets) {
    Cell device = target.device;
    device.link = target.page;
    table.rows.push_back(
        {.cells = {device, accuracy_text(target.accuracy),
                   against_limit(target.sram_bytes, target.budget.sram_bytes, short_bytes),
                   against_limit(target.flash_bytes, target.budget.flash_bytes, short_bytes),
                   against_limit(target.latency_ms, target.budget.latency_ms, format_millis),
                   against_limit(target.macs, target.budget.macs, format_macs), target.genome},
         .marked = target.page.empty()});
  }
  return table;
}

Section targets_section(const RunReport& report) {
  Section section{"devices", "Devices", {}};
  if (report.targets.size() < 2) return section;
  section.body = paragraph(
                     "One supernet was trained, over the space that leaves most computation to the networks "
                     "that fit all of these devices together (the geometric mean), and searched for each of "
                     "them. This page is about the first.") +
                 to_html(target_table(report));
  return section;
}

}  // namespace tinynas::report
