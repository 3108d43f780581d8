#include "tinynas/report/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/text.h"
#include "tinynas/core/index.h"
#include "tinynas/core/json_document.h"
#include "tinynas/space/search_space.h"

namespace tinynas::report {
namespace {

std::string resolution_of(const RankedSpace& space) {
  return space::resolution_text(space.smallest_resolution, space.resolution);
}

/// Chosen first, then considered spaces by mean MACs, then the others by the share that fits.
std::vector<RankedSpace> best_first(std::vector<RankedSpace> spaces) {
  std::stable_sort(spaces.begin(), spaces.end(), [](const RankedSpace& a, const RankedSpace& b) {
    if (a.chosen != b.chosen) return a.chosen;
    if (a.set_aside.empty() != b.set_aside.empty()) return a.set_aside.empty();
    if (a.mean_macs != b.mean_macs) return a.mean_macs > b.mean_macs;
    return a.fit_share > b.fit_share;
  });
  return spaces;
}

/// The cumulative distribution of the MACs of what fits: x in millions, y in percent.
Series cdf(const RankedSpace& space, Tone tone) {
  std::vector<Macs> sorted = space.fit_macs;
  std::sort(sorted.begin(), sorted.end());
  Series series{.mark = Mark::kSteps, .tone = tone};
  // A hundred points draw the same curve as a thousand, and the grey ones need fewer: the page stays small.
  const std::size_t points = tone == Tone::kMuted ? 40 : 100;
  const std::size_t step = std::max<std::size_t>(1, sorted.size() / points);
  const auto count = static_cast<double>(sorted.size());
  series.x.push_back(static_cast<double>(sorted.front()) / kMillion);
  series.y.push_back(0);
  for (std::size_t i = step - 1; i < sorted.size(); i += step) {
    series.x.push_back(static_cast<double>(sorted[i]) / kMillion);
    series.y.push_back(100 * static_cast<double>(i + 1) / count);
  }
  series.x.push_back(static_cast<double>(sorted.back()) / kMillion);
  series.y.push_back(100);
  series.note = fmt::format("{}: mean {:.2f} M MACs, {} fits", space_label(space), space.mean_macs / kMillion,
                            percent(space.fit_share));
  return series;
}

/// Resolutions upwards, widths to the right.
template <typename Fill>
HeatMap grid(const std::vector<RankedSpace>& spaces, Fill&& fill) {
  std::map<int, std::string> resolutions;
  std::set<double> widths;
  for (const RankedSpace& space : spaces) {
    resolutions[space.resolution] = resolution_of(space);
    widths.insert(space.width);
  }
  HeatMap map{.x_label = "width multiplier", .y_label = "resolution"};
  for (const double width : widths) map.columns.push_back(fmt::format("{:g}", width));
  for (const auto& [largest, text] : resolutions) map.rows.push_back(text);
  map.cells.resize(map.columns.size() * map.rows.size());
  for (const RankedSpace& space : spaces) {
    const auto row = at(std::distance(resolutions.begin(), resolutions.find(space.resolution)));
    const auto column = at(std::distance(widths.begin(), widths.find(space.width)));
    HeatMap::Cell& cell = map.cells[row * map.columns.size() + column];
    fill(space, cell);
    cell.marked = space.chosen;
    cell.note = fmt::format("{}: {} of {} samples fit, mean {:.2f} M MACs{}{}", space_label(space),
                            percent(space.fit_share), space.samples, space.mean_macs / kMillion,
                            space.set_aside.empty() ? "" : "; set aside: ", space.set_aside);
  }
  return map;
}

}  // namespace

std::string space_label(const RankedSpace& space) {
  return fmt::format("r{}-w{:g}", resolution_of(space), space.width);
}

Table ranking_table(const std::vector<RankedSpace>& spaces) {
  Table table{.columns = {{"space", Align::kWords},
                          {"resolution"},
                          {"width"},
                          {"samples"},
                          {"fit"},
                          {"mean MACs"},
                          {"note", Align::kWords}}};
  double most = 0;
  for (const RankedSpace& space : spaces) most = std::max(most, space.mean_macs);
  for (const RankedSpace& space : best_first(spaces))
    table.rows.push_back(
        {.cells = {space_label(space), resolution_of(space), fmt::format("{:g}", space.width),
                   grouped(space.samples), Cell(percent(space.fit_share), space.fit_share),
                   Cell(space.mean_macs > 0 ? fmt::format("{:.2f}M", space.mean_macs / kMillion) : "-",
                        most > 0 ? space.mean_macs / most : 0),
                   space.chosen              ? "chosen"
                   : space.set_aside.empty() ? ""
                                             : "set aside: " + space.set_aside},
         .marked = space.chosen});
  return table;
}

std::string ranking_json(const std::vector<RankedSpace>& spaces) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  nlohmann::ordered_json chosen = nullptr;
  for (const RankedSpace& space : best_first(spaces)) {
    nlohmann::ordered_json row = {{"space", space_label(space)},  {"resolution", space.resolution},
                                  {"width", space.width},         {"samples", space.samples},
                                  {"fit_share", space.fit_share}, {"mean_macs", space.mean_macs},
                                  {"chosen", space.chosen}};
    if (space.smallest_resolution > 0) row["smallest_resolution"] = space.smallest_resolution;
    row["set_aside"] = nullptr;
    if (!space.set_aside.empty()) row["set_aside"] = space.set_aside;
    if (space.chosen) chosen = space_label(space);
    rows.push_back(std::move(row));
  }
  const nlohmann::ordered_json out = {{"chosen", chosen}, {"spaces", rows}};
  return json_document("rank", out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string sweep_json(const std::vector<SweepPoint>& points) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const SweepPoint& point : points)
    rows.push_back(
        {{"sram_bytes", point.sram_bytes},
         {"flash_bytes", point.flash_bytes},
         {"best", point.best.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(point.best)},
         {"mean_macs", point.mean_macs}});
  return json_document("rank", nlohmann::ordered_json{{"points", rows}}.dump(2));
}

Plot ranking_cdf(const std::vector<RankedSpace>& spaces) {
  Plot plot{.title = "FLOPs of the networks that fit, per space",
            .x_label = "million MACs",
            .y_label = "networks below, %",
            .y_from_zero = true};
  constexpr std::size_t kNamed = 5;  // the winner and the next four
  constexpr std::array<Tone, kNamed - 1> kTones = {Tone::kSecond, Tone::kThird, Tone::kFourth, Tone::kFifth};
  std::vector<Series> named, grey;
  std::size_t considered = 0;
  for (const RankedSpace& space : best_first(spaces)) {
    if (space.fit_macs.empty()) continue;
    const bool name = space.set_aside.empty() && (space.chosen || considered < kNamed - 1);
    Series series = cdf(space, space.chosen ? Tone::kWinner : name ? kTones[considered++] : Tone::kMuted);
    if (name) series.name = space_label(space) + (space.chosen ? " (chosen)" : "");
    if (space.chosen)
      plot.description = fmt::format("Chosen: {}, mean {:.2f} million MACs.", space_label(space),
                                     space.mean_macs / kMillion);
    (name ? named : grey).push_back(std::move(series));
  }
  if (!grey.empty()) grey.front().name = fmt::format("{} others", grey.size());
  // Grey lies below; the winner is drawn last, on top.
  plot.series = std::move(grey);
  for (auto series = named.rbegin(); series != named.rend(); ++series)
    plot.series.push_back(std::move(*series));
  return plot;
}

HeatMap ranking_mean_macs(const std::vector<RankedSpace>& spaces) {
  HeatMap map = grid(spaces, [](const RankedSpace& space, HeatMap::Cell& cell) {
    if (space.mean_macs <= 0) return;
    cell.value = space.mean_macs;
    cell.text = fmt::format("{:.{}f}{}", space.mean_macs / kMillion, space.mean_macs < 9.95e6 ? 1 : 0,
                            space.set_aside.empty() ? "" : "*");
  });
  map.title = "Mean million MACs of what fits (*: set aside)";
  map.description = "Stronger: larger networks fit. The chosen space is framed.";
  return map;
}

HeatMap ranking_fit_share(const std::vector<RankedSpace>& spaces) {
  HeatMap map = grid(spaces, [](const RankedSpace& space, HeatMap::Cell& cell) {
    cell.value = space.fit_share;
    cell.text = percent(space.fit_share);
  });
  map.title = "Networks that fit the budget";
  map.description = "Stronger: a larger share of the samples fits. The chosen space is framed.";
  return map;
}

Table sweep_table(const std::vector<SweepPoint>& points) {
  Table table{.columns = {{"SRAM"}, {"Flash"}, {"best space", Align::kWords}, {"mean MACs"}}};
  for (const SweepPoint& point : points)
    table.rows.push_back(
        {.cells = {format_bytes(point.sram_bytes), format_bytes(point.flash_bytes),
                   point.best.empty() ? "none fits" : point.best,
                   point.best.empty() ? "-" : fmt::format("{:.2f}M", point.mean_macs / kMillion)}});
  return table;
}

HeatMap sweep_map(const std::vector<SweepPoint>& points) {
  std::set<Bytes> srams, flashes;
  for (const SweepPoint& point : points) {
    srams.insert(point.sram_bytes);
    flashes.insert(point.flash_bytes);
  }
  HeatMap map{.title = "Best space per budget; stronger: more MACs",
              .x_label = "SRAM",
              .y_label = "Flash",
              .description = "The space with the largest mean MACs for every pair of SRAM and Flash."};
  for (const Bytes sram : srams) map.columns.push_back(format_bytes(sram));
  for (const Bytes flash : flashes) map.rows.push_back(format_bytes(flash));
  map.cells.resize(map.columns.size() * map.rows.size());
  for (const SweepPoint& point : points) {
    const auto row = at(std::distance(flashes.begin(), flashes.find(point.flash_bytes)));
    const auto column = at(std::distance(srams.begin(), srams.find(point.sram_bytes)));
    if (point.best.empty()) continue;
    HeatMap::Cell& cell = map.cells[row * map.columns.size() + column];
    cell.value = point.mean_macs;
    cell.text = point.best;
    cell.note = fmt::format("{}: mean {:.2f} M MACs", point.best, point.mean_macs / kMillion);
  }
  return map;
}

}  // namespace tinynas::report
