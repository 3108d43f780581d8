#include <fmt/format.h>

#include "report/bars.h"
#include "report/sections.h"
#include "report/text.h"

namespace tinynas::report {

DotColumn accuracy_column(const RunReport& report) {
  DotColumn column{"Accuracy from stage to stage", "Accuracy in percent of every stage, in order.", "%", {}};
  for (const AccuracyStage& stage : report.accuracy) {
    const std::string images =
        stage.images > 0 ? fmt::format("{} {}", grouped(stage.images), stage.note) : stage.note;
    column.items.push_back({stage.name, stage.percent, accuracy_text(stage.percent), images,
                            &stage == headline_accuracy(report)});
  }
  return column;
}

Section accuracy_section(const RunReport& report) {
  Section section{"accuracy", "Accuracy at every stage", {}};
  if (report.accuracy.empty()) return section;
  section.body = figure(svg(accuracy_column(report)),
                        "The axis does not begin at zero. Accuracies on different images are not "
                        "comparable to the last tenth.");
  return section;
}

}  // namespace tinynas::report
