#include "report/memory_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/layer_table.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/cost/patches.h"
#include "tinynas/cost/play.h"
#include "tinynas/cost/rows.h"

namespace tinynas::report {
namespace {

/// Runs the schedule one row at a time and notes when each row is made and read last.
class Run {
 public:
  explicit Run(const Profile& profile) : p_(profile), graph_(profile.graph) {
    trace_.in_ms = profile.footprint.latency_ms > 0;
    for (const ir::Shape& shape : graph_.tensors) rows_.emplace_back(at(shape.h));
    scratch_use_.resize(graph_.layers.size());
  }

  MemoryTrace finish() {
    cost::play(graph_, p_.schedule,
               {.pushed =
                    [&](int row) {
                      rows_[at(graph_.input)][at(row)] = {now_, now_};
                    },
                .step = [&](int layer, int row) { step(layer, row); },
                .segment = [&](int) { trace_.segment_begin.push_back(now_); }});
    trace_.end = now_;
    for (int i = 0; i < graph_.output_count(); ++i)
      for (Row& row : rows_[at(graph_.output_tensor(i))]) row.read = now_;
    for (int t = 0; t < graph_.tensor_count(); ++t) add_tensor(t);
    for (int l = 0; l < graph_.layer_count(); ++l) add_scratch(l);
    return std::move(trace_);
  }

 private:
  struct Row {
    double made = 0;  // when its bytes begin to be written
    double read = 0;  // when it was read last; as `made` if never
  };
  struct Span {
    double begin = 0, end = 0;
  };

  void step(int index, int row) {
    const ir::Layer& layer = graph_.layer(index);
    const double begin = now_;
    if (layer.op == ir::OpKind::kGlobalAveragePool) {
      const int height = graph_.in_shape(layer).h;
      advance(index, height);
      rows_[at(layer.inputs[0])][at(row)].read = now_;
      if (row + 1 == height) rows_[at(layer.output)][0] = {begin, begin};
      return;
    }
    advance(index, graph_.out_shape(layer).h);
    for (int i = 0; i < 2; ++i) {
      if (layer.inputs[at(i)] < 0) continue;
      const cost::RowRange read = cost::input_rows(graph_, layer, i, row);
      for (int r = read.first; r <= read.last; ++r) rows_[at(layer.inputs[at(i)])][at(r)].read = now_;
    }
    rows_[at(layer.output)][at(row)] = {begin, begin};
  }

  /// Time passes while `layer` does one of its `steps` steps.
  void advance(int layer, int steps) {
    const double begin = now_;
    now_ += trace_.in_ms ? p_.layers[at(layer)].latency_ms / steps : 1;
    trace_.steps.push_back({layer, begin, now_});
    scratch_use_[at(layer)].push_back({begin, now_});
  }

  void add_tensor(int tensor) {
    const ir::Shape& shape = graph_.tensor(tensor);
    const cost::TensorPlace& place = p_.schedule.tensors[at(tensor)];
    const Bytes row_bytes = cost::held_row_bytes(graph_, p_.schedule, tensor);
    const auto& rows = rows_[at(tensor)];
    Place out{.content = tensor == graph_.input || graph_.is_other_input(tensor) ? Content::kInput
                         : place.rows < shape.h                                  ? Content::kRing
                                                                                 : Content::kWhole,
              .index = tensor,
              .offset = place.offset,
              .bytes = place.rows * row_bytes,
              .begin = rows.front().made,
              .end = 0};
    if (place.rows > shape.h) {  // it lives from call to call
      out.content = tensor == graph_.input ? Content::kInput : Content::kRing;
      out.begin = 0;
      out.end = trace_.end;
      trace_.alive.push_back(
          {static_cast<int>(trace_.places.size()), place.offset, out.bytes, 0, trace_.end});
      trace_.places.push_back(out);
      return;
    }
    for (const Row& row : rows) out.end = std::max(out.end, row.read);
    for (int r = 0; r < shape.h; ++r) {
      const Row& row = rows[at(r)];
      if (row.read <= row.made) continue;  // nobody needs it
      trace_.alive.push_back({static_cast<int>(trace_.places.size()),
                              place.offset + (r % std::max(1, place.rows)) * row_bytes, row_bytes, row.made,
                              row.read});
    }
    trace_.places.push_back(out);
  }

  void add_scratch(int index) {
    const Bytes bytes = p_.layers[at(index)].scratch_bytes;
    const auto& use = scratch_use_[at(index)];
    if (bytes == 0 || use.empty()) return;
    const int number = static_cast<int>(trace_.places.size());
    const Bytes offset = p_.schedule.scratch_offset[at(index)];
    Place place{Content::kScratch, index, offset, bytes, use.front().begin, use.back().end};
    if (graph_.layer(index).op == ir::OpKind::kGlobalAveragePool) {  // running sums: the whole segment
      place.begin = trace_.segment_begin[at(p_.layers[at(index)].segment)];
      trace_.alive.push_back({number, offset, bytes, place.begin, place.end});
    } else {
      for (const Span& span : use) trace_.alive.push_back({number, offset, bytes, span.begin, span.end});
    }
    trace_.places.push_back(place);
  }

  const Profile& p_;
  const ir::Graph& graph_;
  MemoryTrace trace_;
  double now_ = 0;
  std::vector<std::vector<Row>> rows_;
  std::vector<std::vector<Span>> scratch_use_;
};

}  // namespace

MemoryTrace trace_memory(const Profile& profile) {
  TINYNAS_CHECK(profile.layers.size() == profile.graph.layers.size(), "a profile needs a cost per layer");
  TINYNAS_CHECK(profile.schedule.tensors.size() == profile.graph.tensors.size(),
                "a profile needs a schedule of its own graph");
  return Run(profile).finish();
}

LivePeak live_peak(const MemoryTrace& trace) {
  std::map<double, Bytes> change;
  for (const Alive& alive : trace.alive) {
    change[alive.begin] += alive.bytes;
    change[alive.end] -= alive.bytes;
  }
  LivePeak peak;
  Bytes now = 0;
  for (const auto& [time, bytes] : change) {
    now += bytes;
    if (now > peak.bytes) peak = {time, now};
  }
  return peak;
}

std::string place_name(const Profile& p, const Place& place) {
  if (place.content == Content::kInput) return "input";
  if (place.content == Content::kScratch) return layer_name(p.graph, place.index) + " scratch";
  for (int l = 0; l < p.graph.layer_count(); ++l)
    if (p.graph.layer(l).output == place.index) return layer_name(p.graph, l);
  return fmt::format("tensor {}", place.index);
}

}  // namespace tinynas::report
