#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tinynas::app {

/// Of an ONNX file (Model::metadata).
std::string metadata_or(const std::map<std::string, std::string>& metadata, const char* key,
                        const std::string& otherwise);
/// Lists stand there a line each.
std::vector<std::string> split_lines(std::string_view text);

}  // namespace tinynas::app
