#include <fmt/format.h>

#include "cli/command.h"
#include "cli/experiment_flags.h"
#include "cli/model_source.h"
#include "tinynas/app/model.h"
#include "tinynas/core/error.h"
#include "tinynas/data/dataset.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::cli {
namespace {

struct EvalOptions {
  std::string model, set = "fashion-mnist", folder;
  int images = 0;
  bool json = false;
};

void run(const EvalOptions& options) {
  const ir::Graph graph = onnx::import_onnx(onnx_file(options.model)).graph;
  const ir::Shape& input = graph.tensors[static_cast<std::size_t>(graph.input)];
  const data::Dataset dataset = data::load_dataset(options.set, options.folder);
  data::ImageSet test = dataset.test;
  if (test.c != input.c)
    throw ConfigError(fmt::format(
        "--dataset: '{}' has {} channels, the model takes {}; choose the data set it was trained on",
        options.set, test.c, input.c));
  if (options.images > 0 && static_cast<std::size_t>(options.images) < test.size()) {
    test.labels.resize(static_cast<std::size_t>(options.images));
    test.pixels.resize(test.labels.size() * test.image_bytes());
  }
  test = data::resize(test, input.h, input.w);
  const app::Evaluated evaluated = app::evaluate_int8(graph, test, dataset.classes);
  if (options.json) return fmt::print("{}", app::to_json(evaluated));
  fmt::print("{:.2f} % of {} test images\n", evaluated.in_int8, evaluated.images);
  constexpr std::size_t kMostClasses = 20;  // that are printed
  if (evaluated.by_class.classes.size() <= kMostClasses)
    fmt::print("\n{}", report::to_text(report::class_table(evaluated.by_class)));
}

}  // namespace

void add_eval(CLI::App& app, const Shell&) {
  const auto options = std::make_shared<EvalOptions>();
  CLI::App* sub = app.add_subcommand("eval", "Accuracy of an int8 ONNX file on test images");
  sub->add_option("model", options->model, "an .onnx file or a run")->required()->type_name("MODEL");
  sub->add_option("--dataset", options->set, data_set_names())->type_name("NAME")->capture_default_str();
  sub->add_option("--data", options->folder, "folder of the data set")->type_name("DIR");
  sub->add_option("--images", options->images, "only the first N test images")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  sub->add_flag("--json", options->json, "as JSON");
  sub->footer("Example:\n  tinynas eval runs/small --dataset fashion-mnist");
  sub->callback([options] { run(*options); });
}

}  // namespace tinynas::cli
