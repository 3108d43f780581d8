#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "tinynas/core/index.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/cost/patches.h"
#include "tinynas/cost/rows.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::test {

/// Executes a schedule as the engine does, on an arena whose bytes hold the name of what was written to them
/// last, and finds every row that is read after something else was written over a byte of it.
class ScheduleSimulator {
 public:
  ScheduleSimulator(const ir::Graph& graph, const cost::Schedule& schedule, cost::KernelIsa isa)
      : graph_(graph),
        schedule_(schedule),
        isa_(isa),
        arena_(at(schedule.arena_bytes), kFree),
        made_(graph.tensors.size(), 0),
        taken_(graph.layers.size(), 0) {
    find_needed_rows();
  }

  /// Empty if the schedule is right, else what went wrong first.
  std::string run() {
    if (schedule_.segments.empty()) return "no segments";
    int next = 0;
    for (const cost::Segment& segment : schedule_.segments) {
      if (segment.first != next) return "segments leave a gap before layer " + std::to_string(segment.first);
      next = segment.last + 1;
    }
    if (next != graph_.layer_count()) return "segments end before the last layer";
    for (const int whole : graph_.other_inputs)  // the caller
      for (int row = 0; row < height(whole); ++row) write_row(whole, row);
    start_pools(schedule_.segments.front());
    for (int row = 0; row < height(graph_.input); ++row) {  // the camera
      if (row == 0 || !dma()) write_row(graph_.input, row);
      made_[at(graph_.input)] = row + 1;
      if (dma()) write_incoming(row + 1);
      run_segment(schedule_.segments.front());
    }
    for (std::size_t s = 1; s < schedule_.segments.size(); ++s) {
      start_pools(schedule_.segments[s]);
      run_segment(schedule_.segments[s]);
    }
    for (int i = 0; i < graph_.output_count(); ++i)
      for (int row = 0; row < height(graph_.output_tensor(i)); ++row)
        check_row(graph_.output_tensor(i), row, "the reader of the output");
    if (dma())
      check_bytes(schedule_.tensors[at(graph_.input)].offset, graph_.tensor(graph_.input).row_bytes(),
                  row_tag(graph_.input, height(graph_.input)), "row 0 of the next image", "the next push");
    return error_;
  }

 private:
  static constexpr std::int64_t kFree = -1;
  static std::int64_t row_tag(int tensor, int row) { return std::int64_t{tensor} * 65536 + row; }
  static std::int64_t scratch_tag(int layer) { return -2 - layer; }
  int height(int tensor) const { return graph_.tensor(tensor).h; }
  const ir::Layer& layer(int l) const { return graph_.layer(l); }
  bool is_pool(int l) const { return layer(l).op == ir::OpKind::kGlobalAveragePool; }
  bool done(int l) const { return made_[at(layer(l).output)] == height(layer(l).output); }

  void fail(const std::string& what) {
    if (error_.empty()) error_ = what;
  }

  // A row that no needed row is made from may be garbage: nobody looks at it.
  void find_needed_rows() {
    needed_.resize(graph_.tensors.size());
    for (std::size_t t = 0; t < needed_.size(); ++t)
      needed_[t].assign(at(graph_.tensors[t].h), graph_.is_output(static_cast<int>(t)));
    for (int l = graph_.layer_count() - 1; l >= 0; --l)
      for (int row = 0; row < height(layer(l).output); ++row)
        for (int i = 0; needed_[at(layer(l).output)][at(row)] && i < 2; ++i) {
          if (layer(l).inputs[at(i)] < 0) continue;
          const cost::RowRange rows = cost::input_rows(graph_, layer(l), i, row);
          for (int r = rows.first; r <= rows.last; ++r) needed_[at(layer(l).inputs[at(i)])][at(r)] = true;
        }
  }

  void fill(cost::TensorPlace place, Bytes bytes, int slot, std::int64_t tag, const std::string& who) {
    const Bytes begin = place.offset + slot * bytes;
    if (place.offset < 0 || begin + bytes > schedule_.arena_bytes)
      return fail(who + " lies outside the arena");
    std::fill_n(arena_.begin() + begin, bytes, tag);
  }

  bool dma() const { return schedule_.input == cost::InputMode::kDma; }
  /// A DMA writes the row after those that were pushed; after the last, row 0 of the next image.
  void write_incoming(int row) {
    const cost::TensorPlace& place = schedule_.tensors[at(graph_.input)];
    if (place.offset % cost::kDmaAlign != 0 || place.rows * row_distance(graph_.input) % cost::kDmaAlign != 0)
      fail("the ring of the DMA is not aligned");
    fill(place, row_distance(graph_.input), row % height(graph_.input) % place.rows,
         row_tag(graph_.input, row), "the DMA");
  }
  Bytes row_distance(int tensor) const { return cost::held_row_bytes(graph_, schedule_, tensor); }

  void write_row(int tensor, int row) {
    const cost::TensorPlace& place = schedule_.tensors[at(tensor)];
    if (place.rows < 1 || place.rows > height(tensor))
      return fail("tensor " + std::to_string(tensor) + " has no rows");
    if (place.offset % 4 != 0) fail("tensor " + std::to_string(tensor) + " is not aligned");
    fill(place, row_distance(tensor), row % place.rows, row_tag(tensor, row),
         "tensor " + std::to_string(tensor));
    made_[at(tensor)] = row + 1;
  }

  void check_bytes(Bytes begin, Bytes bytes, std::int64_t tag, const std::string& what,
                   const std::string& who) {
    for (Bytes b = begin; b < begin + bytes; ++b)
      if (arena_[at(b)] != tag)
        return fail(who + " finds " + what + " overwritten at byte " + std::to_string(b) + " by " +
                    std::to_string(arena_[at(b)]));
  }

  void check_row(int tensor, int row, const std::string& who) {
    if (!needed_[at(tensor)][at(row)]) return;
    const cost::TensorPlace& place = schedule_.tensors[at(tensor)];
    const Bytes bytes = row_distance(tensor);
    check_bytes(place.offset + row % place.rows * bytes, bytes, row_tag(tensor, row),
                "row " + std::to_string(row) + " of tensor " + std::to_string(tensor), who);
  }

  void use_scratch(int l) {
    const Bytes bytes = cost::kernel_for(graph_, layer(l), isa_).scratch_bytes(graph_, layer(l), isa_);
    if (bytes > 0) fill({1, schedule_.scratch_offset[at(l)]}, bytes, 0, scratch_tag(l), "scratch");
  }

  void start_pools(const cost::Segment& segment) {
    for (int l = segment.first; l <= segment.last; ++l)
      if (is_pool(l)) use_scratch(l);
  }

  void check_sums(int l, const std::string& who) {
    const Bytes bytes = cost::kernel_for(graph_, layer(l), isa_).scratch_bytes(graph_, layer(l), isa_);
    check_bytes(schedule_.scratch_offset[at(l)], bytes, scratch_tag(l), "running sums", who);
  }

  bool ready(int l) const {
    for (int i = 0; i < 2; ++i) {
      const int tensor = layer(l).inputs[at(i)];
      if (tensor < 0) continue;
      if (made_[at(tensor)] <= cost::input_rows(graph_, layer(l), i, made_[at(layer(l).output)]).last)
        return false;
    }
    return true;
  }

  bool may_write_over_its_input(int l, int input, int row) const {
    const cost::TensorPlace& in = schedule_.tensors[at(layer(l).inputs[at(input)])];
    const cost::TensorPlace& out = schedule_.tensors[at(layer(l).output)];
    const Bytes bytes = graph_.out_shape(layer(l)).row_bytes();
    return layer(l).op == ir::OpKind::kAdd &&
           in.offset + row % in.rows * bytes == out.offset + row % out.rows * bytes;
  }

  void make_row(int l) {
    const int output = layer(l).output, row = made_[at(output)];
    const std::string who = "layer " + std::to_string(l) + " making row " + std::to_string(row);
    use_scratch(l);
    if (!needed_[at(output)][at(row)]) return write_row(output, row);
    for (const bool written : {false, true}) {  // a kernel may read on while it writes
      if (written) write_row(output, row);
      for (int i = 0; i < 2; ++i) {
        if (layer(l).inputs[at(i)] < 0 || (written && may_write_over_its_input(l, i, row))) continue;
        const cost::RowRange rows = cost::input_rows(graph_, layer(l), i, row);
        for (int r = rows.first; r <= rows.last; ++r) check_row(layer(l).inputs[at(i)], r, who);
      }
    }
  }

  bool step(int l) {
    if (done(l)) return false;
    if (!is_pool(l)) {
      if (!ready(l)) return false;
      make_row(l);
      return true;
    }
    const int input = layer(l).inputs[0];
    if (taken_[at(l)] >= made_[at(input)]) return false;
    check_sums(l, "the pool");
    check_row(input, taken_[at(l)]++, "the pool");
    if (taken_[at(l)] == height(input)) {
      write_row(layer(l).output, 0);
      check_sums(l, "the end of the pool");
    }
    return true;
  }

  void run_segment(const cost::Segment& segment) {
    for (bool moved = true; moved && error_.empty();) {
      moved = false;
      for (int l = segment.last; l >= segment.first && !moved; --l) moved = step(l);
    }
  }

  const ir::Graph& graph_;
  const cost::Schedule& schedule_;
  cost::KernelIsa isa_;
  std::vector<std::int64_t> arena_;
  std::vector<int> made_, taken_;
  std::vector<std::vector<bool>> needed_;
  std::string error_;
};

inline std::string check_schedule(const ir::Graph& graph, const cost::Schedule& schedule,
                                  cost::KernelIsa isa) {
  return ScheduleSimulator(graph, schedule, isa).run();
}

}  // namespace tinynas::test
