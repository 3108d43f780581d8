#include "report/sections.h"

namespace tinynas::report {
namespace {

/// Adds supernet and tuning to a plot; each counts its own epochs.
Plot curves(const RunReport& report, Plot plot, std::optional<double> EpochPoint::*value) {
  const auto add = [&](const std::vector<EpochPoint>& points, const char* name, Tone tone) {
    Series series{.name = name, .mark = Mark::kLine, .tone = tone};
    for (const EpochPoint& point : points) {
      if (!(point.*value)) continue;
      series.x.push_back(point.epoch);
      series.y.push_back(*(point.*value));
    }
    if (!series.x.empty()) plot.series.push_back(std::move(series));
  };
  add(report.training, "supernet", Tone::kFirst);
  add(report.tuning, "winner, tuned", Tone::kSecond);
  return plot;
}

}  // namespace

Section training_section(const RunReport& report) {
  Section section{"training", "Training", {}};
  const Plot loss = curves(report,
                           {.title = "Training loss",
                            .x_label = "epoch",
                            .y_label = "loss",
                            .description = "Training loss per epoch."},
                           &EpochPoint::loss);
  const Plot accuracy = curves(report,
                               {.title = "Held-out accuracy",
                                .x_label = "epoch",
                                .y_label = "%",
                                .description = "Accuracy on held-out images per epoch."},
                               &EpochPoint::accuracy);
  std::vector<std::string> figures;
  if (!loss.series.empty()) figures.push_back(figure(svg(loss)));
  if (!accuracy.series.empty()) figures.push_back(figure(svg(accuracy)));
  if (!figures.empty()) section.body = side_by_side(figures);
  return section;
}

}  // namespace tinynas::report
