#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "tinynas/app/read_model.h"

namespace tinynas::cli {

/// What `tinynas profile` can be given: an ONNX or TFLite file, a layer table, a run, or a genome of a space.
struct ModelSource {
  std::string model;
  std::string space;
  int classes = 10, channels = 3;
};

/// MODEL, --space, --classes, --channels; `source` outlives the parse.
void add_model_source(CLI::App& command, ModelSource& source);
/// A network in float is calibrated as asked, or for its costs alone. Genomes and tables have no values.
app::Model load_model(const ModelSource& source, const app::CalibrationSource& calibration);

/// RUN/model.onnx for a run folder, the file itself otherwise; IoError if there is none.
std::filesystem::path model_file(const std::string& model_or_run);

}  // namespace tinynas::cli
