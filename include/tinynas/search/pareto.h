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

/// Fronts in order: the points that none dominates, then those that only the first dominates, and so on (Deb
/// 2002, III.A). Indices ascending within a front; equal points share one.
std::vector<std::vector<std::size_t>> non_dominated_sort(std::span<const Point> points);

/// How much room each member of a front has along it: the normalised side lengths of the box between its
/// neighbours, per objective (Deb 2002, III.B). Infinite at the ends. In the order of `front`.
std::vector<double> crowding_distances(std::span<const Point> points, std::span<const std::size_t> front);

/// Volume that the points dominate below `reference`; points that are not below it count as far as they are
/// (While 2012, the WFG algorithm without its orderings: for fronts of some hundred points).
double hypervolume(std::span<const Point> points, const Point& reference);

}  // namespace tinynas::search
