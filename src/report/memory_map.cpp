#include "tinynas/report/memory_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tinynas/cost/kernels.h"
#include "tinynas/ir/ops.h"
#include "tinynas/report/plot.h"

namespace tinynas::report {
namespace {

constexpr double kWidth = 980, kHeight = 400;
constexpr double kLeft = 66, kRight = 12, kTop = 14, kBottom = 40;

/// Layers [first, last] during which some bytes are in use.
struct Life {
  int first = 0, last = 0;
};

int segment_of(const cost::Schedule& schedule, int layer) {
  for (std::size_t s = 0; s < schedule.segments.size(); ++s)
    if (layer <= schedule.segments[s].last) return static_cast<int>(s);
  return static_cast<int>(schedule.segments.size()) - 1;
}

/// Layers of a segment advance together, so a tensor lives through every segment that writes or reads it.
Life life_of_tensor(const ir::Graph& graph, const cost::Schedule& schedule, int tensor) {
  int first = tensor == graph.input ? 0 : static_cast<int>(graph.layers.size());
  int last = tensor == graph.output ? static_cast<int>(graph.layers.size()) - 1 : 0;
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i) {
    const ir::Layer& layer = graph.layers[static_cast<std::size_t>(i)];
    if (layer.output == tensor) first = std::min(first, i);
    if (layer.output == tensor || layer.inputs[0] == tensor || layer.inputs[1] == tensor)
      last = std::max(last, i);
  }
  const auto& segments = schedule.segments;
  return {segments[static_cast<std::size_t>(segment_of(schedule, first))].first,
          segments[static_cast<std::size_t>(segment_of(schedule, last))].last};
}

class Map {
 public:
  Map(int layers, Bytes arena)
      : layers_(std::max(1, layers)), axis_(ticks(0, static_cast<double>(std::max<Bytes>(1, arena)), 6)) {}

  double x(double layer) const { return kLeft + layer / layers_ * (kWidth - kLeft - kRight); }
  double y(double bytes) const {
    return kHeight - kBottom - bytes / axis_.back() * (kHeight - kTop - kBottom);
  }

  std::string frame(const cost::Schedule& schedule) const {
    std::string out;
    for (const double tick : axis_)
      out += fmt::format(
          "<line class='grid' x1='{:.1f}' x2='{:.1f}' y1='{:.1f}' y2='{:.1f}'/><text class='tick' x='{:.1f}' "
          "y='{:.1f}' text-anchor='end'>{:g}</text>",
          x(0), x(layers_), y(tick), y(tick), kLeft - 6, y(tick) + 4, tick);
    for (const cost::Segment& segment : schedule.segments)
      out += fmt::format(
          "<line class='axis' stroke-opacity='.4' x1='{0:.1f}' x2='{0:.1f}' y1='{1:.1f}' y2='{2:.1f}'/>",
          x(segment.first), y(0), kTop);
    for (int i = 0; i < layers_; i += std::max(1, layers_ / 20))
      out += fmt::format("<text class='tick' x='{:.1f}' y='{:.1f}' text-anchor='middle'>{}</text>",
                         x(i + 0.5), y(0) + 15, i);
    out += fmt::format(
        "<text class='label' x='{:.1f}' y='{:.1f}' text-anchor='middle'>layer (vertical lines: "
        "segments)</text>",
        x(layers_ / 2.0), kHeight - 6);
    return out + fmt::format(
                     "<text class='label' x='14' y='{0:.1f}' text-anchor='middle' transform='rotate(-90 14 "
                     "{0:.1f})'>arena bytes</text>",
                     kHeight / 2);
  }

  std::string box(Life life, Bytes offset, Bytes bytes, const char* tone, const std::string& title) const {
    return fmt::format(
        "<rect class='box {}' x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}'><title>{}</title></rect>",
        tone, x(life.first) + 0.5, y(static_cast<double>(offset + bytes)),
        x(life.last + 1) - x(life.first) - 1,
        std::max(0.8, y(static_cast<double>(offset)) - y(static_cast<double>(offset + bytes))),
        escape(title));
  }

 private:
  int layers_;
  std::vector<double> axis_;
};

std::string tensor_box(const Map& map, const ir::Graph& graph, const cost::Schedule& schedule, int tensor) {
  const ir::Shape& shape = graph.tensors[static_cast<std::size_t>(tensor)];
  const cost::TensorPlace& place = schedule.tensors[static_cast<std::size_t>(tensor)];
  const bool ring = place.rows < shape.h;
  return map.box(life_of_tensor(graph, schedule, tensor), place.offset, place.rows * shape.row_bytes(),
                 ring ? "a" : "b",
                 fmt::format("t{}: {}x{}x{}, {} at {}, {} bytes", tensor, shape.h, shape.w, shape.c,
                             ring ? fmt::format("ring of {} rows", place.rows) : "whole", place.offset,
                             place.rows * shape.row_bytes()));
}

std::string scratch_box(const Map& map, const ir::Graph& graph, const cost::Schedule& schedule, int layer,
                        cost::KernelIsa isa) {
  const ir::Layer& l = graph.layers[static_cast<std::size_t>(layer)];
  const Bytes bytes = cost::kernel_for(graph, l).scratch_bytes(graph, l, isa);
  if (bytes == 0) return {};
  const cost::Segment& segment = schedule.segments[static_cast<std::size_t>(segment_of(schedule, layer))];
  const Life life =
      l.op == ir::OpKind::kGlobalAveragePool ? Life{segment.first, segment.last} : Life{layer, layer};
  return map.box(life, schedule.scratch_offset[static_cast<std::size_t>(layer)], bytes, "c",
                 fmt::format("scratch of {}: {} bytes", ir::describe_layer(graph, layer), bytes));
}

}  // namespace

std::string memory_map_svg(const ir::Graph& graph, const cost::Schedule& schedule, cost::KernelIsa isa) {
  const Map map(static_cast<int>(graph.layers.size()), schedule.arena_bytes);
  std::string out = fmt::format("<svg class='map' viewBox='0 0 {} {}' role='img' aria-label='memory map'>",
                                kWidth, kHeight);
  out += map.frame(schedule);
  for (int i = 0; i < static_cast<int>(graph.tensors.size()); ++i) out += tensor_box(map, graph, schedule, i);
  for (int i = 0; i < static_cast<int>(graph.layers.size()); ++i)
    out += scratch_box(map, graph, schedule, i, isa);
  return out + "</svg>\n";
}

}  // namespace tinynas::report
