#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "app/problem.h"
#include "app/workspace.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/quantize.h"
#include "tinynas/space/lower.h"

namespace tinynas::bench {

/// A network as a benchmark compares it.
struct Judged {
  std::string genome;
  Macs macs = 0;
  double held_out = 0;   ///< percent, float
  double test_int8 = 0;  ///< percent of all test images
  double seconds = 0;    ///< of the training
};

/// How a network is trained before it is judged.
struct Training {
  train::Recipe recipe;
  std::filesystem::path folder;  ///< for its checkpoint; with the supernet's, unless it starts from scratch
  train::TuneOptions options;
  ProgressFn progress = {};
  StopToken stop = {};
};

/// Trains a network of the context's space alone, and does with it what a run does with its winner: int8 by
/// the run's own settings, judged on the test images. The checkpoint is removed.
inline Judged tune_and_judge(app::Workspace& workspace, const train::Context& context,
                             const space::Genome& genome, const Training& training) {
  const auto start = std::chrono::steady_clock::now();
  const train::Tuned tuned = workspace.oracle().training().tune(
      context, genome, training.recipe, training.folder, training.options, training.progress, training.stop);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::filesystem::remove(training.folder / (training.options.name + ".pt"));

  ir::Graph graph = space::lower_named(context.space, context.task, genome);
  quant::attach_weights(graph, tuned.weights);
  const ir::TensorQuant input = app::input_quant_of(context.pixels);
  const data::ImageSet calibration = workspace.images().calibration(*context.train);
  const ir::Graph quantized =
      quant::quantize(graph, quant::calibrate(graph, quant::image_inputs(graph, calibration.pixels, input)),
                      {.input = input});
  const data::ImageSet test = workspace.images().test(context.space.resolutions.front());
  return {.genome = space::to_string(context.space, genome),
          .macs = ir::graph_macs(graph),
          .held_out = tuned.accuracy,
          .test_int8 = quant::accuracy_int8(quantized, test.pixels, test.labels),
          .seconds = seconds};
}

}  // namespace tinynas::bench
