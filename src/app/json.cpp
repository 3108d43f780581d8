#include "app/json.h"

#include <fmt/format.h>

#include "tinynas/core/error.h"

namespace tinynas::app {

Json read_json(const RunDirectory& run, std::string_view file) {
  Json json = Json::parse(run.read(file), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object())
    throw IoError(
        fmt::format("{}: is damaged (not a JSON object); delete it and continue with tinynas resume {}",
                    (run / file).string(), run.path().string()));
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
