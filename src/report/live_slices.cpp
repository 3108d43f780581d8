#include "report/live_slices.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tinynas::report {
namespace {

void merge(LiveSlices::Intervals& intervals) {
  std::sort(intervals.begin(), intervals.end());
  LiveSlices::Intervals merged;
  for (const auto& interval : intervals) {
    if (!merged.empty() && interval.first <= merged.back().second)
      merged.back().second = std::max(merged.back().second, interval.second);
    else
      merged.push_back(interval);
  }
  intervals = std::move(merged);
}

}  // namespace

LiveSlices::LiveSlices(const MemoryTrace& trace, int count) : trace_(trace), count_(count) {}

int LiveSlices::slice(double time) const {
  if (trace_.end <= 0) return 0;
  return std::clamp(static_cast<int>(time / trace_.end * count_), 0, count_ - 1);
}

int LiveSlices::last_slice(double begin, double end) const {
  return std::max(slice(begin), slice(std::nextafter(end, 0)));
}

std::vector<LiveSlices::Intervals> LiveSlices::alive(int place) const {
  std::vector<Intervals> slices(at(count_));
  for (const Alive& alive : trace_.alive) {
    if (alive.place != place) continue;
    for (int s = slice(alive.begin); s <= last_slice(alive.begin, alive.end); ++s)
      slices[at(s)].emplace_back(alive.offset, alive.offset + alive.bytes);
  }
  for (Intervals& intervals : slices) merge(intervals);
  return slices;
}

std::vector<Bytes> LiveSlices::most_alive() const {
  std::map<double, Bytes> change;
  for (const Alive& alive : trace_.alive) {
    if (alive.begin >= alive.end) continue;
    change[alive.begin] += alive.bytes;
    change[alive.end] -= alive.bytes;
  }
  std::vector<Bytes> most(at(count_), 0);
  Bytes now = 0;
  for (auto it = change.begin(); it != change.end() && std::next(it) != change.end(); ++it) {
    now += it->second;
    for (int s = slice(it->first); s <= last_slice(it->first, std::next(it)->first); ++s)
      most[at(s)] = std::max(most[at(s)], now);
  }
  return most;
}

}  // namespace tinynas::report
