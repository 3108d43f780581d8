#include <fmt/format.h>

#include <algorithm>

#include "report/sections.h"
#include "report/text.h"

namespace tinynas::report {

Section ranking_section(const RunReport& report) {
  Section section{"ranking", "Ranking of the search spaces", {}};
  const auto& spaces = report.ranking;
  if (spaces.empty()) return section;
  const auto chosen =
      std::find_if(spaces.begin(), spaces.end(), [](const RankedSpace& s) { return s.chosen; });
  const auto aside =
      std::count_if(spaces.begin(), spaces.end(), [](const RankedSpace& s) { return !s.set_aside.empty(); });
  const bool elastic = std::any_of(spaces.begin(), spaces.end(),
                                   [](const RankedSpace& s) { return s.smallest_resolution > 0; });
  section.body += paragraph(fmt::format(
      "{} spaces, {}. Under one budget the space whose networks that fit compute most is the most "
      "promising; {} were set aside. {}",
      spaces.size(), elastic ? "a width each, their resolutions elastic" : "a width and a resolution each",
      aside,
      chosen == spaces.end()
          ? std::string("None was chosen.")
          : fmt::format("Chosen: {}, mean {} MACs; {} of its networks fit.", space_label(*chosen),
                        format_macs(static_cast<Macs>(chosen->mean_macs)), percent(chosen->fit_share))));
  if (std::any_of(spaces.begin(), spaces.end(), [](const RankedSpace& s) { return !s.fit_macs.empty(); }))
    section.body += figure(svg(ranking_cdf(spaces)),
                           "Further right is better: a larger share of the networks that fit computes more.");
  section.body +=
      side_by_side({figure(svg(ranking_mean_macs(spaces))), figure(svg(ranking_fit_share(spaces)))});
  section.body += folded("All spaces", to_html(ranking_table(spaces)), Fold::kClosed);
  return section;
}

}  // namespace tinynas::report
