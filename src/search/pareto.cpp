#include "tinynas/search/pareto.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "tinynas/core/error.h"

namespace tinynas::search {

bool dominates(const Point& a, const Point& b) {
  TINYNAS_CHECK(a.size() == b.size(), "points of one front have the same objectives");
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

std::vector<std::size_t> pareto_front(std::span<const Point> points) {
  // In lexicographic order a point can only be dominated by one before it, and the front so far is enough to
  // tell.
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
  std::vector<std::size_t> front;
  for (const std::size_t candidate : order) {
    const bool covered = std::any_of(front.begin(), front.end(), [&](std::size_t member) {
      return dominates(points[member], points[candidate]) || points[member] == points[candidate];
    });
    if (!covered) front.push_back(candidate);
  }
  std::sort(front.begin(), front.end());
  return front;
}

std::vector<std::vector<std::size_t>> non_dominated_sort(std::span<const Point> points) {
  std::vector<std::vector<std::size_t>> dominated(points.size());  // by each point
  std::vector<int> dominators(points.size());                      // of each point, not yet in a front
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = 0; j < points.size(); ++j)
      if (dominates(points[i], points[j])) {
        dominated[i].push_back(j);
        ++dominators[j];
      }
  std::vector<std::vector<std::size_t>> fronts;
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (dominators[i] == 0) front.push_back(i);
  while (!front.empty()) {
    std::vector<std::size_t> next;
    for (const std::size_t i : front)
      for (const std::size_t j : dominated[i])
        if (--dominators[j] == 0) next.push_back(j);
    std::sort(next.begin(), next.end());
    fronts.push_back(std::move(front));
    front = std::move(next);
  }
  return fronts;
}

std::vector<double> crowding_distances(std::span<const Point> points, std::span<const std::size_t> front) {
  std::vector<double> distances(front.size());
  const std::size_t objectives = front.empty() ? 0 : points[front[0]].size();
  std::vector<std::size_t> order(front.size());
  for (std::size_t k = 0; k < objectives; ++k) {
    const auto value = [&](std::size_t place) { return points[front[order[place]]][k]; };
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return points[front[a]][k] < points[front[b]][k]; });
    const double range = value(order.size() - 1) - value(0);
    distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
    for (std::size_t place = 1; range > 0 && place + 1 < order.size(); ++place)
      distances[order[place]] += (value(place + 1) - value(place - 1)) / range;
  }
  return distances;
}

namespace {

double box(const Point& point, const Point& reference) {
  double volume = 1;
  for (std::size_t k = 0; k < point.size(); ++k) volume *= std::max(0.0, reference[k] - point[k]);
  return volume;
}

}  // namespace

double hypervolume(std::span<const Point> points, const Point& reference) {
  std::vector<Point> front;
  for (const std::size_t i : pareto_front(points)) front.push_back(points[i]);
  // Point by point, what it adds to those after it: its box without what they dominate of it.
  double volume = 0;
  for (std::size_t i = 0; i < front.size(); ++i) {
    std::vector<Point> limited;  // the later points, moved into the box of point i
    for (std::size_t j = i + 1; j < front.size(); ++j) {
      Point& moved = limited.emplace_back(front[j]);
      for (std::size_t k = 0; k < moved.size(); ++k) moved[k] = std::max(moved[k], front[i][k]);
    }
    volume += box(front[i], reference) - (limited.empty() ? 0 : hypervolume(limited, reference));
  }
  return volume;
}

}  // namespace tinynas::search
