#include "cli/experiment_flags.h"

#include <fmt/ranges.h>

#include <array>

#include "tinynas/app/run_directory.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/data/dataset.h"

namespace tinynas::cli {
namespace {

constexpr const char* kDefaultConfig = "configs/fashion_mnist.yaml";

struct Flag {
  const char* name;
  const char* key;  ///< of the experiment file
  const char* value;
  std::string help;
};
const std::array kFlags = {
    Flag{"--sram", "budget.sram", "SIZE", "SRAM the model may use, such as 320K"},
    Flag{"--flash", "budget.flash", "SIZE", "Flash for weights and code, such as 1M"},
    Flag{"--latency", "budget.latency", "TIME", "longest inference, such as 100ms; none: no limit"},
    Flag{"--macs", "budget.macs", "COUNT", "most multiply-accumulates, such as 5M"},
    Flag{"--device", "device", "NAME", "microcontroller (see tinynas devices) or its YAML file"},
    Flag{"--dataset", "data.set", "NAME", data_set_names()},
    Flag{"--data", "data.folder", "DIR", "folder of the data set"},
    Flag{"--space", "space", "FILE", "search space, such as search_spaces/small_images.yaml"},
    Flag{"--resolution", "rank.resolution", "PIXELS", "only this resolution of the space, such as 32"},
    Flag{"--width", "rank.width", "FACTOR", "only this width of the space, such as 0.65"},
    Flag{"--input", "input", "MODE", "rows: camera lines are pushed; frame: a frame is held and counted"},
    Flag{"--time", "time", "TIME", "for the whole search, such as 15m: sizes epochs, images and population"},
    Flag{"--epochs", "train.epochs", "N", "epochs of the supernet"},
    Flag{"--tune-epochs", "tune.epochs", "N", "epochs of the winner"},
    Flag{"--population", "search.population", "N", "networks per generation"},
    Flag{"--generations", "search.generations", "N", "generations of the evolution"},
    Flag{"--seed", "search.seed", "N", "of everything random"},
    Flag{"--compute", "compute.device", "WHERE", "where networks are trained: cpu or cuda"},
    Flag{"--threads", "compute.threads", "N", "CPU threads of each process; 0: all cores"},
};

/// The experiment that flags are laid over: the config given, or that of the run whose supernet is searched,
/// or our own.
app::Experiment first_experiment(const ExperimentFlags& flags) {
  if (flags.supernet.empty())
    return app::load_experiment(flags.config.empty() ? find_resource(kDefaultConfig)
                                                     : std::filesystem::path(flags.config));
  const std::filesystem::path theirs = std::filesystem::path(flags.supernet) / "config.yaml";
  app::Experiment experiment =
      app::load_experiment(flags.config.empty() ? theirs : std::filesystem::path(flags.config));
  if (flags.config.empty()) experiment.also.clear();
  experiment.supernet = flags.supernet;
  return experiment;
}

/// A folder as an absolute path, so that a run can be resumed from anywhere.
std::string absolute_folder(const std::string& value) {
  return value.empty() ? value : std::filesystem::absolute(value).lexically_normal().string();
}

}  // namespace

std::string data_set_names() {
  std::string text = fmt::format("{}", fmt::join(data::dataset_names(), ", "));
  return text.replace(text.rfind(", "), 2, " or ");
}

std::shared_ptr<ExperimentFlags> add_experiment_flags(CLI::App& command) {
  auto flags = std::make_shared<ExperimentFlags>();
  command.add_option("config", flags->config, "experiment file (default: configs/fashion_mnist.yaml)")
      ->type_name("CONFIG");
  for (const Flag& flag : kFlags)
    command
        .add_option_function<std::string>(
            flag.name,
            [flags, name = flag.name](const std::string& value) { flags->values.emplace_back(name, value); },
            flag.help)
        ->type_name(flag.value)
        ->group("Experiment");
  command
      .add_option("--also", flags->also,
                  "a further device searched from the same supernet, such as rp2040,sram=64K,flash=256K; "
                  "repeatable")
      ->type_name("DEVICE,LIMITS")
      ->allow_extra_args(false)
      ->group("Experiment");
  command
      .add_option("--supernet", flags->supernet,
                  "search the supernet of this run instead of training one; its config is where the others "
                  "begin")
      ->type_name("RUN")
      ->group("Experiment");
  command
      .add_option("--set", flags->sets, "any key of the experiment file, such as train.batch=64; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->group("Experiment");
  return flags;
}

void add_run_flag(CLI::App& command, ExperimentFlags& flags) {
  command.add_option("--run", flags.run, "folder of the run (default: runs/DATA-DEVICE-SRAM-FLASH)")
      ->type_name("DIR");
}

app::Experiment resolve(const ExperimentFlags& flags) {
  app::Experiment experiment = first_experiment(flags);
  for (const auto& [name, value] : flags.values)
    for (const Flag& flag : kFlags)
      if (name == flag.name) override_value(experiment, flag.key, value, flag.name);
  for (const std::string& set : flags.sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos)
      throw ConfigError("--set: '" + set + "' is not KEY=VALUE; write --set train.batch=64");
    override_value(experiment, set.substr(0, equals), set.substr(equals + 1),
                   "--set " + set.substr(0, equals));
  }
  for (const std::string& target : flags.also) override_value(experiment, "also", target, "--also");
  experiment.data.folder = absolute_folder(experiment.data.folder);
  experiment.supernet = absolute_folder(experiment.supernet);
  return experiment;
}

std::filesystem::path run_folder(const ExperimentFlags& flags, const app::Experiment& experiment) {
  return flags.run.empty() ? app::default_run_folder(experiment) : std::filesystem::path(flags.run);
}

}  // namespace tinynas::cli
