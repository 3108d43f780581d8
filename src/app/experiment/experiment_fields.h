#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tinynas/app/experiment.h"

namespace tinynas::app {

enum class Written : std::uint8_t {
  kScalar,  ///< quoted where YAML wants it
  kYaml,    ///< a list: the text stands in the file as it is
};

/// One key of an experiment file: how it is read and how it is written. `text` is empty when the key is not
/// set.
struct Field {
  std::string key;
  std::function<void(Experiment&, const yaml::Node&)> read;
  std::function<std::string(const Experiment&)> text;
  Written written = Written::kScalar;
};

/// In the order of the file; keys of one section stand together.
const std::vector<Field>& experiment_fields();

/// Reads those of the fields that `node` has; nothing is said about its other keys.
void read_fields(std::span<const Field> fields, Experiment& experiment, const yaml::Node& node);
/// The section and the last part of "train.epochs"; keys of the top level have an empty section.
std::pair<std::string, std::string> split_key(const std::string& key);
/// Text as a YAML scalar: plain where that is safe, in single quotes otherwise.
std::string yaml_scalar(std::string_view text);

}  // namespace tinynas::app
