#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tinynas::search {

/// One value per objective, all to be made small (negate an accuracy).
using Point = std::vector<double>;

/// a is nowhere worse and somewhere better than b.
bool dominates(const Point& a, const Point& b);

/// Indices of the points that none dominates, ascending; of equal points the first only.
std::vector<std::size_t> pareto_front(std::span<const Point> points);

}  // namespace tinynas::search
