#include "tinynas/search/objectives.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <set>

#include "tinynas/core/error.h"

namespace tinynas::search {
namespace {

double number(auto value) { return static_cast<double>(value); }

constexpr std::array kObjectives = {
    Objective{"error", "%", [](const Evaluation& e) { return 100 - e.accuracy; }},
    Objective{"latency", "ms", [](const Evaluation& e) { return e.cost.latency_ms; }},
    Objective{"sram", "bytes", [](const Evaluation& e) { return number(e.cost.sram_bytes); }},
    Objective{"flash", "bytes", [](const Evaluation& e) { return number(e.cost.flash_bytes); }},
    Objective{"macs", "", [](const Evaluation& e) { return number(e.cost.macs + e.cost.extra_macs); }},
    Objective{"energy", "mJ", [](const Evaluation& e) { return e.cost.energy_mj; }},
};

}  // namespace

std::span<const Objective> objective_register() { return kObjectives; }

std::vector<Objective> objectives_named(const std::vector<std::string>& names, std::string_view where) {
  std::vector<std::string> known;
  for (const Objective& objective : kObjectives) known.emplace_back(objective.name);
  std::set<std::string> seen;
  std::vector<Objective> chosen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second)
      throw ConfigError(fmt::format("{}: '{}' stands twice; keep one", where, name));
    for (const Objective& objective : kObjectives)
      if (objective.name == name) chosen.push_back(objective);
    if (chosen.size() == seen.size()) continue;
    std::vector<std::string> words = known;
    words.emplace_back("accuracy");
    const std::string near = nearest_word(name, words);
    const std::string hint = near == "accuracy"
                                 ? "accuracy is maximised as objective 'error' (100 - accuracy, made small);"
                                 : fmt::format("did you mean '{}'?", near);
    throw ConfigError(
        fmt::format("{}: unknown objective '{}'; {} Known: {}", where, name, hint, fmt::join(known, ", ")));
  }
  return chosen;
}

Point point_of(const Evaluation& evaluation, std::span<const Objective> objectives) {
  Point point;
  for (const Objective& objective : objectives) point.push_back(objective.value(evaluation));
  return point;
}

std::vector<Point> points_of(std::span<const Evaluation> evaluations, std::span<const Objective> objectives) {
  std::vector<Point> points;
  for (const Evaluation& evaluation : evaluations) points.push_back(point_of(evaluation, objectives));
  return points;
}

std::vector<Evaluation> front_of(std::span<const Evaluation> evaluations,
                                 std::span<const Objective> objectives) {
  std::vector<Evaluation> front;
  for (const std::size_t i : pareto_front(points_of(evaluations, objectives)))
    front.push_back(evaluations[i]);
  return front;
}

}  // namespace tinynas::search
