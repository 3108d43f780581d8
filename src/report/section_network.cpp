#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/bars.h"
#include "report/layer_table.h"
#include "report/sections.h"
#include "report/text.h"
#include "tinynas/report/memory_map.h"

namespace tinynas::report {
namespace {

/// Operation without its stride: strides of one kernel share its code.
std::string kind(const ir::Layer& layer) {
  const std::string text = operation(layer);
  return text.substr(0, text.find(" s"));
}

/// The largest kinds as parts of their own, the rest as one.
std::vector<StackedBar::Part> largest_parts(const std::map<std::string, double>& sums) {
  constexpr std::size_t kNamed = 5;
  std::vector<StackedBar::Part> parts;
  for (const auto& [name, value] : sums)
    if (value > 0) parts.push_back({name, value, {}});
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.value > b.value; });
  if (parts.size() > kNamed + 1) {
    StackedBar::Part rest{"others", 0, {}};
    for (std::size_t i = kNamed; i < parts.size(); ++i) rest.value += parts[i].value;
    parts.resize(kNamed);
    parts.push_back(rest);
  }
  return parts;
}

std::string where_it_goes(const Profile& p) {
  std::map<std::string, double> latency, flash;
  for (std::size_t i = 0; i < p.layers.size(); ++i) {
    latency[kind(p.graph.layers[i])] += p.layers[i].latency_ms;
    flash[kind(p.graph.layers[i])] += static_cast<double>(p.layers[i].flash_bytes);
  }
  flash["code"] = static_cast<double>(p.footprint.code_bytes);
  StackedBar time{"Where the time goes", "Estimated latency by kind of operation.", largest_parts(latency)};
  for (auto& part : time.parts) part.text = fmt::format("{:.3g} ms", part.value);
  StackedBar bytes{"Where the Flash goes", "Flash by kind of operation, and code.", largest_parts(flash)};
  for (auto& part : bytes.parts) part.text = short_bytes(static_cast<Bytes>(part.value));
  std::vector<std::string> drawings;
  if (!time.parts.empty()) drawings.push_back(figure(svg(time)));
  if (!bytes.parts.empty()) drawings.push_back(figure(svg(bytes)));
  return side_by_side(drawings);
}

std::string memory_sentence(const Profile& p) {
  const cost::Footprint& f = p.footprint;
  const Bottlenecks b = bottlenecks(p);
  const bool pushed = p.schedule.input != cost::InputMode::kFrame;
  return fmt::format(
      "The arena takes {} bytes: {} for activations, {} more for kernel scratch. {} {} bytes of it. {} "
      "layers run in {} segments; segment {} needs most at once, {} bytes, the largest of it {} with {}.",
      grouped(f.arena_bytes), grouped(f.activation_bytes), grouped(f.scratch_bytes),
      pushed ? "The input arrives row by row and takes" : "The input is held as a frame and takes",
      grouped(f.input_bytes), p.graph.layers.size(), p.schedule.segments.size(), b.peak_segment,
      grouped(b.peak_bytes), b.peak_holder, grouped(b.peak_holder_bytes));
}

std::string cost_sentence(const Profile& p) {
  const Bottlenecks b = bottlenecks(p);
  return fmt::format(
      "Slowest layer: {}, {} of the latency. Largest layer: {}, {} of the Flash. {} parameters.",
      layer_name(p.graph, b.slowest_layer), percent(b.slowest_share), layer_name(p.graph, b.largest_layer),
      percent(b.largest_share), grouped(p.footprint.params));
}

}  // namespace

Section network_section(const RunReport& report) {
  Section section{"network", "Network", {}};
  if (!report.network) return section;
  const Profile& p = *report.network;
  section.body += paragraph(memory_sentence(p));
  section.body +=
      wide_figure(memory_map_svg(p),
                  "Time runs to the right, bytes upwards. A ring keeps only the rows that somebody "
                  "still needs. Where two tensors share bytes, one dies as the other is born.");
  section.body += folded("The memory map as a table", to_html(memory_table(p)), Fold::kClosed);
  section.body += paragraph(cost_sentence(p)) + where_it_goes(p);
  section.body += folded("Layers", to_html(layer_table(p.graph, p.schedule, p.layers)), Fold::kOpen);
  return section;
}

}  // namespace tinynas::report
