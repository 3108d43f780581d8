#pragma once

#include "app/workspace.h"
#include "tinynas/app/stages.h"

/// One maker per stage, one file per stage. `workspace` must outlive the stage.
namespace tinynas::app {

Stage rank_stage(Workspace& workspace);
Stage train_stage(Workspace& workspace);
Stage search_stage(Workspace& workspace);
Stage tune_stage(Workspace& workspace);
Stage quantize_stage(Workspace& workspace);
Stage export_stage(Workspace& workspace);
Stage eval_stage(Workspace& workspace);
Stage compile_stage(Workspace& workspace);
Stage emulate_stage(Workspace& workspace);
Stage report_stage(Workspace& workspace);

}  // namespace tinynas::app
