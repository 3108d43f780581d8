#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tinynas/app/experiment.h"

namespace tinynas::cli {

/// The flags every command shares that works on an experiment: a config file and what is laid over it.
struct ExperimentFlags {
  std::string config;                                       ///< empty: the config that comes with tinynas
  std::vector<std::pair<std::string, std::string>> values;  ///< by flag, in the order given
  std::vector<std::string> sets;                            ///< KEY=VALUE of --set
  std::vector<std::string> also;                            ///< DEVICE,LIMITS of --also
  std::string supernet;                                     ///< run whose supernet is searched
  std::string run;  ///< --run; empty: named after data set, device and budget
};

/// "fashion-mnist, cifar10 or images": every data set there is.
std::string data_set_names();

std::shared_ptr<ExperimentFlags> add_experiment_flags(CLI::App& command);
/// --run DIR, for commands that keep a run.
void add_run_flag(CLI::App& command, ExperimentFlags& flags);

app::Experiment resolve(const ExperimentFlags& flags);
std::filesystem::path run_folder(const ExperimentFlags& flags, const app::Experiment& experiment);

}  // namespace tinynas::cli
