#pragma once

#include <string>
#include <vector>

#include "tinynas/core/units.h"
#include "tinynas/report/heat_map.h"
#include "tinynas/report/plot.h"
#include "tinynas/report/table.h"

namespace tinynas::report {

/// One (resolution, width) of the ranking: what the networks drawn from it that fit the budget cost.
struct RankedSpace {
  int resolution = 0;           ///< the largest
  int smallest_resolution = 0;  ///< where it is elastic; 0: there is one
  double width = 0;
  int samples = 0;                  ///< drawn
  double fit_share = 0;             ///< 0..1: of them, what meets the budget
  double mean_macs = 0;             ///< of those that fit; 0 if none does
  std::vector<Macs> fit_macs = {};  ///< of those that fit, in any order: the CDF; may be empty
  std::string set_aside = {};       ///< why it was not considered ("fewer than 1 % fit"); empty: it was
  bool chosen = false;
};

/// "r28-w1.0", or "r16-28-w1.0" where the resolution is elastic.
std::string space_label(const RankedSpace& space);
/// Best first: considered spaces by mean MACs, then those set aside.
Table ranking_table(const std::vector<RankedSpace>& spaces);
std::string ranking_json(const std::vector<RankedSpace>& spaces);
/// FLOPs CDFs (arXiv:2007.10319 figure 3): the winner, the next ones named, the others grey.
Plot ranking_cdf(const std::vector<RankedSpace>& spaces);
HeatMap ranking_mean_macs(const std::vector<RankedSpace>& spaces);
HeatMap ranking_fit_share(const std::vector<RankedSpace>& spaces);

/// The best space of one budget of a sweep.
struct SweepPoint {
  Bytes sram_bytes = 0, flash_bytes = 0;
  std::string best = {};  ///< "w0.5-r160"; empty: nothing fits
  double mean_macs = 0;   ///< mean of its networks that fit
};
std::string sweep_json(const std::vector<SweepPoint>& points);
Table sweep_table(const std::vector<SweepPoint>& points);
HeatMap sweep_map(const std::vector<SweepPoint>& points);

}  // namespace tinynas::report
