#pragma once

#include "app/workspace.h"
#include "tinynas/report/report.h"

namespace tinynas::app {

/// RUN/result.json: what scripts read. Its keys are fixed; new ones may be added.
void write_result(Workspace& workspace);
/// RUN/report.html.
void write_report(Workspace& workspace);

}  // namespace tinynas::app
