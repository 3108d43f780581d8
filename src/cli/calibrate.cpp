#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command.h"
#include "cli/model_source.h"
#include "cli/progress_line.h"
#include "cli/work_folder.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/json_document.h"
#include "tinynas/cost/kernels.h"
#include "tinynas/emulator/calibration.h"
#include "tinynas/space/lower.h"

namespace tinynas::cli {
namespace {
namespace fs = std::filesystem;

struct Options {
  std::string core = "cortex-m7", kernel, output, csv, sheet, samples;
  int networks = emulator::CalibrationOptions{}.fitted_networks;
  bool json = false;
  bool core_given = false;
};

/// Networks as a search meets them; the table is fitted to none of them.
std::vector<ir::Graph> random_networks() {
  struct Draw {
    const char* space;
    int networks, classes;
    int resolution, width;  ///< indices into the space's grids
  };
  std::vector<ir::Graph> graphs;
  Rng rng(7);
  for (const Draw& draw :
       {Draw{"small_images", 6, 10, 3, 4}, Draw{"cifar10", 3, 10, 0, 0}, Draw{"mcunet", 3, 100, 2, 1}}) {
    const fs::path file = fs::path("search_spaces") / (std::string(draw.space) + ".yaml");
    const space::SearchSpace space =
        space::restrict_to(space::SearchSpace::load(find_resource(file)), draw.resolution, draw.width);
    for (int i = 0; i < draw.networks; ++i) {
      graphs.emplace_back();
      space::lower(space, {.input_channels = 3, .classes = draw.classes}, space::sample(space, rng),
                   graphs.back());
    }
  }
  return graphs;
}

std::string percent(const cost::FitErrors& errors) {
  return fmt::format("median {:.1f} %, worst {:.1f} %", 100 * errors.median, 100 * errors.worst);
}

nlohmann::json to_json(const cost::FitErrors& errors) {
  return {{"count", errors.count}, {"median", errors.median}, {"worst", errors.worst}};
}

/// A line per row of the table: how many samples it was fitted to, how well it does on those held out.
void print_rows(const emulator::Calibration& result, std::string_view only = "") {
  fmt::print("{:<24} {:>7} {:>8} {:>8} {:>8}\n", "kernel", "fitted", "held out", "median", "worst");
  for (std::size_t row = 0; row < result.table.size(); ++row) {
    if (!only.empty() && cost::kernel_register()[row / cost::kCycleRows].name != only) continue;
    std::vector<cost::LayerSample> held;
    for (const cost::LayerSample& sample : result.held_out)
      if (sample.row == row) held.push_back(sample);
    const auto fitted = std::count_if(result.fitted.begin(), result.fitted.end(),
                                      [&](const cost::LayerSample& sample) { return sample.row == row; });
    if (fitted == 0 && held.empty()) continue;
    const cost::FitErrors errors = cost::fit_errors(result.table, held);
    fmt::print("{:<24} {:>7} {:>8} {:>6.1f} % {:>6.1f} %\n", cost::cycle_row_name(row), fitted, errors.count,
               100 * errors.median, 100 * errors.worst);
  }
}

/// The rows of a kernel, to stand in a core's file beside those of the kernels that were fitted before.
void print_kernel(const emulator::Calibration& result, const std::string& kernel) {
  std::istringstream table(cost::cycle_table_text(result.fitted_table, ""));
  for (std::string line; std::getline(table, line);)
    if (line.starts_with("  " + kernel + ":") || line.starts_with("  " + kernel + "_unrolled:"))
      fmt::print("{}\n", line);
  print_rows(result, kernel);
}

void require_kernel(const std::string& kernel) {
  std::vector<std::string> known;
  for (const cost::Kernel& row : cost::kernel_register()) known.emplace_back(row.name);
  if (std::ranges::find(known, kernel) == known.end())
    throw ConfigError(fmt::format("--kernel: unknown kernel '{}'; did you mean '{}'? Known: {}", kernel,
                                  nearest_word(kernel, known), fmt::join(known, ", ")));
}

void emulate(const Options& options, const Shell& shell) {
  const cost::Core core = cost::parse_core(options.core, "--core");
  const bool all = options.kernel.empty();
  if (!all) require_kernel(options.kernel);
  const WorkFolder folder("calibrate");
  ProgressLine line(shell.quiet);
  line.begin("calibrate");
  const emulator::Calibration result =
      emulator::calibrate(core,
                          {.fitted_networks = options.networks,
                           .held_out_networks = all ? emulator::CalibrationOptions{}.held_out_networks
                                                    : std::max(4, options.networks / 3),
                           .held_out = all ? random_networks() : std::vector<ir::Graph>{}},
                          folder.path(), line.callback(), shell.stop);
  line.end("");
  if (!all) return print_kernel(result, options.kernel);
  const std::string comment = fmt::format(
      "Cycles of the row kernels on a {0}. Estimates, not measured on hardware: events counted in an "
      "emulator times the\n"
      "cycles of configs/calibration/instruction_cycles.yaml. Made by `tinynas calibrate --core {0}`; the "
      "terms are\n"
      "explained in docs/cost-model.md. Fitted to {1} layers of {2} random networks. Held out: {3} layers, "
      "{4};\n"
      "{5} whole networks, {6}.",
      options.core, result.fitted.size(), options.networks, result.layer_errors.count,
      percent(result.layer_errors), result.network_errors.count, percent(result.network_errors));
  if (!options.output.empty())
    write_file(options.output, cost::cycle_table_text(result.fitted_table, comment));
  if (!options.samples.empty()) write_file(options.samples, cost::samples_text(result.fitted));
  if (options.json) {
    const nlohmann::json json = {{"core", options.core},
                                 {"fitted_layers", result.fitted.size()},
                                 {"held_out_layers", to_json(result.layer_errors)},
                                 {"held_out_networks", to_json(result.network_errors)}};
    return fmt::print("{}", json_document("calibrate", json.dump(2)));
  }
  print_rows(result);
  fmt::print("held out: {} layers, {}; {} whole networks, {}\n", result.layer_errors.count,
             percent(result.layer_errors), result.network_errors.count, percent(result.network_errors));
  if (options.output.empty()) fmt::print("not saved: give -o FILE to write the table\n");
}

/// The core that a sheet says it was measured on, if it does; --core must not say otherwise.
std::string core_of(const Options& options, const cost::SampleOrigin& origin) {
  if (origin.core.empty() || origin.core == options.core) return options.core;
  if (options.core_given)
    throw ConfigError(fmt::format("{}: measured on code made for {}, not for --core {}; leave --core out",
                                  options.csv, origin.core, options.core));
  return origin.core;
}

void fit_own(const Options& options, const Shell& shell) {
  const std::string sheet = cost::read_sheet(options.csv);
  const std::vector<cost::LayerSample> samples = cost::parse_samples(sheet, options.csv);
  const cost::SampleOrigin origin = cost::sample_origin(sheet, options.csv);
  const std::string core = core_of(options, origin);
  if (origin.of_emulator && !shell.quiet)
    fmt::print(stderr, "{}: these are instructions of an emulator, not cycles of a board\n", options.csv);
  const cost::CycleTable base = cost::load_cycle_table_of(cost::parse_core(core, "--core"));
  const cost::CycleTable table = cost::fit_cycle_table(samples, base);
  const cost::FitErrors errors = cost::fit_errors(table, samples), before = cost::fit_errors(base, samples);
  const std::string summary = fmt::format("{} measured layers: {} (with the table of {}: {})", errors.count,
                                          percent(errors), core, percent(before));
  if (!options.output.empty()) {
    const std::string name = fs::path(options.csv).filename().string();
    write_file(options.output,
               cost::cycle_table_text(
                   table, fmt::format("Cycles of the row kernels, fitted to {}:\n{}.", name, summary)));
  }
  if (options.json)
    return fmt::print(
        "{}", json_document("calibrate",
                            nlohmann::json{{"fit", to_json(errors)}, {"before", to_json(before)}}.dump(2)));
  fmt::print("{}\n", summary);
  fmt::print("{}\n", options.output.empty() ? "not saved: give -o FILE to write the table"
                                            : "add `cycles: FILE` to the YAML file of your device (a copy of "
                                              "one in configs/devices) to use it");
}

void run(const Options& options, const Shell& shell) {
  if (!options.sheet.empty()) {
    ModelSource model;
    model.model = options.sheet;
    return fmt::print("{}",
                      cost::sample_sheet(load_model(model, {}).graph,
                                         cost::core_info(cost::parse_core(options.core, "--core")).isa));
  }
  if (!options.csv.empty()) return fit_own(options, shell);
  emulate(options, shell);
}

}  // namespace

void add_calibrate(CLI::App& app, const Shell& shell) {
  const auto options = std::make_shared<Options>();
  CLI::App* sub = app.add_subcommand(
      "calibrate", "Fit a core's table of cycles: to counts from an emulator, or to what you measured");
  sub->add_option("--core", options->core, "core to emulate, or whose table to begin with")
      ->type_name("NAME")
      ->capture_default_str();
  sub->add_option("-o,--output", options->output, "write the table here")->type_name("FILE");
  sub->add_option("--networks", options->networks, "random networks to fit to")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  CLI::Option* output = sub->get_option("--output");
  CLI::Option* samples =
      sub->add_option("--samples", options->samples, "write the emulated layers here, as --csv reads them")
          ->type_name("FILE");
  CLI::Option* sheet =
      sub->add_option("--sheet", options->sheet, "print the layers of a model, to fill in what you measure")
          ->type_name("MODEL");
  CLI::Option* csv =
      sub->add_option(
             "--csv", options->csv,
             "fit to a sheet with cycles filled in, or to what a firmware's examples/benchmark.c printed")
          ->type_name("FILE")
          ->excludes(sheet);
  CLI::Option* json = sub->add_flag("--json", options->json, "the errors, as JSON");
  CLI::Option* kernel = sub->add_option("--kernel", options->kernel,
                                        "print the row of this kernel alone, to add it to a core's file")
                            ->type_name("NAME")
                            ->check([](const std::string& name) {
                              return name.empty() ? std::string("expected the name of a kernel") : "";
                            });
  for (CLI::Option* other : {output, samples, sheet, csv, json}) kernel->excludes(other);
  sub->footer(
      "Examples:\n  tinynas calibrate --core cortex-m4 -o cortex-m4.yaml    (emulates; a few minutes)\n"
      "  tinynas calibrate --core cortex-m4 --kernel tn_lookup --networks 24\n"
      "  tinynas calibrate --sheet runs/small/model.onnx > board.csv\n"
      "  tinynas calibrate --csv board.csv --core cortex-m7 -o my-board.yaml");
  sub->callback([options, sub, &shell] {
    options->core_given = sub->get_option("--core")->count() > 0;
    run(*options, shell);
  });
}

}  // namespace tinynas::cli
