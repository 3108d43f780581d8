#include <fmt/format.h>

#include <filesystem>

#include "cli/calibration_flags.h"
#include "cli/command.h"
#include "cli/model_source.h"
#include "tinynas/app/convert.h"
#include "tinynas/core/error.h"

namespace tinynas::cli {
namespace {
namespace fs = std::filesystem;

struct ConvertOptions {
  std::string model, output;
  app::CalibrationSource calibration;
  bool json = false;
};

/// In the current folder, named after the model.
fs::path output_of(const ConvertOptions& options, const fs::path& model) {
  if (!options.output.empty()) return options.output;
  return model.stem().string() + "_int8.onnx";
}

void run(const ConvertOptions& options) {
  const fs::path file = model_file(options.model), output = output_of(options, file);
  std::error_code absent;
  if (fs::equivalent(file, output, absent))
    throw ConfigError(fmt::format("--output: {} is the model itself; name another file", output.string()));
  if (fs::is_directory(output))
    throw ConfigError(fmt::format("--output: {} is a folder; name a file in it", output.string()));
  const app::Model model = app::read_model(file, options.calibration);
  const bool replaces = fs::exists(output);
  app::convert_model(model, output);
  if (options.json) return fmt::print("{}", app::conversion_json(model, output));
  fmt::print("{}{}", replaces ? "replaced " : "", app::conversion_text(model, output));
}

}  // namespace

void add_convert(CLI::App& app, const Shell&) {
  const auto options = std::make_shared<ConvertOptions>();
  CLI::App* sub =
      app.add_subcommand("convert", "Turn a TFLite or ONNX file of others into an int8 ONNX file");
  sub->add_option("model", options->model, "an .onnx or .tflite file")->required()->type_name("MODEL");
  sub->add_option("-o,--output", options->output,
                  "file to write (NAME_int8.onnx in this folder); one that is there is replaced")
      ->type_name("FILE");
  add_calibration_flags(*sub, options->calibration, "needed for those");
  sub->add_flag("--json", options->json, "what was made, as JSON");
  sub->footer(
      "Examples:\n  tinynas convert person_detect.tflite -o person.onnx\n"
      "  tinynas convert mobilenet_float.tflite --calibrate pictures --input-mean 127.5 --input-std 127.5");
  sub->callback([options] { run(*options); });
}

}  // namespace tinynas::cli
