#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// Reads a network given as a table, one operation a line, comma separated. The header names the columns;
/// these are read: op (CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, ADD, AVERAGE_POOL_2D, MAX_POOL_2D,
/// SOFTMAX), k_h, k_w, stride, pad_t, pad_b, pad_l, pad_r, cin, cout, h_in, w_in, h_out, w_out, act,
/// in_tensors, out_tensors (tensor numbers, blank separated), and tag as the layer's name. Throws IoError or
/// ConfigError "file:line: ...".
ir::Graph read_layer_table(const std::filesystem::path& path);
/// The same from text; `name` stands where the file name would.
ir::Graph parse_layer_table(std::string_view text, const std::string& name);

}  // namespace tinynas::cost
