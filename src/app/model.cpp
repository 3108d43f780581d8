#include "tinynas/app/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/json.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"
#include "tinynas/engine/firmware.h"
#include "tinynas/ir/ops.h"

namespace tinynas::app {
namespace {

std::string layer_name(const ir::Graph& graph, std::size_t layer) {
  return layer < graph.names.size() ? graph.names[layer] : fmt::format("layer {}", layer);
}

Json layers_json(const Profile& profile) {
  Json layers = Json::array();
  for (std::size_t i = 0; i < profile.layers.size(); ++i) {
    const ir::Shape& out = profile.graph.out_shape(profile.graph.layers[i]);
    const cost::LayerCost& cost = profile.layers[i];
    layers.push_back(
        {{"name", layer_name(profile.graph, i)},
         {"op", ir::op_name(profile.graph.layers[i].op)},
         {"output", {out.h, out.w, out.c}},
         {"segment", cost.segment},
         {"rows", profile.schedule.tensors[static_cast<std::size_t>(profile.graph.layers[i].output)].rows},
         {"macs", cost.macs},
         {"ring_bytes", cost.ring_bytes},
         {"scratch_bytes", cost.scratch_bytes},
         {"flash_bytes", cost.flash_bytes},
         {"latency_ms", cost.latency_ms}});
  }
  return layers;
}

Json limits_json(const cost::Footprint& footprint, const cost::Budget& budget) {
  Json missed = Json::array();
  for (const cost::Miss& miss : cost::misses(footprint, budget))
    missed.push_back({{"limit", miss.limit}, {"needs", miss.needs}, {"has", miss.has}});
  return missed;
}

/// Highest arena byte that the tensors and scratch of one segment touch.
Bytes segment_top(const Profile& profile, const cost::Segment& segment) {
  Bytes top = 0;
  const auto reach = [&](int tensor) {
    const auto t = static_cast<std::size_t>(tensor);
    const cost::TensorPlace& place = profile.schedule.tensors[t];
    top = std::max(top, place.offset + place.rows * profile.graph.tensors[t].row_bytes());
  };
  for (int i = segment.first; i <= segment.last; ++i) {
    const auto layer = static_cast<std::size_t>(i);
    for (const int input : profile.graph.layers[layer].inputs)
      if (input >= 0) reach(input);
    reach(profile.graph.layers[layer].output);
    if (profile.layers[layer].scratch_bytes > 0)
      top = std::max(top, profile.schedule.scratch_offset[layer] + profile.layers[layer].scratch_bytes);
  }
  return top;
}

std::string sram_bottleneck(const Profile& p) {
  std::size_t worst = 0;
  Bytes most = -1;
  for (std::size_t s = 0; s < p.schedule.segments.size(); ++s)
    if (const Bytes top = segment_top(p, p.schedule.segments[s]); top > most) most = top, worst = s;
  const cost::Segment& segment = p.schedule.segments[worst];
  return fmt::format("SRAM: segment {} ({} to {}) reaches {} of the arena's {} bytes", worst,
                     layer_name(p.graph, static_cast<std::size_t>(segment.first)),
                     layer_name(p.graph, static_cast<std::size_t>(segment.last)), most,
                     p.schedule.arena_bytes);
}

template <typename Value>
std::size_t largest_layer(const Profile& p, Value cost::LayerCost::*member) {
  const auto less = [member](const cost::LayerCost& a, const cost::LayerCost& b) {
    return a.*member < b.*member;
  };
  return static_cast<std::size_t>(std::max_element(p.layers.begin(), p.layers.end(), less) -
                                  p.layers.begin());
}

}  // namespace

Profile profile(ir::Graph graph, const cost::Device& device, cost::InputMode input) {
  Profile made{.graph = std::move(graph), .device = device, .schedule = {}, .footprint = {}, .layers = {}};
  made.schedule = cost::plan(made.graph, {.input = input, .isa = cost::core_info(device.core).isa});
  made.footprint = cost::footprint(made.graph, made.schedule, device);
  made.layers = cost::layer_costs(made.graph, made.schedule, device);
  return made;
}

std::string profile_json(const Profile& p, const cost::Budget& budget) {
  const cost::Footprint& f = p.footprint;
  Json segments = Json::array();
  for (const cost::Segment& segment : p.schedule.segments)
    segments.push_back(
        {{"first", segment.first}, {"last", segment.last}, {"top_bytes", segment_top(p, segment)}});
  const Json json = {{"device", p.device.name},
                     {"macs", f.macs},
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
                     {"extra_macs", f.extra_macs},
                     {"fits", cost::fits(f, budget)},
                     {"misses", limits_json(f, budget)},
                     {"bottlenecks", bottlenecks(p)},
                     {"segments", segments},
                     {"layers", layers_json(p)}};
  return json.dump(2) + "\n";
}

std::vector<std::string> bottlenecks(const Profile& p) {
  if (p.layers.empty()) return {};
  const std::size_t flash = largest_layer(p, &cost::LayerCost::flash_bytes);
  const std::size_t time = largest_layer(p, &cost::LayerCost::latency_ms);
  return {sram_bottleneck(p),
          fmt::format("Flash: {} holds {} of {} bytes", layer_name(p.graph, flash),
                      p.layers[flash].flash_bytes, p.footprint.flash_bytes),
          fmt::format("latency: {} takes {:.2f} of {:.2f} ms", layer_name(p.graph, time),
                      p.layers[time].latency_ms, p.footprint.latency_ms)};
}

std::string describe_schedule(const cost::Schedule& schedule) {
  std::string text = schedule.input == cost::InputMode::kRows ? "rows" : "frame";
  for (const cost::Segment& segment : schedule.segments)
    text += fmt::format(" {}-{}", segment.first, segment.last);
  return text + fmt::format(", arena {}", schedule.arena_bytes);
}

std::string input_description(const ir::Graph& graph) {
  const ir::Shape& shape = graph.tensors[static_cast<std::size_t>(graph.input)];
  return fmt::format(
      "{} x {} pixels, {} channel{}, resized bilinearly (area support when shrinking); feed pixel - 128 as "
      "int8",
      shape.h, shape.w, shape.c, shape.c == 1 ? "" : "s");
}

Profile compile_model(const std::filesystem::path& onnx_file, const std::filesystem::path& folder,
                      const CompileOptions& options) {
  const onnx::Model model = onnx::import_onnx(onnx_file);
  Profile made = profile(model.graph, options.device, options.input);
  const auto metadata = [&](const char* key) {
    const auto found = model.metadata.find(key);
    return found == model.metadata.end() ? std::string() : found->second;
  };
  engine::FirmwareOptions firmware{.name = options.name,
                                   .device = options.device,
                                   .source = onnx_file.filename().string(),
                                   .source_hash = hex(fnv1a(read_file(onnx_file))),
                                   .input_description = metadata("tinynas.input"),
                                   .classes = {}};
  if (firmware.input_description.empty()) firmware.input_description = input_description(made.graph);
  std::string classes = metadata("tinynas.classes");
  for (std::size_t comma; !classes.empty();
       classes.erase(0, comma == std::string::npos ? comma : comma + 1)) {
    comma = classes.find(',');
    firmware.classes.push_back(classes.substr(0, comma));
  }
  engine::write_firmware(engine::generate_firmware(made.graph, made.schedule, firmware), folder);
  return made;
}

}  // namespace tinynas::app
