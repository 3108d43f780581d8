#include "tinynas/app/model.h"

#include <fmt/format.h>

#include "app/metadata.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"
#include "tinynas/cost/plan.h"
#include "tinynas/engine/firmware.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::app {
namespace {

engine::InputFit input_fit(std::string_view name) {
  if (name == kCentreCrop) return engine::InputFit::kCentreCrop;
  return name == kStretch ? engine::InputFit::kStretch : engine::InputFit::kUnknown;
}

}  // namespace

report::Profile profile(ir::Graph graph, const Target& target, const std::string& model) {
  report::Profile made{.model = model,
                       .graph = std::move(graph),
                       .schedule = {},
                       .footprint = {},
                       .layers = {},
                       .device = target.device,
                       .budget = target.budget};
  cost::PlanOptions options{.input = target.input, .isa = cost::core_info(target.device.core).isa};
  options.most_columns = target.most_columns;
  if (target.budget.sram_bytes)
    options.arena_limit = *target.budget.sram_bytes - cost::engine_state_bytes(made.graph);
  made.schedule = cost::plan(made.graph, options);
  made.footprint = cost::footprint(made.graph, made.schedule, target.device);
  made.layers = cost::layer_costs(made.graph, made.schedule, target.device);
  return made;
}

report::Profile profile(const Model& model, const Target& target, const std::string& name) {
  report::Profile made = profile(model.graph, target, name);
  made.quantization = model.quantization;
  return made;
}

Evaluated evaluate_int8(const ir::Graph& graph, const data::ImageSet& test,
                        std::span<const std::string> classes) {
  const std::vector<std::uint16_t> answers = quant::answers_int8(graph, test.pixels);
  Evaluated evaluated{.images = test.size(),
                      .in_int8 = 0,
                      .in_float = {},
                      .by_class = report::classify(test.labels, answers, classes)};
  std::int64_t right = 0;
  for (const report::ClassAccuracy& one : evaluated.by_class.classes) right += one.right;
  evaluated.in_int8 = 100.0 * static_cast<double>(right) / static_cast<double>(test.size());
  return evaluated;
}

std::string describe_schedule(const cost::Schedule& schedule) {
  std::string text(cost::input_mode_name(schedule.input));
  for (const cost::Segment& segment : schedule.segments)
    text += fmt::format(" {}-{}", segment.first, segment.last);
  return text + fmt::format(", arena {}", schedule.arena_bytes);
}

std::string input_description(const ir::Graph& graph) {
  const ir::Shape& shape = graph.tensors[static_cast<std::size_t>(graph.input)];
  return fmt::format(
      "{} x {} pixels, {} channel{}, resized bilinearly (area support when shrinking); feed pixel - 128 as "
      "int8",
      shape.h, shape.w, shape.c, shape.c == 1 ? "" : "s");
}

report::Profile compile_model(const Model& model, const std::filesystem::path& folder, const Target& target,
                              const CompileSettings& settings) {
  report::Profile made = profile(model, target, model.file.filename().string());
  const engine::FirmwareOptions options{
      .name = settings.name,
      .device = target.device,
      .source = model.file.filename().string(),
      .source_hash = hex(fnv1a(read_file(model.file))),
      .fit = input_fit(metadata_or(model.metadata, "tinynas.fit", "")),
      .input_description = metadata_or(model.metadata, "tinynas.input", ""),
      .input_names = split_lines(metadata_or(model.metadata, "tinynas.input_names", "")),
      .output_names = split_lines(metadata_or(model.metadata, "tinynas.output_names", "")),
      .classes = split_lines(metadata_or(model.metadata, "tinynas.classes", "")),
      .self_test = settings.self_test ? settings.self_test(made.graph) : engine::SelfTest{}};
  if (settings.package)
    engine::write_package(engine::generate_package(made.graph, made.schedule, options, *settings.package),
                          folder);
  else
    engine::write_firmware(engine::generate_firmware(made.graph, made.schedule, options), folder);
  return made;
}

}  // namespace tinynas::app
