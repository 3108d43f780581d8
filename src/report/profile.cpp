#include "tinynas/report/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/layer_table.h"
#include "report/memory_trace.h"
#include "report/text.h"
#include "tinynas/core/json_document.h"
#include "tinynas/cost/row_times.h"
#include "tinynas/cost/stack.h"
#include "tinynas/ir/ops.h"
#include "tinynas/report/memory_map.h"

namespace tinynas::report {
namespace {

using Json = nlohmann::ordered_json;

double part(double value, double of) { return of > 0 ? value / of : 0; }

template <typename Value>
int most_of(const std::vector<cost::LayerCost>& layers, Value cost::LayerCost::*member) {
  const auto most = std::max_element(layers.begin(), layers.end(),
                                     [&](const auto& a, const auto& b) { return a.*member < b.*member; });
  return most == layers.end() ? 0 : static_cast<int>(most - layers.begin());
}

/// The segment that needs most bytes at once, and the largest of what is alive then.
void find_peak(const Profile& profile, Bottlenecks& out) {
  const MemoryTrace trace = trace_memory(profile);
  const LivePeak peak = live_peak(trace);
  out.peak_bytes = peak.bytes;
  const auto& begins = trace.segment_begin;
  const auto after = std::upper_bound(begins.begin(), begins.end(), peak.time) - begins.begin();
  out.peak_segment = static_cast<int>(std::max<std::ptrdiff_t>(1, after)) - 1;
  for (const Place& place : trace.places) {
    const bool alive = place.begin <= peak.time && peak.time < place.end;
    if (!alive || place.bytes <= out.peak_holder_bytes) continue;
    out.peak_holder = place_name(profile, place);
    out.peak_holder_bytes = place.bytes;
  }
}

std::string against(std::string_view name, std::string used, const std::optional<std::string>& limit,
                    double share) {
  std::string line = fmt::format("{:<9} {:>14}", name, used);
  if (limit)
    line += fmt::format("  of {:>12}  {:>6}{}", *limit, percent(share), share > 1 ? "  DOES NOT FIT" : "");
  return line + "\n";
}

std::string totals(const Profile& p) {
  const cost::Footprint& f = p.footprint;
  const cost::Budget& b = p.budget;
  const auto bytes = [&](std::string_view name, Bytes used, const std::optional<Bytes>& limit) {
    return against(name, grouped(used) + " B", limit ? std::optional(grouped(*limit) + " B") : std::nullopt,
                   limit ? part(static_cast<double>(used), static_cast<double>(*limit)) : 0);
  };
  const auto real = [&](std::string_view name, double used, const std::optional<double>& limit,
                        std::string_view unit) {
    return against(name, fmt::format("{:.2f} {}", used, unit),
                   limit ? std::optional(fmt::format("{:.2f} {}", *limit, unit)) : std::nullopt,
                   limit ? part(used, *limit) : 0);
  };
  std::string out = bytes("SRAM", f.sram_bytes, b.sram_bytes);
  out += fmt::format("{:<9} {:>14}  activations {} B + scratch {} B; input {} B of it\n", "  arena",
                     grouped(f.arena_bytes) + " B", grouped(f.activation_bytes), grouped(f.scratch_bytes),
                     grouped(f.input_bytes));
  if (p.schedule.stream_bytes > 0)
    out += fmt::format("{:<9} {:>14}  of the arena: rows that are kept from call to call\n", "  state",
                       grouped(p.schedule.stream_bytes) + " B");
  out += fmt::format("{:<9} {:>14}  at most, and of your own what interrupts take\n", "  stack",
                     grouped(cost::stack_bytes(p.graph, p.device.core)) + " B");
  out += bytes("Flash", f.flash_bytes, b.flash_bytes);
  out += fmt::format("{:<9} {:>14}\n", "  code", grouped(f.code_bytes) + " B");
  out += real("latency", f.latency_ms, b.latency_ms, "ms");
  if (p.schedule.patches.columns == 1) {
    const cost::RowTimes rows = cost::row_times(p.graph, p.schedule, p.layers);
    out += fmt::format(
        "{:<9} {:>14}  at most, after row {}; before the last row at most {:.2f} ms, in the middle {:.2f} "
        "ms\n"
        "{:<9} {:>14}  (times are estimates: nothing was measured on hardware)\n",
        "  a row", fmt::format("{:.2f} ms", rows.worst), rows.worst_row, rows.worst_before_last, rows.median,
        "", "");
  }
  if (f.energy_mj > 0) out += real("energy", f.energy_mj, b.energy_mj, "mJ");
  out += against("MACs", grouped(f.macs), b.macs ? std::optional(grouped(*b.macs)) : std::nullopt,
                 b.macs ? part(static_cast<double>(f.macs), static_cast<double>(*b.macs)) : 0);
  if (f.extra_macs > 0)
    out += fmt::format(
        "{:<9} {:>14}  computed again: layers 0 to {} in {} column patches (cannot be compiled)\n", "  extra",
        grouped(f.extra_macs), p.schedule.patches.layers - 1, p.schedule.patches.columns);
  return out + fmt::format("{:<9} {:>14}\n", "params", grouped(f.params));
}

std::vector<cost::UnfittedKernel> unfitted_kernels(const Profile& p) {
  return cost::unfitted_kernels(p.device.cycles, p.graph, cost::core_info(p.device.core).isa);
}

/// A guess is called one.
std::string guesses(const Profile& p) {
  std::string out;
  for (const cost::UnfittedKernel& kernel : unfitted_kernels(p))
    out += fmt::format("latency: no fitted cycles for {} on {}: {} counted by guess; see tinynas calibrate\n",
                       kernel.name, cost::core_info(p.device.core).name,
                       kernel.layers == 1 ? "1 layer" : fmt::format("{} layers", kernel.layers));
  return out.empty() ? out : "\n" + out;
}

/// The numbers that every profile has, by our rules or by another engine's.
Json totals_json(const cost::Footprint& f) {
  return {{"macs", f.macs},
          {"params", f.params},
          {"sram_bytes", f.sram_bytes},
          {"arena_bytes", f.arena_bytes},
          {"activation_bytes", f.activation_bytes},
          {"scratch_bytes", f.scratch_bytes},
          {"input_bytes", f.input_bytes},
          {"flash_bytes", f.flash_bytes},
          {"code_bytes", f.code_bytes},
          {"latency_ms", f.latency_ms},
          {"energy_mj", f.energy_mj},
          {"extra_macs", f.extra_macs}};
}

Json misses_json(const std::vector<cost::Miss>& missed) {
  Json misses = Json::array();
  for (const cost::Miss& miss : missed)
    misses.push_back({{"limit", miss.limit}, {"needs", miss.needs}, {"has", miss.has}});
  return misses;
}

std::string document(const Json& json) {
  return json_document("profile", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

Json layers_json(const Profile& p) {
  Json layers = Json::array();
  for (int i = 0; i < p.graph.layer_count(); ++i) {
    const ir::Layer& layer = p.graph.layer(i);
    const ir::Shape& out = p.graph.out_shape(layer);
    const cost::LayerCost& c = p.layers[at(i)];
    layers.push_back({{"name", layer_name(p.graph, i)},
                      {"op", std::string(ir::layer_word(layer))},
                      {"kernel", {layer.kernel_h, layer.kernel_w}},
                      {"stride", {layer.stride_h, layer.stride_w}},
                      {"output", {out.h, out.w, out.c}},
                      {"segment", c.segment},
                      {"rows_kept", p.schedule.tensors[at(layer.output)].rows},
                      {"offset", p.schedule.tensors[at(layer.output)].offset},
                      {"macs", c.macs},
                      {"ring_bytes", c.ring_bytes},
                      {"scratch_bytes", c.scratch_bytes},
                      {"flash_bytes", c.flash_bytes},
                      {"latency_ms", c.latency_ms}});
  }
  return layers;
}

}  // namespace

Bottlenecks bottlenecks(const Profile& profile) {
  Bottlenecks out;
  if (profile.layers.empty()) return out;
  const auto cost_of = [&](int layer) { return profile.layers[at(layer)]; };
  find_peak(profile, out);
  out.slowest_layer = most_of(profile.layers, &cost::LayerCost::latency_ms);
  out.slowest_share = part(cost_of(out.slowest_layer).latency_ms, profile.footprint.latency_ms);
  out.largest_layer = most_of(profile.layers, &cost::LayerCost::flash_bytes);
  out.largest_share = part(static_cast<double>(cost_of(out.largest_layer).flash_bytes),
                           static_cast<double>(profile.footprint.flash_bytes));
  return out;
}

std::string profile_text(const Profile& profile) {
  const Bottlenecks b = bottlenecks(profile);
  const auto name = [&](int layer) { return layer_name(profile.graph, layer); };
  std::string out = fmt::format("{} on {} ({}, {:g} MHz)\n\n", profile.model, profile.device.name,
                                cost::core_info(profile.device.core).name, profile.device.clock_hz / 1e6);
  out += totals(profile) + guesses(profile);
  out += fmt::format(
      "\nbottlenecks\n  SRAM     segment {} needs most at once, {} B; the largest of it is {}, {} B\n  "
      "latency  {}, {} "
      "of it\n"
      "  Flash    {}, {} of it\n",
      b.peak_segment, grouped(b.peak_bytes), b.peak_holder, grouped(b.peak_holder_bytes),
      name(b.slowest_layer), percent(b.slowest_share), name(b.largest_layer), percent(b.largest_share));
  out += "\nlayers\n" + to_text(layer_table(profile.graph, profile.schedule, profile.layers));
  out += "\nmemory map\n" + to_text(memory_table(profile));
  if (profile.quantization) out += "\n" + quantization_text(*profile.quantization, profile.graph);
  return out;
}

std::string profile_json(const Profile& profile) {
  const cost::Footprint& f = profile.footprint;
  const Bottlenecks b = bottlenecks(profile);
  Json segments = Json::array();
  for (const cost::Segment& segment : profile.schedule.segments)
    segments.push_back({{"first", segment.first}, {"last", segment.last}});
  Json unfitted = Json::array();
  for (const cost::UnfittedKernel& kernel : unfitted_kernels(profile))
    unfitted.push_back({{"kernel", std::string(kernel.name)}, {"layers", kernel.layers}});
  const std::vector<cost::Miss> missed = cost::misses(f, profile.budget);
  Json out = {{"model", profile.model}, {"device", profile.device.name}, {"engine", "rows"}};
  out.update(totals_json(f));
  out.update({{"fits", missed.empty()},
              {"misses", misses_json(missed)},
              {"bottlenecks",
               {{"sram_segment", b.peak_segment},
                {"sram_bytes_needed", b.peak_bytes},
                {"sram_holder", b.peak_holder},
                {"latency_layer", b.slowest_layer},
                {"flash_layer", b.largest_layer}}},
              {"unfitted_kernels", unfitted},
              {"stack_bytes", cost::stack_bytes(profile.graph, profile.device.core)},
              {"patches",
               {{"columns", profile.schedule.patches.columns}, {"layers", profile.schedule.patches.layers}}},
              {"segments", segments},
              {"layers", layers_json(profile)}});
  if (profile.schedule.stream_bytes > 0) out["stream_bytes"] = profile.schedule.stream_bytes;
  if (unfitted.empty()) out.erase("unfitted_kernels");
  if (profile.quantization)
    out["quantization"] = Json::parse(quantization_json(*profile.quantization, profile.graph));
  if (profile.schedule.patches.columns == 1) {
    const cost::RowTimes rows = cost::row_times(profile.graph, profile.schedule, profile.layers);
    out["row_ms"] = {{"median", rows.median},
                     {"worst", rows.worst},
                     {"worst_row", rows.worst_row},
                     {"worst_before_last", rows.worst_before_last}};
  }
  return document(out);
}

std::string profile_text(const EngineProfile& profile) {
  const cost::Footprint& f = profile.footprint;
  std::string out =
      fmt::format("{} on {} by the rules of {} (a model for comparison; docs/cost-model.md, section 7)\n\n",
                  profile.model, profile.device.name, profile.engine);
  out += fmt::format("SRAM    {:>12} B  (activations {}, buffers {})\nFlash   {:>12} B\n", f.sram_bytes,
                     f.activation_bytes, f.scratch_bytes, f.flash_bytes);
  out += fmt::format("latency {:>12.2f} ms\nMACs    {:>12}\n", f.latency_ms, f.macs);
  if (const auto missed = cost::misses(f, profile.budget); !missed.empty())
    out += fmt::format("does not fit: {}\n", cost::describe(missed));
  return out;
}

std::string profile_json(const EngineProfile& profile) {
  Json layers = Json::array();
  for (int l = 0; l < profile.graph.layer_count(); ++l)
    layers.push_back({{"name", layer_name(profile.graph, l)},
                      {"macs", ir::layer_macs(profile.graph, profile.graph.layer(l))}});
  const std::vector<cost::Miss> missed = cost::misses(profile.footprint, profile.budget);
  Json out = {{"model", profile.model}, {"device", profile.device.name}, {"engine", profile.engine}};
  out.update(totals_json(profile.footprint));
  out.update({{"fits", missed.empty()},
              {"misses", misses_json(missed)},
              {"segments", Json::array()},
              {"layers", layers}});
  return document(out);
}

}  // namespace tinynas::report
