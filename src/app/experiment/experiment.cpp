#include "tinynas/app/experiment.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/experiment/experiment_fields.h"
#include "tinynas/core/error.h"

namespace tinynas::app {
namespace {

void read_into(Experiment& experiment, const yaml::Node& root) {
  read_fields(experiment_fields(), experiment, root);
  root.finish();
}

/// A target twice would be searched twice, to the same end.
void check_targets(const Experiment& experiment, std::string_view where) {
  std::vector<Experiment::Further> seen = {{experiment.device, experiment.budget}};
  for (const Experiment::Further& further : experiment.also) {
    if (std::find(seen.begin(), seen.end(), further) != seen.end())
      throw ConfigError(fmt::format("{}: {} stands twice with the same limits (device, also); keep one",
                                    where, further.device));
    seen.push_back(further);
  }
  if (!experiment.also.empty() && !experiment.supernet.empty())
    throw ConfigError(fmt::format(
        "{}: a run that searches the supernet of another one (supernet) has no further devices (also); start "
        "one run for each",
        where));
}

void check(const Experiment& experiment, std::string_view where) {
  if (experiment.search.parents > experiment.search.population)
    throw ConfigError(
        fmt::format("{}: search.parents {} is more than search.population {}; keep at most the population",
                    where, experiment.search.parents, experiment.search.population));
  constexpr double kLeastTuning = 0.01;  // a share of the time, as the fields' own limits are
  if (const double rest = 1 - experiment.shares.train - experiment.shares.search; rest < kLeastTuning)
    throw ConfigError(
        fmt::format("{}: shares.train {:g} and shares.search {:g} leave nothing of the time for the winner's "
                    "training; they add up to at most {:g}",
                    where, experiment.shares.train, experiment.shares.search, 1 - kLeastTuning));
  check_targets(experiment, where);
}

}  // namespace

Experiment::Experiment() {
  // The winner starts from the supernet's weights: a third of the supernet's rate, and few epochs, are
  // enough.
  tune.epochs = 8;
  tune.learning_rate = 0.1;
}

Experiment read_experiment(const yaml::Node& root) {
  Experiment experiment;
  read_into(experiment, root);
  check(experiment, root.where());
  return experiment;
}

Experiment load_experiment(const std::filesystem::path& path) {
  return read_experiment(yaml::Node::load(path));
}

void override_value(Experiment& experiment, std::string_view key, std::string_view value,
                    std::string_view flag) {
  const std::vector<std::string> known = experiment_keys();
  if (std::find(known.begin(), known.end(), key) == known.end())
    throw ConfigError(
        fmt::format("{}: unknown key '{}'; did you mean '{}'?", flag, key, nearest_word(key, known)));
  const auto [section, name] = split_key(std::string(key));
  const std::string line = fmt::format("{}: {}", name, yaml_scalar(value));
  read_into(experiment, yaml::Node::parse(section.empty() ? line : fmt::format("{}: {{ {} }}", section, line),
                                          std::string(flag)));
  // A smaller population takes its parents along: the flag alone is enough.
  if (key == "search.population")
    experiment.search.parents = std::min(experiment.search.parents, experiment.search.population);
  check(experiment, flag);
}

std::string to_yaml(const Experiment& experiment) {
  std::string text, open;
  for (const Field& field : experiment_fields()) {
    const std::string value = field.text(experiment);
    if (value.empty()) continue;
    const auto [section, name] = split_key(field.key);
    if (!section.empty() && section != open) text += section + ":\n";
    open = section;
    text += fmt::format("{}{}: {}\n", section.empty() ? "" : "  ", name,
                        field.written == Written::kYaml ? value : yaml_scalar(value));
  }
  return text;
}

std::vector<std::string> differences(const Experiment& here, const Experiment& there,
                                     const std::function<bool(std::string_view key)>& among) {
  const auto shown = [](const std::string& text) { return text.empty() ? std::string("not set") : text; };
  std::vector<std::string> found;
  for (const Field& field : experiment_fields()) {
    if (among && !among(field.key)) continue;
    const std::string a = field.text(here), b = field.text(there);
    if (a != b) found.push_back(fmt::format("{} is {} there and {} here", field.key, shown(b), shown(a)));
  }
  return found;
}

std::vector<std::string> experiment_keys() {
  std::vector<std::string> keys;
  for (const Field& field : experiment_fields()) keys.push_back(field.key);
  return keys;
}

}  // namespace tinynas::app
