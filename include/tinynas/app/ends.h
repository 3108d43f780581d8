#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tinynas/app/read_model.h"

namespace tinynas::app {

/// An input or output of a network.
struct End {
  std::string name = {};  ///< of its file where that names several; else "input", "output"
  ir::Shape shape = {};
  std::optional<ir::TensorQuant> quant = {};  ///< null: its values are real
};
/// Of the int8 network; where there is none, of the one in float.
std::vector<End> inputs_of(const Model& model);
std::vector<End> outputs_of(const Model& model);

/// "[10]", "[8, 8, 3]": rows, columns, channels; of a vector its length.
std::string shape_text(const ir::Shape& shape);
/// "input [8, 8, 3], real value = 0.5 * (int8 + 128)".
std::string end_text(const End& end);
/// A list of JSON objects: name, shape, and of int8 values scale and zero_point.
std::string ends_json(const std::vector<End>& ends);

}  // namespace tinynas::app
