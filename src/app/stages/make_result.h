#pragma once

#include "app/workspace.h"
#include "tinynas/app/result.h"

namespace tinynas::app {

/// What the files of a run, and the results of its further devices' runs, come to.
Result make_result(Workspace& workspace);

}  // namespace tinynas::app
