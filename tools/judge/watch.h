#pragma once

#include <filesystem>

#include "tinynas/import/plain_model.h"

/// Writes FOLDER/watched.onnx, a copy of an ONNX file that gives out every tensor that `model` names, and
/// FOLDER/values.txt, a line "index of the value, name of the tensor" each. Of a float tensor that is
/// quantized then, the integers.
void watch_values(const std::filesystem::path& file, const tinynas::import::Model& model,
                  const std::filesystem::path& folder);
