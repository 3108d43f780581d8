#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "tinynas/app/run_directory.h"

namespace tinynas::app {

using Json = nlohmann::json;

/// A JSON file of the run; IoError naming the file and what to do if it is damaged or a key is missing.
Json read_json(const RunDirectory& run, std::string_view file);
/// The same of a run that is not open here.
Json read_json(const std::filesystem::path& run, std::string_view file);
/// For a key that is missing or of the wrong type: the files of a run are ours, so somebody changed one.
std::string damaged_file(const RunDirectory& run, std::string_view reader, std::string_view what);
/// Indented, sorted keys, ends with a newline.
void write_json(const RunDirectory& run, std::string_view file, const Json& json);

}  // namespace tinynas::app
