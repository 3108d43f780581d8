#include <fmt/format.h>

#include "cli/calibration_flags.h"
#include "cli/command.h"
#include "cli/model_source.h"
#include "tinynas/app/answers.h"
#include "tinynas/core/error.h"

namespace tinynas::cli {
namespace {

struct RunOptions {
  std::string model, labels, raw, npy;
  std::vector<std::string> inputs;
  app::CalibrationSource calibration;
  int top = 5;
  bool in_float = false, json = false;
};

app::Model load(const RunOptions& options) {
  if (options.in_float && !options.calibration.from.empty())
    throw ConfigError("--float: runs the network as it is, --calibrate in int8; choose one");
  const std::filesystem::path file = model_file(options.model);
  app::Model model = app::read_model(file, options.calibration, app::Uncalibrated::kKept);
  if (options.in_float && !model.in_float)
    throw ConfigError(fmt::format("--float: {} is in int8; leave it out", file.string()));
  if (!options.in_float && !model.graph.quant)
    throw ConfigError(fmt::format(
        "{}: is in float; give --float to run it so, or for int8 inputs like those in use: --calibrate DIR",
        file.string()));
  return model;
}

/// The model and the inputs are not to be written over.
void require_other_file(const RunOptions& options, const std::string& written, const char* flag) {
  std::vector<std::string> read = options.inputs;
  read.push_back(options.model);
  if (!options.labels.empty()) read.push_back(options.labels);
  std::error_code absent;
  for (const std::string& one : read)
    if (!written.empty() && std::filesystem::equivalent(one, written, absent))
      throw ConfigError(fmt::format("{}: {} is read here; name another file", flag, written));
}

void run(const RunOptions& options) {
  require_other_file(options, options.raw, "--raw");
  require_other_file(options, options.npy, "--npy");
  const app::Model model = load(options);
  app::Answers answers =
      app::run_network(model, app::read_network_inputs(model, options.inputs, options.calibration));
  if (!options.labels.empty()) app::read_labels(answers, options.labels);
  if (!options.raw.empty()) app::write_raw(answers, options.raw);
  if (!options.npy.empty()) app::write_numpy(answers, options.npy);
  fmt::print(
      "{}", options.json ? app::answers_json(answers, options.top) : app::answers_text(answers, options.top));
}

}  // namespace

void add_run(CLI::App& app, const Shell&) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* sub =
      app.add_subcommand("run", "Run a network on pictures, .npy or .bin files, on this computer");
  sub->add_option("model", options->model, "an .onnx or .tflite file or a run")
      ->required()
      ->type_name("MODEL");
  sub->add_option("inputs", options->inputs,
                  "files or folders of .jpg, .png, .npy, .bin; of a network with several inputs one for "
                  "each; of a streaming network its calls in order")
      ->required()
      ->type_name("INPUT");
  sub->add_flag("--float", options->in_float, "run a network in float as it is");
  sub->add_option("--top", options->top, "print the N largest values of a vector")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  sub->add_option("--labels", options->labels,
                  "names of a vector's values, a line each (a run's own classes)")
      ->type_name("FILE");
  sub->add_option("--raw", options->raw,
                  "write the int8 values (with --float: float32), of each input all outputs")
      ->type_name("FILE");
  sub->add_option("--npy", options->npy,
                  "write the real values; of several outputs a file each, numbered from 0")
      ->type_name("FILE");
  add_calibration_flags(*sub, options->calibration, "without it --float runs it as it is");
  sub->add_flag("--json", options->json, "all values, as JSON");
  sub->footer(
      "Examples:\n  tinynas run runs/small shirt.png shoe.png\n"
      "  tinynas run person_detect.tflite pictures --labels labels.txt --top 2\n"
      "  tinynas run keyword_float.onnx features.npy --float --npy scores.npy");
  sub->callback([options] { run(*options); });
}

}  // namespace tinynas::cli
