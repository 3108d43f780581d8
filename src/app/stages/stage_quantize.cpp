#include <fmt/format.h>

#include "app/problem.h"
#include "app/run/records.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/quantize.h"

namespace tinynas::app {

/// Ranges of every tensor of the tuned network, seen on training images; int8 accuracy on the held-out ones.
Stage quantize_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn&, const StopToken& stop) {
    const train::Context& context = workspace.oracle().context(winner(workspace.run()));
    const ir::TensorQuant input = input_quant_of(workspace.oracle().context().pixels);
    const ir::Graph graph = tuned_graph(workspace.run(), context.task);
    const data::ImageSet calibration = workspace.images().calibration(*context.train);
    const quant::Ranges ranges =
        quant::calibrate(graph, quant::image_inputs(graph, calibration.pixels, input));
    stop.throw_if_stopped("quantize");
    const double accuracy = quant::accuracy_int8(quant::quantize(graph, ranges, {.input = input}),
                                                 context.validation->pixels, context.validation->labels);
    write(workspace.run(),
          Calibration{.ranges = ranges, .input = input, .images = calibration.size(), .accuracy = accuracy});
    return fmt::format("{:.2f} % of the {} in int8, calibrated on {} training images", accuracy,
                       held_out_images_text(workspace.experiment()), calibration.size());
  };
  return {.name = "quantize",
          .reads = {kRankFile, kPlanFile, kSearchFile, kWeightsFile},
          .writes = {kRangesFile},
          .run = run};
}

}  // namespace tinynas::app
