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

namespace {

/// The int8 network class by class, and what it confuses.
std::string by_class(const Classification& result) {
  if (result.empty()) return {};
  const bool few = result.classes.size() <= kMostMatrixClasses;
  std::string out = folded("Accuracy of every class, int8, test images", to_html(class_table(result)),
                           few ? Fold::kOpen : Fold::kClosed);
  if (few)
    return out + figure(svg(confusion_matrix(result)),
                        "Each row is a class: where its test images went. The darker, the larger the share.");
  constexpr std::size_t kShown = 30;
  Table pairs = confused_table(result, kShown);
  pairs.caption = "The classes that are confused most often";
  return out + (pairs.rows.empty() ? std::string() : to_html(pairs));
}

}  // namespace

Section accuracy_section(const RunReport& report) {
  Section section{"accuracy", "Accuracy at every stage", {}};
  if (report.accuracy.empty()) return section;
  section.body = figure(svg(accuracy_column(report)),
                        "The axis does not begin at zero. Accuracies on different images are not "
                        "comparable to the last tenth.") +
                 by_class(report.by_class);
  return section;
}

}  // namespace tinynas::report
