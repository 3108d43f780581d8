#include "engine/write/firmware_model.h"

#include <fmt/format.h>

#include <cstdlib>
#include <limits>

#include "engine/write/c_text.h"
#include "engine/write/reserved_names.h"
#include "tinynas/core/error.h"
#include "tinynas/core/version.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/patches.h"
#include "tinynas/ir/ops.h"

namespace tinynas::engine {
namespace {

void check_options(const FirmwareOptions& options) {
  if (!is_c_identifier(options.name))
    throw ConfigError(fmt::format(
        "firmware name '{}': expected a C identifier (letters, digits, underscores, not a digit first)",
        options.name));
  if (const std::string reason = reserved_because(options.name); !reason.empty())
    throw ConfigError(fmt::format("firmware name '{}' {}; choose another with --name", options.name, reason));
}

void check_schedule(const ir::Graph& graph, const cost::Schedule& schedule) {
  if (schedule.patches.columns > 1)
    throw UnsupportedError(
        fmt::format("the schedule splits layers 0 to {} into {} column patches, which the engine does not "
                    "run; plan without "
                    "patches (they are for analysis), or with rows pushed",
                    schedule.patches.layers - 1, schedule.patches.columns));
  TINYNAS_CHECK(schedule.tensors.size() == graph.tensors.size(), "one place per tensor");
  TINYNAS_CHECK(schedule.scratch_offset.size() == graph.layers.size(), "one scratch offset per layer");
  int next = 0;
  for (const cost::Segment& segment : schedule.segments) {
    TINYNAS_CHECK(segment.first == next && segment.last >= segment.first,
                  "segments cover the layers in order");
    next = segment.last + 1;
  }
  TINYNAS_CHECK(next == static_cast<int>(graph.layers.size()), "segments cover all layers");
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const cost::TensorPlace& place = schedule.tensors[i];
    const ir::Shape& shape = graph.tensors[i];
    const int history = ir::history(graph, static_cast<int>(i));
    TINYNAS_CHECK(history == 0 ? place.rows >= 1 && place.rows <= shape.h : place.rows == history + shape.h,
                  "a tensor keeps 1 to H rows, or H and those of earlier calls");
    TINYNAS_CHECK(
        place.offset >= 0 &&
            place.offset + place.rows * cost::held_row_bytes(graph, schedule, static_cast<int>(i)) <=
                schedule.arena_bytes,
        "a tensor lies in the arena");
    if (shape.h > std::numeric_limits<std::uint16_t>::max())
      throw UnsupportedError(fmt::format(
          "tensor t{} has {} rows; the engine counts at most 65535: use a smaller input", i, shape.h));
  }
}

void check_self_test(const ir::Graph& graph, const SelfTest& self_test) {
  const Bytes wanted = ir::input_elements(graph);
  for (std::size_t i = 0; i < self_test.images.size(); ++i)
    if (static_cast<Bytes>(self_test.images[i].size()) != wanted)
      throw ConfigError(fmt::format("self-test: image {} has {} bytes, the network takes {}", i,
                                    self_test.images[i].size(), wanted));
}

void check_graph(const ir::Graph& graph) {
  ir::validate(graph);
  if (!graph.quant)
    throw GraphError("the network is not quantized: firmware runs int8 only; quantize it first");
  if (graph.layers.empty()) throw GraphError("the network has no layers: there is nothing to generate");
  for (std::size_t i = 0; i < graph.layers.size(); ++i)
    if (graph.layers[i].activation != ir::Activation::kNone)
      throw GraphError(fmt::format(
          "{}: has the activation {}; in a quantized network it is part of the output's range: requantize",
          ir::describe_layer(graph, static_cast<int>(i)), ir::activation_name(graph.layers[i].activation)));
}

}  // namespace

Bytes FirmwareModel::scratch_bytes(int index) const {
  const cost::KernelIsa isa = cost::core_info(options.device.core).isa;
  return kernels[static_cast<std::size_t>(index)]->scratch_bytes(graph, layer(index), isa);
}

FirmwareModel make_firmware_model(const ir::Graph& graph, const cost::Schedule& schedule,
                                  const FirmwareOptions& options) {
  check_options(options);
  check_graph(graph);
  check_schedule(graph, schedule);
  check_self_test(graph, options.self_test);
  const cost::KernelIsa isa = cost::core_info(options.device.core).isa;
  FirmwareModel model{.graph = graph,
                      .schedule = schedule,
                      .options = options,
                      .footprint = cost::footprint(graph, schedule, options.device),
                      .upper = macro_prefix(options.name)};
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    model.kernels.push_back(&cost::kernel_for(graph, graph.layers[i], isa));
    model.packed.push_back(pack_layer(graph, static_cast<int>(i), isa));
  }
  return model;
}

Bytes FirmwareModel::row_bytes(int tensor) const { return cost::held_row_bytes(graph, schedule, tensor); }

std::string row_place(const FirmwareModel& model, int tensor, const std::string& y) {
  if (model.history(tensor) == 0) return fmt::format("tn_row(arena, &t{}, {})", tensor, y);
  const std::string past = fmt::format("past.t{}", tensor);
  return fmt::format("tn_row(arena, &t{}, {})", tensor, y == "0" ? past : past + " + " + y);
}

std::string array_name(const FirmwareModel& model, int tensor, std::string_view array) {
  return fmt::format("{}_l{}_{}", model.name(), tensor, array);
}

std::string int8_meaning(const FirmwareModel& model) {
  if (model.takes_pixels()) return "pixel - 128";
  const ir::TensorQuant& quant = model.quant(model.graph.input);
  return fmt::format("real value = {} * (value {} {})", quant.scale, quant.zero_point > 0 ? '-' : '+',
                     std::abs(quant.zero_point));
}

std::string layer_summary(const FirmwareModel& model, int index) {
  const ir::Layer& layer = model.layer(index);
  std::string text(ir::layer_word(layer));
  const bool windowed = ir::op_info(layer.op).windowed;
  if (windowed) text += fmt::format(" {}x{}", layer.kernel_h, layer.kernel_w);
  if (windowed && layer.stride_h == layer.stride_w && layer.stride_h != 1)
    text += fmt::format(" stride {}", layer.stride_h);
  if (windowed && layer.stride_h != layer.stride_w)
    text += fmt::format(" stride {}x{}", layer.stride_h, layer.stride_w);
  if (layer.dilation_h > 1) text += fmt::format(" dilation {}", layer.dilation_h);
  if (ir::op_info(layer.op).scales_up) text += fmt::format(" {}x{}", layer.stride_h, layer.stride_w);
  if (layer.op == ir::OpKind::kSlice)
    text += fmt::format(" without {},{},{},{}, every {}x{}", layer.pad_top, layer.pad_left, layer.pad_bottom,
                        layer.pad_right, layer.stride_h, layer.stride_w);
  text += fmt::format(" of t{}", layer.inputs[0]);
  if (layer.inputs[1] >= 0) text += fmt::format(" and t{}", layer.inputs[1]);
  return text;
}

std::string origin_line(const FirmwareModel& model) {
  std::string text =
      fmt::format("generated by tinynas {} from {}", kVersion, plain_text(model.options.source));
  if (!model.options.source_hash.empty()) text += fmt::format(" ({})", plain_text(model.options.source_hash));
  return text + "; do not edit.";
}

}  // namespace tinynas::engine
