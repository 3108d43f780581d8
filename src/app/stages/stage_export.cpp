#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/run/keys.h"
#include "app/run/records.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/app/model.h"
#include "tinynas/core/version.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::app {
namespace {

/// Inputs are square. Readers cut pictures of many sizes to a square; where all have one size they are
/// resized.
std::string_view image_fit(const data::Dataset& dataset) {
  return dataset.train.h == dataset.train.w ? kCentreCrop : kStretch;
}

/// What a network costs, for whoever holds nothing but the file.
std::string footprint_text(const cost::Footprint& cost) {
  return Json{{"sram_bytes", cost.sram_bytes},
              {"flash_bytes", cost.flash_bytes},
              {"macs", cost.macs},
              {"estimated_latency_ms", cost.latency_ms}}
      .dump();
}

/// Free text in the file: what firmware and readers must know of the network.
onnx::Metadata metadata_of(Workspace& workspace, const ir::Graph& graph) {
  const NetworkAlone network = winner(workspace.run());
  const report::Profile planned = profile(graph, workspace.target(), std::string(kModelFile));
  return {{"tinynas.version", std::string(kVersion)},
          {"tinynas.space", network.space.name},
          {"tinynas.genome", space::to_string(network.space, network.genome)},
          {"tinynas.device", workspace.device().name},
          {"tinynas.footprint", footprint_text(planned.footprint)},
          {"tinynas.input", input_description(graph)},
          {"tinynas.fit", std::string(image_fit(workspace.images().dataset()))},
          {"tinynas.schedule", describe_schedule(planned.schedule)},
          {"tinynas.classes", fmt::format("{}", fmt::join(workspace.images().dataset().classes, "\n"))}};
}

}  // namespace

/// model.onnx: the int8 network with its metadata.
Stage export_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn&, const StopToken&) {
    const Calibration calibration = read<Calibration>(workspace.run());
    const ir::Graph graph = quant::quantize(tuned_graph(workspace.run(), workspace.images().shape().task),
                                            calibration.ranges, {.input = calibration.input});
    onnx::export_onnx(graph, metadata_of(workspace, graph), workspace.run() / kModelFile);
    return (workspace.run() / kModelFile).string();
  };
  return {.name = "export",
          .reads = {kRankFile, kSearchFile, kWeightsFile, kRangesFile},
          .writes = {kModelFile},
          .run = run};
}

/// The test images, read for the first time: the model as it stands in the file, and the float network beside
/// it.
Stage eval_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    const ir::Graph int8 = onnx::import_onnx(workspace.run() / kModelFile).graph;
    const data::ImageSet test = workspace.images().test(int8.tensors[static_cast<std::size_t>(int8.input)].h);
    constexpr int kPasses = 2;
    const auto report = [&](int done) {
      stop.throw_if_stopped("eval");
      if (progress)
        progress({.done = static_cast<double>(done),
                  .total = kPasses,
                  .note = fmt::format("{} test images", test.size())});
    };
    report(0);
    Evaluated evaluated = evaluate_int8(int8, test, workspace.images().dataset().classes);
    report(1);
    evaluated.in_float =
        quant::accuracy_float(tuned_graph(workspace.run(), workspace.images().shape().task), test.pixels,
                              test.labels, read<Calibration>(workspace.run()).input);
    report(kPasses);
    write(workspace.run(), evaluated);
    return fmt::format("{:.2f} % of {} test images in int8, {:.2f} % in float", evaluated.in_int8,
                       test.size(), *evaluated.in_float);
  };
  return {.name = "eval",
          .reads = {kRankFile, kSearchFile, kWeightsFile, kRangesFile, kModelFile},
          .writes = {kEvalFile},
          .run = run};
}

}  // namespace tinynas::app
