#include <fmt/format.h>

#include "app/run/records.h"
#include "app/self_test.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/app/emulation.h"
#include "tinynas/app/model.h"
#include "tinynas/core/error.h"
#include "tinynas/core/log.h"

namespace tinynas::app {

namespace {

/// Test images; random inputs where the data set is not there any more: what a self-test proves does not hang
/// on it, and a run that is continued elsewhere needs no data from here on.
SelfTestInputs self_test_inputs(Workspace& workspace) {
  return [&workspace](const ir::Graph& graph) {
    try {
      return test_image_inputs(workspace.images(), workspace.experiment().data.set, graph);
    } catch (const IoError& gone) {
      log_warning(fmt::format("self_test_without_test_images inputs=random reason=\"{}\"", gone.what()));
      return random_inputs()(graph);
    }
  };
}

}  // namespace

/// firmware/: C from model.onnx, read back from disk.
Stage compile_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn&, const StopToken&) {
    const report::Profile made =
        compile_model(read_model(workspace.run() / kModelFile), workspace.run() / kFirmwareFolder,
                      workspace.target(), {.self_test = self_test_inputs(workspace)});
    workspace.run().write(kCompileFile, report::profile_json(made));
    return fmt::format("SRAM {} bytes, Flash {} bytes, {:.1f} ms", made.footprint.sram_bytes,
                       made.footprint.flash_bytes, made.footprint.latency_ms);
  };
  return {.name = "compile", .reads = {kModelFile}, .writes = {kFirmwareFolder, kCompileFile}, .run = run};
}

/// The firmware on test images in the emulator. Without the cross compiler or QEMU it is left out, and says
/// so.
Stage emulate_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) -> std::string {
    const auto leave_out = [&](const std::string& why) {
      write(workspace.run(), Emulated{.check = {}, .skipped = why});
      return "left out: " + why;
    };
    if (workspace.experiment().emulated_images == 0) return leave_out("emulate.images is 0");
    try {
      const EmulationCheck check =
          emulate_run(workspace.run(), {.images = workspace.experiment().emulated_images}, progress, stop);
      if (!check.all_equal())
        log_warning(fmt::format("emulated_outputs_differ bytes={} of={}",
                                check.output_bytes - check.equal_bytes, check.output_bytes));
      write(workspace.run(), Emulated{.check = check});
      return fmt::format("{:.2f} % of {} test images, {} of {} output bytes equal the interpreter's",
                         *check.accuracy, check.images, check.equal_bytes, check.output_bytes);
    } catch (const UnsupportedError& missing) {
      return leave_out(missing.what());
    }
  };
  return {.name = "emulate",
          .reads = {kModelFile, kFirmwareFolder, kCompileFile},
          .writes = {kEmulatorFolder, kEmulateFile},
          .run = run};
}

}  // namespace tinynas::app
