#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/calibration_flags.h"
#include "cli/command.h"
#include "cli/experiment_flags.h"
#include "cli/model_source.h"
#include "tinynas/app/model.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/core/error.h"
#include "tinynas/data/dataset.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::cli {
namespace {

struct EvalOptions {
  std::string model, set, folder;
  std::optional<int> images;
  app::CalibrationSource calibration;
  bool json = false;
};

/// A run's own, or the usual one for a file; flags are laid over it. The folder of one data set holds no
/// other.
app::Experiment experiment_of(const EvalOptions& options) {
  app::Experiment experiment;
  if (std::filesystem::is_directory(options.model))
    experiment = app::RunDirectory::open_to_read(options.model).experiment();
  if (!options.set.empty() && options.set != experiment.data.set)
    experiment.data = {.set = options.set, .folder = ""};
  if (!options.folder.empty()) experiment.data.folder = options.folder;
  return experiment;
}

/// `count` not set: those of the experiment; 0: all of the data set.
data::ImageSet chosen_images(const data::Dataset& dataset, const app::Experiment& experiment,
                             std::optional<int> count) {
  if (!count) return app::test_images(dataset, experiment);
  data::ImageSet test = dataset.test;
  const std::size_t all = test.size(), some = static_cast<std::size_t>(*count);
  if (some == 0 || some >= all) return test;
  for (std::size_t i = 0; i < some; ++i) {  // evenly spread: a folder has them class by class
    const std::size_t from = i * all / some, bytes = test.image_bytes();
    test.labels[i] = test.labels[from];
    std::copy_n(test.pixels.begin() + static_cast<std::ptrdiff_t>(from * bytes), bytes,
                test.pixels.begin() + static_cast<std::ptrdiff_t>(i * bytes));
  }
  test.labels.resize(some);
  test.pixels.resize(some * test.image_bytes());
  return test;
}

void print(const report::Classification& answers) {
  constexpr std::size_t kMostClasses = 20, kMostPairs = 5;  // that are printed
  if (answers.classes.size() <= kMostClasses)
    fmt::print("\n{}", report::to_text(report::class_table(answers)));
  if (!answers.confused.empty())
    fmt::print("\nconfused most often\n\n{}", report::to_text(report::confused_table(answers, kMostPairs)));
}

void run(const EvalOptions& options) {
  const app::Experiment experiment = experiment_of(options);
  const std::filesystem::path file = model_file(options.model);
  std::optional<data::Dataset> loaded;
  const auto load = [&]() -> const data::Dataset& {
    if (!loaded) loaded = data::load_dataset(experiment.data.set, experiment.data.folder);
    return *loaded;
  };
  const app::Model model = app::read_pixel_model(file, options.calibration,
                                                 [&]() -> const data::ImageSet& { return load().train; });
  const data::Dataset& dataset = load();
  const ir::Graph& graph = model.graph;
  const ir::Shape& input = graph.tensor(graph.input);
  if (dataset.test.c != input.c)
    throw ConfigError(fmt::format(
        "--dataset: '{}' has {} channels, the model takes {}; choose the data set it was trained on",
        experiment.data.set, dataset.test.c, input.c));
  if (const auto scores = static_cast<std::size_t>(ir::output_elements(graph));
      dataset.classes.size() != scores)
    throw ConfigError(fmt::format(
        "--dataset: '{}' has {} classes, the model makes {} scores; choose the data set it was trained on",
        experiment.data.set, dataset.classes.size(), scores));
  const data::ImageSet test =
      data::resize(chosen_images(dataset, experiment, options.images), input.h, input.w);
  app::Evaluated evaluated = app::evaluate_int8(graph, test, dataset.classes);
  if (model.in_float)
    evaluated.in_float =
        quant::accuracy_float(*model.in_float, test.pixels, test.labels, graph.quant_of(graph.input));
  if (model.quantization) evaluated.quantization = report::quantization_json(*model.quantization, graph);
  if (options.json) return fmt::print("{}", app::to_json(evaluated));
  fmt::print("{:.2f} % of {} test images of {}\n", evaluated.in_int8, evaluated.images, experiment.data.set);
  if (model.quantization)
    fmt::print("{:.2f} % in float; {}", *evaluated.in_float,
               report::quantization_line(*model.quantization, graph));
  print(evaluated.by_class);
}

}  // namespace

void add_eval(CLI::App& app, const Shell&) {
  const auto options = std::make_shared<EvalOptions>();
  CLI::App* sub = app.add_subcommand("eval", "Accuracy of a network on test images, in int8");
  sub->add_option("model", options->model, "an .onnx or .tflite file or a run")
      ->required()
      ->type_name("MODEL");
  sub->add_option("--dataset", options->set, data_set_names() + " (a run's own; of a file fashion-mnist)")
      ->type_name("NAME");
  sub->add_option("--data", options->folder, "folder of the data set (a run's own)")->type_name("DIR");
  sub->add_option("--images", options->images,
                  "only N test images of the data set, evenly spread; 0: all (a run's data.test_images)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  add_calibration_flags(*sub, options->calibration, "without it training images of the data set");
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer(
      "Examples:\n  tinynas eval runs/small\n"
      "  tinynas eval model.onnx --dataset cifar10 --data cifar-10-batches-bin");
  sub->callback([options] { run(*options); });
}

}  // namespace tinynas::cli
