// What a recipe's numbers are worth: trains a supernet with each and prints the accuracy of its largest, its
// smallest and random sub-networks, and of the largest fine-tuned, on held-out images.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <sstream>

#include "benchmark.h"
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
    if (equals == std::string::npos || key == keys.end())
      throw ConfigError(fmt::format("unknown setting '{}'", word));
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

struct Arguments {
  std::string set;
  std::size_t images = 0;
  int resolution = 0;
  double width = 0;
  std::vector<std::string> settings;
};

void compare(const Arguments& asked) {
  const data::Dataset set = data::load_dataset(asked.set, "");
  const data::Split held_out = data::hold_out(set.train, 5000, 1);
  data::ImageSet train = data::resize(held_out.train, asked.resolution, asked.resolution);
  const data::ImageSet validation = data::resize(held_out.validation, asked.resolution, asked.resolution);
  if (asked.images < train.size()) train = data::hold_out(train, asked.images, 2).validation;
  train::Context context{.space = space::SearchSpace::load(find_resource("search_spaces/small_images.yaml")),
                         .task = {.input_channels = train.c, .classes = static_cast<int>(set.classes.size())},
                         .train = &train,
                         .validation = &validation,
                         .pixels = data::measure_pixel_scaling(train)};
  context.space.resolutions = {asked.resolution};
  context.space.widths = {asked.width};
  fmt::print("{:.2f} G MACs of training a second\n",
             1e-9 * train::measure_training_macs_per_second(context, {.batch = 128}));
  for (const std::string& settings : asked.settings) run(context, settings);
}

}  // namespace

int main(int argc, char** argv) {
  cli::settle_process(argv);
  CLI::App app{
      "What a recipe's numbers are worth: trains a supernet with each and prints the accuracy of its "
      "largest, its "
      "smallest and random sub-networks, and of the largest fine-tuned, on held-out images.",
      "bench_train_recipes"};
  Arguments asked;
  app.add_option("set", asked.set, "a data set")->type_name("SET")->required();
  app.add_option("images", asked.images, "most training images of an epoch")->type_name("IMAGES")->required();
  app.add_option("resolution", asked.resolution, "of the images")->type_name("RESOLUTION")->required();
  app.add_option("width", asked.width, "multiplier of the channels")->type_name("WIDTH")->required();
  app.add_option("settings", asked.settings, "one supernet each")
      ->type_name("\"key=value ...\" ...")
      ->required();
  app.footer(
      "Keys: recipe epochs tune lr tune_lr batch smoothing decay warmup crop flip cutout colour mixup "
      "average clip\n"
      "Example:\n  bench_train_recipes fashion-mnist 20000 28 0.5 \"epochs=4 lr=0.3\" \"epochs=4 lr=0.1\"");
  return bench::run(app, argc, argv, [&] { compare(asked); });
}
