#include "cli/model_source.h"

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/layer_table.h"
#include "tinynas/space/lower.h"

namespace tinynas::cli {
namespace fs = std::filesystem;

void add_model_source(CLI::App& command, ModelSource& source) {
  command
      .add_option("model", source.model,
                  "an .onnx or .tflite file, a layer table (.csv), a run, or with --space a genome")
      ->required()
      ->type_name("MODEL");
  command.add_option("--space", source.space, "search space the genome is of")->type_name("FILE");
  command.add_option("--classes", source.classes, "classes of the genome's network")->capture_default_str();
  command.add_option("--channels", source.channels, "input channels of the genome's network")
      ->capture_default_str();
}

fs::path model_file(const std::string& model_or_run) {
  const fs::path path = model_or_run;
  if (!fs::is_directory(path)) {
    if (!fs::exists(path))
      throw IoError(model_or_run + ": no such file; give an .onnx or .tflite file or the folder of a run");
    return path;
  }
  if (!fs::exists(path / "model.onnx"))
    throw IoError(model_or_run + ": holds no model.onnx yet; finish the run with tinynas resume " +
                  model_or_run);
  return path / "model.onnx";
}

app::Model load_model(const ModelSource& source, const app::CalibrationSource& calibration) {
  const bool is_table = fs::path(source.model).extension() == ".csv";
  if (!is_table && source.space.empty())
    return app::read_model(model_file(source.model), calibration, app::Uncalibrated::kCosted);
  if (!calibration.from.empty())
    throw ConfigError("--calibrate: a genome and a layer table have no values; leave it out");
  if (is_table) return {.graph = cost::read_layer_table(source.model)};
  const space::SearchSpace space = space::SearchSpace::load(find_resource(source.space));
  const space::Task task{.input_channels = source.channels, .classes = source.classes};
  return {.graph = space::lower_named(space, task, space::parse_genome(space, source.model, "MODEL"))};
}

}  // namespace tinynas::cli
