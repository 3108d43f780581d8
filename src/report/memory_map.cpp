#include "tinynas/report/memory_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "report/axis.h"
#include "report/layer_table.h"
#include "report/live_slices.h"
#include "report/memory_trace.h"
#include "report/text.h"
#include "tinynas/report/svg.h"

namespace tinynas::report {
namespace {

constexpr double kMapWidth = 1080;
constexpr double kMapLeft = 74, kMapRight = 20;
constexpr double kMapTitleBaseline = 18, kMapLegendBaseline = 42, kSegmentTop = 56, kSegmentHeight = 20;
constexpr double kMapTop = 82, kMapBottom = 442;   // the arena
constexpr double kSumTop = 470, kSumBottom = 540;  // the sum of live bytes
constexpr double kMapHeight = 584;
constexpr double kLabelPx = 10.5;
/// Time is drawn in slices of a pixel: what is alive at any moment of a slice fills it.
constexpr int kSlices = static_cast<int>(kMapWidth - kMapLeft - kMapRight);

struct ContentInfo {
  std::string_view tone, name;
};
constexpr std::array kContents = {ContentInfo{"t3", "input"}, ContentInfo{"t1", "ring of rows"},
                                  ContentInfo{"t2", "whole tensor"}, ContentInfo{"t4", "kernel scratch"}};
const ContentInfo& info(Content content) { return kContents[static_cast<std::size_t>(content)]; }

std::string kept(const Profile& p, const Place& place) {
  if (place.content == Content::kScratch) return "";
  const auto tensor = at(place.index);
  const int rows = p.schedule.tensors[tensor].rows, height = p.graph.tensors[tensor].h;
  if (rows > height) return fmt::format("{} and {} of earlier calls", height, rows - height);
  return rows < height ? fmt::format("{} of {}", rows, height) : std::to_string(rows);
}

class Drawing {
 public:
  explicit Drawing(const Profile& profile)
      : p_(profile), trace_(trace_memory(profile)), slices_(trace_, kSlices) {
    const double arena = static_cast<double>(std::max<Bytes>(1, p_.schedule.arena_bytes));
    // A budget far above the arena would press the picture flat: then it is said, not drawn.
    constexpr double kFarAbove = 1.5;
    double top = arena;
    if (p_.budget.sram_bytes && static_cast<double>(*p_.budget.sram_bytes) <= kFarAbove * arena) {
      budget_drawn_ = true;
      top = std::max(arena, static_cast<double>(*p_.budget.sram_bytes));
    }
    const std::array<double, 2> bytes = {0, top};
    y_ = make_axis(bytes, {.begin = kMapBottom, .end = kMapTop, .ticks = 6, .from_zero = true});
    const std::array<double, 2> time = {0, std::max(trace_.end, 1e-9)};
    x_ = make_axis(time, {.begin = kMapLeft, .end = kMapWidth - kMapRight, .ticks = 10, .from_zero = true});
    x_.high = time[1];  // no empty time behind the last step
    std::erase_if(x_.at, [&](double tick) { return tick > x_.high; });
  }

  std::string finish() const {
    const Bytes arena = p_.schedule.arena_bytes;
    std::string out = svg_open(
        kMapWidth, kMapHeight, "Memory map",
        fmt::format("The {} bytes of the arena over one inference: {} segments; every shape is a tensor or a "
                    "kernel's scratch, filled where its bytes are still needed.",
                    grouped(arena), p_.schedule.segments.size()));
    out += svg_text(kMapLeft, kMapTitleBaseline, "title", "start",
                    "Memory map: which bytes of the arena are needed when");
    out += legend() + axes() + segments();
    for (std::size_t i = 0; i < trace_.places.size(); ++i) out += place(static_cast<int>(i));
    return out + labels() + lines() + live_sum() + "</svg>\n";
  }

 private:
  std::string legend() const {
    std::string out;
    double x = kMapLeft;
    for (std::size_t c = 0; c < kContents.size(); ++c) {
      if (std::none_of(trace_.places.begin(), trace_.places.end(),
                       [&](const Place& place) { return place.content == static_cast<Content>(c); }))
        continue;
      out += fmt::format("<rect class='alive {}' x='{:.1f}' y='{:.1f}' width='14' height='11'/>",
                         kContents[c].tone, x, kMapLegendBaseline - 10);
      out += svg_text(x + 20, kMapLegendBaseline, "label", "start", kContents[c].name);
      x += 20 + text_width(kContents[c].name, 12) + 20;
    }
    return out + svg_text(x, kMapLegendBaseline, "label", "start", "pale: reserved, nothing needed in it");
  }

  std::string axes() const {
    std::string out;
    for (const double tick : y_.at) {
      out += svg_line(kMapLeft, y_.place(tick), kMapWidth - kMapRight, y_.place(tick), "grid");
      out += svg_text(kMapLeft - 8, y_.place(tick) + 4, "tick", "end", tick_text(tick));
    }
    for (const double tick : x_.at)
      out += svg_text(x_.place(tick), kSumBottom + 17, "tick", "middle", tick_text(tick));
    out += svg_line(kMapLeft, kMapBottom, kMapWidth - kMapRight, kMapBottom, "axis");
    out += svg_line(kMapLeft, kSumBottom, kMapWidth - kMapRight, kSumBottom, "axis");
    out += svg_text((kMapLeft + kMapWidth - kMapRight) / 2, kMapHeight - 8, "label", "middle",
                    trace_.in_ms ? fmt::format("time on {}, estimated, ms", p_.device.name)
                                 : std::string("steps: one row of one layer each"));
    const auto turned = [&](double y, std::string_view text) {
      return fmt::format(
          "<text class='label' x='14' y='{0:.1f}' text-anchor='middle' "
          "transform='rotate(-90 14 {0:.1f})'>{1}</text>\n",
          y, text);
    };
    return out + turned((kMapTop + kMapBottom) / 2, "offset in the arena, bytes") +
           turned((kSumTop + kSumBottom) / 2, "needed");
  }

  /// A strip above the map that names the segments.
  std::string segments() const {
    std::string out;
    for (std::size_t s = 0; s < p_.schedule.segments.size(); ++s) {
      const cost::Segment& segment = p_.schedule.segments[s];
      const double begin = x_.place(trace_.segment_begin[s]);
      const double end = s + 1 < trace_.segment_begin.size() ? x_.place(trace_.segment_begin[s + 1]) : x_.end;
      const std::string layers = segment.first == segment.last
                                     ? layer_name(p_.graph, segment.first)
                                     : fmt::format("layers {}\u2013{}", segment.first, segment.last);
      out += fmt::format(
          "<rect class='place tm' x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}'><title>"
          "segment {}: {}</title></rect>",
          begin, kSegmentTop, std::max(0.5, end - begin), kSegmentHeight, s, escape(layers));
      for (const std::string& text :
           {fmt::format("segment {}: {}", s, layers), fmt::format("segment {}", s), fmt::format("{}", s)}) {
        if (text_width(text, 11) + 6 > end - begin) continue;
        out += svg_text((begin + end) / 2, kSegmentTop + 14, "tick", "middle", text);
        break;
      }
      if (s > 0) out += svg_line(begin, kMapTop, begin, kSumBottom, "grid");
    }
    return out;
  }

  std::string rectangle(double x1, double x2, Bytes low, Bytes high) const {
    return fmt::format("M{:.1f} {:.1f}H{:.1f}V{:.1f}H{:.1f}Z", x1, y_.place(static_cast<double>(low)), x2,
                       y_.place(static_cast<double>(high)), x1);
  }

  std::string place(int number) const {
    const Place& place = trace_.places[at(number)];
    const auto slices = slices_.alive(number);
    std::string path;
    for (std::size_t begin = 0; begin < slices.size();) {  // runs of equal slices become one rectangle each
      std::size_t end = begin + 1;
      while (end < slices.size() && slices[end] == slices[begin]) ++end;
      for (const auto& [low, high] : slices[begin])
        path +=
            rectangle(kMapLeft + static_cast<double>(begin), kMapLeft + static_cast<double>(end), low, high);
      begin = end;
    }
    const std::string tone(info(place.content).tone);
    std::string title = fmt::format("{}: {}, {} bytes at {}", place_name(p_, place), info(place.content).name,
                                    grouped(place.bytes), grouped(place.offset));
    if (const std::string rows = kept(p_, place); !rows.empty()) title += ", rows kept: " + rows;
    return fmt::format(
        "<g class='{}'><title>{}</title><path class='place' d='{}'/><path class='alive' d='{}'/></g>\n", tone,
        escape(title),
        rectangle(x_.place(place.begin), x_.place(place.end), place.offset, place.offset + place.bytes),
        path);
  }

  struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;
  };

  /// Names, the largest places first; one that finds no free room in its place is left out (pointing at it
  /// still tells).
  std::string labels() const {
    std::vector<const Place*> places;
    for (const Place& place : trace_.places) places.push_back(&place);
    const auto area = [](const Place* p) { return static_cast<double>(p->bytes) * (p->end - p->begin); };
    std::stable_sort(places.begin(), places.end(),
                     [&](const Place* a, const Place* b) { return area(a) > area(b); });
    std::string out;
    std::vector<Box> taken;
    for (const Place* place : places) out += label(*place, taken);
    return out;
  }

  /// A label: the whole name or its last part, at the upper left or the lower right.
  std::string label(const Place& place, std::vector<Box>& taken) const {
    const Box room = {x_.place(place.begin) + 4,
                      y_.place(static_cast<double>(place.offset + place.bytes)) + 1, x_.place(place.end) - 4,
                      y_.place(static_cast<double>(place.offset)) - 2};
    const std::string name = place_name(p_, place);
    for (const std::string& text : {name, name.substr(name.rfind('.') + 1)}) {
      const double width = text_width(text, kLabelPx), height = kLabelPx + 1;
      if (room.bottom - room.top < height || room.right - room.left < width) continue;
      for (const Box& box : {Box{room.left, room.top, room.left + width, room.top + height},
                             Box{room.right - width, room.bottom - height, room.right, room.bottom}}) {
        if (std::any_of(taken.begin(), taken.end(), [&](const Box& other) { return touch(box, other); }))
          continue;
        taken.push_back(box);
        return svg_text(box.left, box.bottom - 2, "small ink halo", "start", text);
      }
    }
    return {};
  }

  static bool touch(const Box& a, const Box& b) {
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  }

  std::string lines() const {
    const double arena = y_.place(static_cast<double>(p_.schedule.arena_bytes));
    std::string out = svg_line(kMapLeft, arena, kMapWidth - kMapRight, arena, "peak");
    out += svg_text(kMapWidth - kMapRight, arena - 5, "strong", "end",
                    fmt::format("arena {} bytes", grouped(p_.schedule.arena_bytes)));
    if (!p_.budget.sram_bytes) return out;
    const std::string text = fmt::format("SRAM budget {}", short_bytes(*p_.budget.sram_bytes));
    if (!budget_drawn_)
      return out + svg_text(kMapWidth - kMapRight, kMapTitleBaseline, "label", "end", text + ", far above");
    const double y = y_.place(static_cast<double>(*p_.budget.sram_bytes));
    return out + svg_line(kMapLeft, y, kMapWidth - kMapRight, y, "limit") +
           svg_text(kMapLeft + 4, y - 5, "limit-text", "start", text);
  }

  /// A curve below the map: the bytes needed at each moment, whatever their place.
  std::string live_sum() const {
    const std::vector<Bytes> most = slices_.most_alive();
    const Bytes peak = std::max<Bytes>(1, *std::max_element(most.begin(), most.end()));
    std::string path = fmt::format("M{:.1f} {:.1f}", kMapLeft, kSumBottom);
    for (std::size_t s = 0; s < most.size(); ++s) {
      const double share = static_cast<double>(most[s]) / static_cast<double>(peak);
      if (s == 0 || most[s] != most[s - 1])
        path += fmt::format("V{:.1f}", kSumBottom - share * (kSumBottom - kSumTop));
      if (s + 1 == most.size() || most[s + 1] != most[s])
        path += fmt::format("H{:.1f}", kMapLeft + static_cast<double>(s + 1));
    }
    return fmt::format("<path class='area tm' d='{}V{:.1f}Z'/>\n", path, kSumBottom) +
           svg_text(kMapLeft - 8, kSumTop + 4, "tick", "end", tick_text(static_cast<double>(peak))) +
           svg_text(kMapLeft - 8, kSumBottom + 4, "tick", "end", "0");
  }

  const Profile& p_;
  MemoryTrace trace_;
  LiveSlices slices_;
  Axis x_, y_;
  bool budget_drawn_ = false;
};

}  // namespace

std::string memory_map_svg(const Profile& profile) { return Drawing(profile).finish(); }

Table memory_table(const Profile& profile) {
  MemoryTrace trace = trace_memory(profile);
  std::stable_sort(trace.places.begin(), trace.places.end(), [](const Place& a, const Place& b) {
    return std::pair(a.offset, a.begin) < std::pair(b.offset, b.begin);
  });
  Table table{.columns = {{"offset"},
                          {"bytes"},
                          {"what", Align::kWords},
                          {"kind", Align::kWords},
                          {"rows kept"},
                          {trace.in_ms ? "from ms" : "from step"},
                          {trace.in_ms ? "to ms" : "to step"}}};
  for (const Place& place : trace.places) {
    const auto time = [&](double t) {
      return trace.in_ms ? fmt::format("{:.3f}", t) : fmt::format("{:g}", t);
    };
    table.rows.push_back({.cells = {grouped(place.offset), grouped(place.bytes), place_name(profile, place),
                                    std::string(info(place.content).name), kept(profile, place),
                                    time(place.begin), time(place.end)}});
  }
  return table;
}

}  // namespace tinynas::report
