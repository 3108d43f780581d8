#pragma once

#include "app/workspace.h"
#include "tinynas/report/report.h"

namespace tinynas::app {

/// RUN/result.json: what scripts read. Its keys are fixed; new ones may be added. `also` has the results of
/// the further devices' runs.
void write_result(Workspace& workspace);
/// RUN/report.html, from the files of the run, result.json among them; its drawings into the folder
/// `pictures` too, unless that is empty.
void write_report(Workspace& workspace, const std::filesystem::path& pictures = {});

}  // namespace tinynas::app
