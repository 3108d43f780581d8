#include "report/sections.h"
#include "tinynas/report/memory_map.h"
#include "tinynas/report/ranking.h"
#include "tinynas/report/svg.h"

namespace tinynas::report {

std::vector<Picture> pictures(const RunReport& report) {
  std::vector<Picture> all;
  const auto add = [&](const char* name, std::string_view svg) {
    all.push_back({name, standalone_svg(svg)});
  };
  if (report.network) add("memory-map.svg", memory_map_svg(*report.network));
  if (!report.accuracy.empty()) add("accuracy.svg", svg(accuracy_column(report)));
  if (!report.by_class.empty() && report.by_class.classes.size() <= kMostMatrixClasses)
    add("confusion.svg", svg(confusion_matrix(report.by_class)));
  if (!report.ranking.empty()) {
    add("ranking-cdf.svg", svg(ranking_cdf(report.ranking)));
    add("ranking-macs.svg", svg(ranking_mean_macs(report.ranking)));
  }
  if (!report.evolution.empty() || !report.random_search.empty()) {
    add("search-history.svg", svg(history_plot(report)));
    add("search-front.svg", svg(pareto_plot(report)));
  }
  return all;
}

}  // namespace tinynas::report
