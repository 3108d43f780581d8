#include "tinynas/app/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "app/experiment_fields.h"
#include "tinynas/core/error.h"

namespace tinynas::app {
namespace {

/// The section and the last part of "train.epochs"; keys of the top level have an empty section.
std::pair<std::string, std::string> split_key(const std::string& key) {
  const auto dot = key.find('.');
  return dot == std::string::npos ? std::pair{std::string(), key}
                                  : std::pair{key.substr(0, dot), key.substr(dot + 1)};
}

/// As YAML: plain where that is safe, single quotes otherwise.
std::string yaml_scalar(std::string_view text) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_-./+ ").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  std::string result(1, '\'');
  for (const char c : text) {
    if (c == '\'') result.push_back(c);  // doubled inside single quotes
    result.push_back(c);
  }
  result.push_back('\'');
  return result;
}

void read_into(Experiment& experiment, const yaml::Node& root) {
  for (const Field& field : experiment_fields()) {
    const auto [section, name] = split_key(field.key);
    const auto parent = section.empty() ? std::optional(root) : root.find(section);
    if (!parent) continue;
    if (const auto node = parent->find(name)) field.read(experiment, *node);
  }
  root.finish();
}

void check(const Experiment& experiment, std::string_view where) {
  if (experiment.search.parents > experiment.search.population)
    throw ConfigError(
        fmt::format("{}: search.parents {} is more than search.population {}; keep at most the population",
                    where, experiment.search.parents, experiment.search.population));
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
    text += fmt::format("{}{}: {}\n", section.empty() ? "" : "  ", name, yaml_scalar(value));
  }
  return text;
}

std::vector<std::string> differences(const Experiment& here, const Experiment& there) {
  const auto shown = [](const std::string& text) { return text.empty() ? std::string("not set") : text; };
  std::vector<std::string> found;
  for (const Field& field : experiment_fields()) {
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
