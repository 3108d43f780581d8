// What a recipe's numbers are worth: trains a supernet with each and prints the accuracy of its largest, its
// smallest and random sub-networks, and of the largest fine-tuned, on held-out images.
// Usage: bench_train_recipes SET IMAGES RESOLUTION WIDTH "key=value ..." ["key=value ..." ...]
//   keys: recipe epochs tune lr tune_lr batch smoothing decay warmup crop flip cutout colour mixup average
//   clip
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <sstream>

#include "cli/process_settings.h"
#include "tinynas/core/files.h"
#include "tinynas/data/dataset.h"
#include "tinynas/train/stages.h"

using namespace tinynas;

namespace {

struct Setting {
  train::Recipe train, tune{.name = "uniform", .epochs = 0};
};

Setting parse(const std::string& text) {
  Setting s;
  const std::map<std::string, std::function<void(const std::string&)>> keys = {
      {"recipe", [&](const std::string& v) { s.train.name = v; }},
      {"epochs", [&](const std::string& v) { s.train.epochs = std::stoi(v); }},
      {"tune", [&](const std::string& v) { s.tune.epochs = std::stoi(v); }},
      {"lr", [&](const std::string& v) { s.train.learning_rate = std::stod(v); }},
      {"tune_lr", [&](const std::string& v) { s.tune.learning_rate = std::stod(v); }},
      {"batch", [&](const std::string& v) { s.train.batch = s.tune.batch = std::stoi(v); }},
      {"smoothing",
       [&](const std::string& v) { s.train.label_smoothing = s.tune.label_smoothing = std::stod(v); }},
      {"decay", [&](const std::string& v) { s.train.weight_decay = s.tune.weight_decay = std::stod(v); }},
      {"warmup", [&](const std::string& v) { s.train.warmup_epochs = s.tune.warmup_epochs = std::stod(v); }},
      {"crop", [&](const std::string& v) { s.train.crop_padding = s.tune.crop_padding = std::stoi(v); }},
      {"flip", [&](const std::string& v) { s.train.flip = s.tune.flip = v == "1"; }},
      {"cutout", [&](const std::string& v) { s.train.cutout = s.tune.cutout = std::stod(v); }},
      {"colour", [&](const std::string& v) { s.train.colour = s.tune.colour = std::stod(v); }},
      {"mixup", [&](const std::string& v) { s.train.mixup = s.tune.mixup = std::stod(v); }},
      {"average", [&](const std::string& v) { s.train.average = s.tune.average = std::stod(v); }},
      {"clip", [&](const std::string& v) { s.train.clip_norm = s.tune.clip_norm = std::stod(v); }}};
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    const auto key = keys.find(word.substr(0, equals));
    if (equals == std::string::npos || key == keys.end()) {
      fmt::print(stderr, "unknown setting '{}'\n", word);
      std::exit(2);
    }
    key->second(word.substr(equals + 1));
  }
  return s;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void run(const train::Context& context, const std::string& text) {
  const Setting setting = parse(text);
  const auto folder = std::filesystem::temp_directory_path() / "tinynas-bench-recipes";
  std::filesystem::remove_all(folder);
  const auto start = std::chrono::steady_clock::now();
  train::train_supernet(context, setting.train, folder, {}, {});
  const double train_s = seconds_since(start);
  Rng rng(9);
  std::vector<space::Genome> genomes = {space::largest(context.space), space::smallest(context.space)};
  for (int i = 0; i < 6; ++i) genomes.push_back(space::sample(context.space, rng));
  const auto asked = std::chrono::steady_clock::now();
  std::vector<double> accuracy;
  for (const search::Measurement& m :
       train::supernet_oracle(context, folder, 512)(genomes, search::kNoCutoff, {}))
    accuracy.push_back(m.accuracy);
  const double evaluate_s = seconds_since(asked) / static_cast<double>(genomes.size());
  const double random = std::accumulate(accuracy.begin() + 2, accuracy.end(), 0.0) / 6;
  fmt::print("{:60} {:6.1f} s  largest {:.2f}  smallest {:.2f}  random {:.2f} %  {:.2f} s each", text,
             train_s, accuracy[0], accuracy[1], random, evaluate_s);
  if (setting.tune.epochs > 0) {
    const auto tuning = std::chrono::steady_clock::now();
    const auto tuned = train::tune(context, genomes[0], setting.tune, folder, {}, {}, {});
    fmt::print("  tuned {:.2f} % in {:.1f} s", tuned.accuracy, seconds_since(tuning));
  }
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  cli::settle_process(argv);
  if (argc < 6) {
    fmt::print(stderr, "usage: bench_train_recipes SET IMAGES RESOLUTION WIDTH \"key=value ...\" ...\n");
    return 2;
  }
  const int resolution = std::atoi(argv[3]);
  const data::Dataset set = data::load_dataset(argv[1], "");
  const data::Split held_out = data::hold_out(set.train, 5000, 1);
  data::ImageSet train = data::resize(held_out.train, resolution, resolution);
  const data::ImageSet validation = data::resize(held_out.validation, resolution, resolution);
  if (static_cast<std::size_t>(std::atoi(argv[2])) < train.size())
    train = data::hold_out(train, static_cast<std::size_t>(std::atoi(argv[2])), 2).validation;
  train::Context context{.space = space::SearchSpace::load(find_resource("search_spaces/small_images.yaml")),
                         .task = {.input_channels = train.c, .classes = static_cast<int>(set.classes.size())},
                         .train = &train,
                         .validation = &validation,
                         .pixels = data::measure_pixel_scaling(train)};
  context.space.resolutions = {resolution};
  context.space.widths = {std::atof(argv[4])};
  fmt::print("{:.2f} G MACs of training a second\n",
             1e-9 * train::measure_training_macs_per_second(context, {.batch = 128}));
  for (int i = 5; i < argc; ++i) run(context, argv[i]);
}
