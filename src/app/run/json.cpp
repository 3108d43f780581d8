#include "app/run/json.h"

#include <fmt/format.h>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::app {

Json read_json(const RunDirectory& run, std::string_view file) { return read_json(run.path(), file); }

Json read_json(const std::filesystem::path& run, std::string_view file) {
  Json json = Json::parse(read_file(run / file), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object())
    throw IoError(
        fmt::format("{}: is damaged (not a JSON object); delete it and continue with tinynas resume {}",
                    (run / file).string(), run.string()));
  return json;
}

std::string damaged_file(const RunDirectory& run, std::string_view reader, std::string_view what) {
  return fmt::format(
      "{}: a file that {} reads is damaged ({}); delete it and continue with tinynas resume {}",
      run.path().string(), reader, what, run.path().string());
}

void write_json(const RunDirectory& run, std::string_view file, const Json& json) {
  run.write(file, json.dump(2) + "\n");
}

}  // namespace tinynas::app
