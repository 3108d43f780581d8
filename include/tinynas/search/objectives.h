#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/search/pareto.h"
#include "tinynas/search/problem.h"

namespace tinynas::search {

/// Something to be made small, never negative. To add one: a row in objectives.cpp.
struct Objective {
  std::string_view name = {};  ///< as in configs: "error", "latency", "sram", "flash", "macs", "energy"
  std::string_view unit = {};
  double (*value)(const Evaluation&) = nullptr;
};

std::span<const Objective> objective_register();
/// Objectives by their names; ConfigError "<where>: ..." with the nearest name, or if one stands twice.
std::vector<Objective> objectives_named(const std::vector<std::string>& names, std::string_view where);

Point point_of(const Evaluation& evaluation, std::span<const Objective> objectives);
std::vector<Point> points_of(std::span<const Evaluation> evaluations, std::span<const Objective> objectives);

/// The Pareto front of evaluations, such as SearchResult::history: those that no other one is better than in
/// every objective, in their order; of equal ones the first only.
std::vector<Evaluation> front_of(std::span<const Evaluation> evaluations,
                                 std::span<const Objective> objectives);

}  // namespace tinynas::search
