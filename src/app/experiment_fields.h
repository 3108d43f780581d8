#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tinynas/app/experiment.h"

namespace tinynas::app {

/// One key of an experiment file: how it is read and how it is written. `text` is empty when the key is not
/// set.
struct Field {
  std::string key;
  std::function<void(Experiment&, const yaml::Node&)> read;
  std::function<std::string(const Experiment&)> text;
};

/// In the order of the file; keys of one section stand together.
const std::vector<Field>& experiment_fields();

}  // namespace tinynas::app
