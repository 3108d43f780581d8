#pragma once

#include "report/bars.h"
#include "report/page.h"
#include "tinynas/report/plot.h"
#include "tinynas/report/report.h"
#include "tinynas/report/table.h"

namespace tinynas::report {

/// Summary sentence and tiles under the title.
std::string summary(const RunReport& report);

/// The parts of the page; an empty body means that the report has nothing to say there.
Section targets_section(const RunReport& report);
Section network_section(const RunReport& report);
Section accuracy_section(const RunReport& report);
Section ranking_section(const RunReport& report);
Section search_section(const RunReport& report);
Section training_section(const RunReport& report);
Section time_section(const RunReport& report);
Section provenance_section(const RunReport& report);

/// What each device of the run got: one row, or several.
Table target_table(const RunReport& report);

/// The drawings that both a section and pictures() need.
DotColumn accuracy_column(const RunReport& report);
Plot history_plot(const RunReport& report);
Plot pareto_plot(const RunReport& report);

/// What the run claims: int8 on test images if there is such a stage, else the last one measured.
const AccuracyStage* headline_accuracy(const RunReport& report);

/// "91.90 %".
std::string accuracy_text(double percent);

}  // namespace tinynas::report
