#pragma once

#include <string>
#include <string_view>

#include "tinynas/ir/weights.h"

namespace tinynas::app {

/// Weights as bytes of a file: a line of JSON ({"name": [shape], ...}, sorted), then each blob's floats,
/// little endian.
std::string encode_weights(const ir::Weights& weights);
/// IoError "<where>: ..." if the bytes are damaged.
ir::Weights decode_weights(std::string_view bytes, const std::string& where);

}  // namespace tinynas::app
