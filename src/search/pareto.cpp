#include "tinynas/search/pareto.h"

#include <algorithm>
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

}  // namespace tinynas::search
