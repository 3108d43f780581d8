#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/units.h"
#include "tinynas/core/yaml.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/train/recipe.h"

namespace tinynas::app {

/// Everything a run depends on: a YAML file with flags laid over it. A value; the run keeps it as
/// config.yaml.
struct Experiment {
  struct Data {
    std::string set = "fashion-mnist";
    std::string folder;    ///< empty: where the data set's Debian package puts it
    int held_out = 5000;   ///< training images kept for fitness
    int train_images = 0;  ///< use only this many of the rest; 0: all
    int test_images = 0;   ///< 0: all
    /// The winner, once found, is trained on the held-out images too: more to learn from, and only the test
    /// images left to judge it by.
    bool tune_on_held_out = false;
    friend bool operator==(const Data&, const Data&) = default;
  };
  /// Parts of the time limit, for plans made by it; the winner's training gets the rest.
  struct Shares {
    double train = 0.48;   ///< of the supernet
    double search = 0.20;  ///< evolution and random search
    friend bool operator==(const Shares&, const Shares&) = default;
  };
  struct Rank {
    int samples = 1000;  ///< networks drawn per (width, resolution)
    int resolution = 0;  ///< only this one is considered; 0: all of the space
    double width = 0;    ///< likewise
    friend bool operator==(const Rank&, const Rank&) = default;
  };
  struct Search {
    int population = 100;
    int generations = 20;
    int parents = 20;  ///< kept from one generation to the next
    double mutation_rate = 0.1;
    /// Candidates drawn for each one evaluated; above 1 a predictor picks the most promising (evolution).
    int screening = 1;
    /// Names of search/objectives.h. Two or more: NSGA-II; none: evolution for the smallest error alone.
    std::vector<std::string> objectives;
    /// This many of the best networks are trained alone for finalist_epochs by `tune`, from the supernet's
    /// weights, and the best of them on the held-out images wins; 0 or 1: the search's favourite wins.
    int finalists = 0;
    int finalist_epochs = 2;
    int bn_images = 1000;  ///< training images for batch-norm re-estimation of each network
    std::uint64_t seed = 1;
    friend bool operator==(const Search&, const Search&) = default;
  };
  struct Export {
    int bits = 8;
    int calibration_images = 500;
    friend bool operator==(const Export&, const Export&) = default;
  };

  struct Compute {
    std::string device = "cpu";  ///< where networks are trained: cpu | cuda
    int threads = 0;             ///< of each process; 0: all cores
    friend bool operator==(const Compute&, const Compute&) = default;
  };

  /// A further device to search a network for.
  struct Further {
    std::string device;
    cost::Budget budget = {};
    friend bool operator==(const Further&, const Further&) = default;
  };

  Data data;
  std::string device = "stm32f746";
  cost::Budget budget;
  std::vector<Further> also;  ///< searched from the same supernet, each for its own network (app/further.h)
  cost::InputMode input = cost::InputMode::kRows;
  std::string space = "search_spaces/small_images.yaml";
  std::optional<Millis> time_ms;  ///< for the whole search; sizes epochs, images and population (app/plan.h)
  Shares shares;
  Rank rank;
  /// Folder of the run whose supernet is searched, instead of training one; as a path from this run's folder.
  std::string supernet;
  train::Recipe train;             ///< of the supernet
  bool kernel_transforms = false;  ///< `train.kernel_transforms`
  Search search;
  train::Recipe tune;         ///< of the winner
  Export exported;            ///< `export` in the file
  int emulated_images = 100;  ///< `emulate.images`; 0: do not emulate
  Compute compute;
  std::string license;  ///< of the network, for the model card; empty: not stated
  friend bool operator==(const Experiment&, const Experiment&) = default;

  Experiment();
};

/// Reads a config strictly: unknown keys and wrong types are ConfigErrors with file, line and key.
Experiment load_experiment(const std::filesystem::path& path);
Experiment read_experiment(const yaml::Node& root);

/// Lays one value over the experiment. `key` as in the file ("train.epochs"); `flag` names the source in
/// messages.
void override_value(Experiment& experiment, std::string_view key, std::string_view value,
                    std::string_view flag);

/// Every key with its value, in the order of the file; keys that are not set are left out.
std::string to_yaml(const Experiment& experiment);
/// "search.population is 50 here and 100 there", one entry a key that differs; of all keys, or of those that
/// `among` wants.
std::vector<std::string> differences(const Experiment& here, const Experiment& there,
                                     const std::function<bool(std::string_view key)>& among = {});
/// All keys an experiment file may have.
std::vector<std::string> experiment_keys();

}  // namespace tinynas::app
