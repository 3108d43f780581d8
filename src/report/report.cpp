#include "tinynas/report/report.h"

#include "report/page.h"
#include "report/sections.h"

namespace tinynas::report {

std::string render_html(const RunReport& report) {
  Page page{.title = report.title, .head = summary(report)};
  for (Section section :
       {targets_section(report), network_section(report), accuracy_section(report), ranking_section(report),
        search_section(report), training_section(report), time_section(report), provenance_section(report)})
    if (!section.body.empty()) page.sections.push_back(std::move(section));
  page.foot = paragraph(
      "Written by tinynas. SRAM and Flash are those of the generated code; latency and energy are "
      "estimates from instruction counts, not measured on a board.");
  return to_html(page);
}

}  // namespace tinynas::report
