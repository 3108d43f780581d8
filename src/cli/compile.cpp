#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "cli/calibration_flags.h"
#include "cli/command.h"
#include "cli/model_source.h"
#include "tinynas/app/model.h"
#include "tinynas/app/run_directory.h"
#include "tinynas/app/self_test.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::cli {
namespace {

constexpr int kMostSelfTestImages = 1000;

struct CompileOptions {
  std::string model, device = "stm32f746", folder = "firmware", name = "model", input = "rows";
  engine::PackageOptions package;
  std::optional<int> self_test;
  app::CalibrationSource calibration;
  bool json = false;
};

/// Makes a folder that can be written to; one that stays empty, as nothing could be compiled, goes again.
class EmptyFolder {
 public:
  explicit EmptyFolder(std::filesystem::path folder)
      : folder_(std::move(folder)), is_new_(!std::filesystem::exists(folder_)) {
    require_writable_folder(folder_);
  }
  ~EmptyFolder() {
    std::error_code error;
    if (is_new_ && std::filesystem::is_empty(folder_, error)) std::filesystem::remove(folder_, error);
  }
  EmptyFolder(const EmptyFolder&) = delete;
  EmptyFolder& operator=(const EmptyFolder&) = delete;

 private:
  std::filesystem::path folder_;
  bool is_new_;
};

/// The device's own sizes, where it states them.
void warn_if_too_large(const report::Profile& made) {
  cost::Budget budget;
  if (made.device.sram_bytes > 0) budget.sram_bytes = made.device.sram_bytes;
  if (made.device.flash_bytes > 0) budget.flash_bytes = made.device.flash_bytes;
  const std::vector<cost::Miss> misses = cost::misses(made.footprint, budget);
  if (!misses.empty())
    fmt::print(stderr, "tinynas: warning: it does not fit {}: {}\n", made.device.name,
               cost::describe(misses));
}

/// Test images of a run; random inputs for a file.
app::SelfTestInputs self_test_inputs(const CompileOptions& options) {
  if (!std::filesystem::is_directory(options.model)) return app::random_inputs(options.self_test);
  return app::test_images_of(app::RunDirectory::open_to_read(options.model), options.self_test);
}

void run(const CompileOptions& options) {
  const app::Target target{.device = cost::load_device(options.device, "--device"),
                           .input = cost::parse_input_mode(options.input, "--input"),
                           .budget = {}};
  if (options.folder.empty()) throw ConfigError("--output: expected a folder");
  const bool packaged = !options.package.kind.empty();
  const app::Model model = app::read_model(model_file(options.model), options.calibration);
  const EmptyFolder folder(options.folder);
  const report::Profile made =
      app::compile_model(model, options.folder, target,
                         {.name = options.name,
                          .self_test = self_test_inputs(options),
                          .package = packaged ? std::optional(options.package) : std::nullopt});
  warn_if_too_large(made);
  if (options.json) return fmt::print("{}", report::profile_json(made));
  fmt::print("{}{}: SRAM {} bytes (arena {}), Flash {} bytes, {:.1f} ms on {}\n", options.folder,
             packaged ? "/" + options.name : "", made.footprint.sram_bytes, made.footprint.arena_bytes,
             made.footprint.flash_bytes, made.footprint.latency_ms, made.device.name);
  if (made.quantization) fmt::print("{}", report::quantization_line(*made.quantization, made.graph));
}

}  // namespace

void add_compile(CLI::App& app, const Shell&) {
  const auto options = std::make_shared<CompileOptions>();
  CLI::App* sub = app.add_subcommand("compile", "Turn an ONNX or TFLite file into C for a microcontroller");
  sub->add_option("model", options->model, "an .onnx or .tflite file or a run")
      ->required()
      ->type_name("MODEL");
  sub->add_option("--device", options->device, "microcontroller or its YAML file")
      ->type_name("NAME")
      ->capture_default_str();
  sub->add_option("-o,--output", options->folder, "folder for the C files")
      ->type_name("DIR")
      ->capture_default_str();
  sub->add_option("--name", options->name, "prefix of every file and symbol")
      ->type_name("NAME")
      ->capture_default_str();
  sub->add_option(
         "--input", options->input,
         "rows: camera lines are pushed; dma: a DMA writes the next one meanwhile; frame: a frame is held")
      ->check(CLI::IsMember(std::vector<std::string>(cost::kInputModes.begin(), cost::kInputModes.end())))
      ->capture_default_str();
  sub->add_option(
         "--self-test", options->self_test,
         "inputs that NAME_self_test() runs on the board (4, fewer where they would take more than 128 KB "
         "of Flash; 0: none): of a run its first test images, of a file random values")
      ->check(CLI::Range(0, kMostSelfTestImages))
      ->type_name("N");
  CLI::Option* package =
      sub->add_option("--package", options->package.kind, "lays it out for a tool chain, in DIR/NAME")
          ->check(CLI::IsMember(engine::package_kinds()))
          ->type_name("KIND");
  sub->add_option("--package-version", options->package.version, "of the package")
      ->needs(package)
      ->type_name("X.Y.Z")
      ->capture_default_str();
  add_calibration_flags(*sub, options->calibration, "needed for those");
  sub->add_flag("--json", options->json, "what it costs, as JSON");
  sub->footer(
      "Examples:\n  tinynas compile runs/small/model.onnx --device stm32f412 -o firmware\n"
      "  tinynas compile runs/small --name door --package arduino -o packages\n"
      "  tinynas compile mobilenet_float.tflite --calibrate pictures --input-mean 127.5 --input-std 127.5");
  sub->callback([options] { run(*options); });
}

}  // namespace tinynas::cli
