#include <fmt/format.h>

#include <algorithm>

#include "report/bars.h"
#include "report/sections.h"
#include "report/text.h"
#include "tinynas/report/table.h"

namespace tinynas::report {
namespace {

Table stage_table(const RunReport& report) {
  const bool planned = std::any_of(report.stages.begin(), report.stages.end(),
                                   [](const StageTime& stage) { return stage.planned_seconds.has_value(); });
  Table table{.columns = {{"stage", Align::kWords}, {"took"}}};
  if (planned) table.columns.push_back({"planned"});
  table.columns.push_back({"result", Align::kWords});
  for (const StageTime& stage : report.stages) {
    Row row{.cells = {stage.name, short_seconds(stage.seconds)}};
    if (planned) row.cells.emplace_back(stage.planned_seconds ? short_seconds(*stage.planned_seconds) : "");
    row.cells.emplace_back(stage.summary);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table file_table(const RunReport& report) {
  Table table{.columns = {{"file", Align::kWords}, {"size"}, {"what", Align::kWords}}};
  for (const ProducedFile& file : report.files)
    table.rows.push_back({.cells = {file.name, short_bytes(file.bytes), file.what}});
  return table;
}

Table fact_table(const RunReport& report) {
  Table table{.columns = {{"fact", Align::kWords}, {"value", Align::kWords}}};
  for (const auto& [name, value] : report.facts) table.rows.push_back({.cells = {name, value}});
  return table;
}

}  // namespace

Section time_section(const RunReport& report) {
  Section section{"time", "Time", {}};
  if (report.stages.empty()) return section;
  StackedBar bar{"Time per stage", "Seconds of every stage of the run.", {}};
  double total = 0;
  for (const StageTime& stage : report.stages) {
    bar.parts.push_back({stage.name, stage.seconds, short_seconds(stage.seconds)});
    total += stage.seconds;
  }
  section.body = paragraph(report.time_limit_s ? fmt::format("{} of the {} allowed.", short_seconds(total),
                                                             short_seconds(*report.time_limit_s))
                                               : short_seconds(total) + " in all.");
  section.body += figure(svg(bar)) + to_html(stage_table(report));
  return section;
}

Section provenance_section(const RunReport& report) {
  Section section{"provenance", "How to get this again", {}};
  if (!report.facts.empty()) section.body += to_html(fact_table(report));
  if (!report.files.empty()) section.body += "<h3>Files</h3>\n" + to_html(file_table(report));
  if (!report.config.empty())
    section.body +=
        folded("config.yaml", fmt::format("<pre>{}</pre>\n", escape(report.config)), Fold::kClosed);
  return section;
}

}  // namespace tinynas::report
