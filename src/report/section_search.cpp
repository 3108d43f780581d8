#include <fmt/format.h>

#include <algorithm>

#include "report/sections.h"
#include "report/text.h"

namespace tinynas::report {
namespace {

Series scatter(const std::vector<SearchPoint>& points, std::string name, Tone tone) {
  Series series{.name = std::move(name), .mark = Mark::kDots, .tone = tone};
  for (const SearchPoint& point : points) {
    series.x.push_back(static_cast<double>(point.macs) / kMillion);
    series.y.push_back(point.accuracy);
  }
  return series;
}

Series evaluations(const std::vector<SearchPoint>& points, Tone tone) {
  Series series{.mark = Mark::kDots, .tone = tone, .note = "each dot: a network evaluated"};
  for (std::size_t i = 0; i < points.size(); ++i) {
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(points[i].accuracy);
  }
  return series;
}

Series best_so_far(const std::vector<SearchPoint>& points, std::string name, Tone tone) {
  Series series{.name = std::move(name), .mark = Mark::kSteps, .tone = tone};
  double best = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool better = i == 0 || points[i].accuracy > best;
    if (!better && i + 1 != points.size()) continue;
    best = std::max(best, points[i].accuracy);
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(best);
  }
  return series;
}

const SearchPoint& best_of(const std::vector<SearchPoint>& points) {
  return *std::max_element(points.begin(), points.end(), [](const SearchPoint& a, const SearchPoint& b) {
    return a.accuracy < b.accuracy;
  });
}

/// Networks that no other beats in both accuracy and MACs, as steps from cheap to accurate.
Series front(std::vector<SearchPoint> points) {
  std::sort(points.begin(), points.end(), [](const SearchPoint& a, const SearchPoint& b) {
    return a.macs != b.macs ? a.macs < b.macs : a.accuracy > b.accuracy;
  });
  Series series{.name = "Pareto front", .mark = Mark::kSteps, .tone = Tone::kThird};
  for (const SearchPoint& point : points) {
    if (!series.y.empty() && point.accuracy <= series.y.back()) continue;
    series.x.push_back(static_cast<double>(point.macs) / kMillion);
    series.y.push_back(point.accuracy);
  }
  return series;
}

std::string sentence(const RunReport& report) {
  std::string out;
  if (!report.evolution.empty())
    out += fmt::format("Evolution evaluated {} networks and reached {}",
                       grouped(static_cast<std::int64_t>(report.evolution.size())),
                       accuracy_text(best_of(report.evolution).accuracy));
  if (!report.random_search.empty())
    out += fmt::format("{} {} random networks reached {}", out.empty() ? "" : ";",
                       grouped(static_cast<std::int64_t>(report.random_search.size())),
                       accuracy_text(best_of(report.random_search).accuracy));
  return out + ". All of them fit the budget; accuracies are the supernet's, on held-out images.";
}

}  // namespace

Plot history_plot(const RunReport& report) {
  Plot plot{.title = "Best so far",
            .x_label = "networks evaluated",
            .y_label = "accuracy in the supernet, %",
            .description = "Accuracy of every network evaluated, and the best so far of either search."};
  plot.series.push_back(evaluations(report.random_search, Tone::kMuted));
  plot.series.push_back(evaluations(report.evolution, Tone::kSixth));
  if (!report.random_search.empty())
    plot.series.push_back(best_so_far(report.random_search, "random search", Tone::kSecond));
  if (!report.evolution.empty())
    plot.series.push_back(best_so_far(report.evolution, "evolution", Tone::kWinner));
  return plot;
}

Plot pareto_plot(const RunReport& report) {
  std::vector<SearchPoint> all = report.evolution;
  all.insert(all.end(), report.random_search.begin(), report.random_search.end());
  Plot plot{.title = "Accuracy against MACs",
            .x_label = "million MACs",
            .y_label = "accuracy in the supernet, %",
            .description =
                "Every network evaluated; the front of those that none beats in both; the winner starred."};
  if (!report.random_search.empty())
    plot.series.push_back(scatter(report.random_search, "random search", Tone::kMuted));
  if (!report.evolution.empty()) plot.series.push_back(scatter(report.evolution, "evolution", Tone::kSixth));
  plot.series.push_back(front(all));
  const auto winner =
      std::find_if(all.begin(), all.end(), [&](const SearchPoint& p) { return p.genome == report.genome; });
  if (winner != all.end())
    plot.series.push_back({.name = "winner",
                           .x = {static_cast<double>(winner->macs) / kMillion},
                           .y = {winner->accuracy},
                           .mark = Mark::kStar,
                           .tone = Tone::kSecond,
                           .note = report.genome});
  return plot;
}

Section search_section(const RunReport& report) {
  Section section{"search", "Search", {}};
  if (report.evolution.empty() && report.random_search.empty()) return section;
  section.body = paragraph(sentence(report)) +
                 side_by_side({figure(svg(history_plot(report))), figure(svg(pareto_plot(report)))});
  return section;
}

}  // namespace tinynas::report
