#include "app/run/quantized.h"

#include "app/run/files.h"
#include "app/run/json.h"

namespace tinynas::app {

void write_ranges(const RunDirectory& run, const Calibration& calibration) {
  Json tensors = Json::array();
  for (const quant::Range& range : calibration.ranges) tensors.push_back({range.min, range.max});
  write_json(run, kRangesFile,
             {{"tensors", tensors},
              {"input", {{"scale", calibration.input.scale}, {"zero_point", calibration.input.zero_point}}},
              {"images", calibration.images},
              {"accuracy", calibration.accuracy}});
}

Calibration read_ranges(const RunDirectory& run) {
  const Json json = read_json(run, kRangesFile);
  Calibration calibration{
      .ranges = {},
      .input = {.scale = json.at("input").at("scale"), .zero_point = json.at("input").at("zero_point")},
      .images = json.at("images"),
      .accuracy = json.at("accuracy")};
  for (const Json& tensor : json.at("tensors"))
    calibration.ranges.push_back({.min = tensor.at(0), .max = tensor.at(1)});
  return calibration;
}

}  // namespace tinynas::app
