#pragma once

#include <filesystem>
#include <string>

#include "tinynas/app/read_model.h"

namespace tinynas::app {

/// Writes a network in int8 as an ONNX file, with what its own file says of inputs and outputs.
/// UnsupportedError: it keeps rows from call to call.
void convert_model(const Model& model, const std::filesystem::path& file);

/// What was made, for the terminal and as docs/json.md says.
std::string conversion_text(const Model& model, const std::filesystem::path& file);
std::string conversion_json(const Model& model, const std::filesystem::path& file);

}  // namespace tinynas::app
