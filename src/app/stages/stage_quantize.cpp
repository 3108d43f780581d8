#include <fmt/format.h>

#include "app/run/files.h"
#include "app/run/json.h"
#include "app/run/quantized.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/quantize.h"

namespace tinynas::app {

/// Ranges of every tensor of the tuned network, seen on training images; int8 accuracy on the held-out ones.
Stage quantize_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn&, const StopToken& stop) {
    const train::Context& context = workspace.context(workspace.winner());
    const ir::TensorQuant input = workspace.input_quant();
    const data::ImageSet calibration = workspace.calibration_images(context);
    const quant::Ranges ranges = quant::calibrate(workspace.tuned_graph(), calibration.pixels, input);
    stop.throw_if_stopped("quantize");
    const ir::Graph quantized = quant::quantize(workspace.tuned_graph(), ranges, input);
    const double accuracy =
        quant::accuracy_int8(quantized, context.validation->pixels, context.validation->labels);
    write_ranges(workspace.run(),
                 {.ranges = ranges, .input = input, .images = calibration.size(), .accuracy = accuracy});
    return fmt::format("{:.2f} % of the {} in int8, calibrated on {} training images", accuracy,
                       held_out_images_text(workspace.experiment()), calibration.size());
  };
  return {.name = "quantize", .output = std::string(kRangesFile), .files = {}, .run = run};
}

}  // namespace tinynas::app
