#pragma once

#include <CLI/CLI.hpp>

#include "tinynas/app/read_model.h"

namespace tinynas::cli {

/// --calibrate, --calibrate-images, --input-mean, --input-std, --seed; `source` outlives the parse. `without`
/// says what happens without --calibrate.
void add_calibration_flags(CLI::App& command, app::CalibrationSource& source, const std::string& without);

}  // namespace tinynas::cli
