#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "tinynas/app/read_model.h"
#include "tinynas/app/result.h"
#include "tinynas/app/self_test.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/data/dataset.h"
#include "tinynas/engine/package.h"
#include "tinynas/ir/graph.h"
#include "tinynas/report/profile.h"

namespace tinynas::app {

/// On what a network is to run, and within which limits.
struct Target {
  cost::Device device;
  cost::InputMode input = cost::InputMode::kRows;
  cost::Budget budget = {};
  int most_columns = 1;  ///< column patches that may be planned to keep the SRAM limit; for analysis
};

/// Plans and costs a network. `model` names it for the reader.
report::Profile profile(ir::Graph graph, const Target& target, const std::string& model);
/// The same of what was read, with how it became int8.
report::Profile profile(const Model& model, const Target& target, const std::string& name);

/// The test images that an experiment takes, as they are: data.test_images of every class alike, or all.
data::ImageSet test_images(const data::Dataset& dataset, const Experiment& experiment);

/// A quantized network's answers on test images of its size; `classes` names the labels.
Evaluated evaluate_int8(const ir::Graph& graph, const data::ImageSet& test,
                        std::span<const std::string> classes);

/// "rows 0-12 13-20, arena 23456": as kept in the ONNX file.
std::string describe_schedule(const cost::Schedule& schedule);
/// How pictures came to the network's proportions: in the ONNX file's metadata, "tinynas.fit".
inline constexpr std::string_view kCentreCrop = "centre-crop", kStretch = "stretch";
/// How an image becomes the network's input, for model.h.
std::string input_description(const ir::Graph& graph);

struct CompileSettings {
  std::string name = "model";                          ///< prefix of files and symbols
  SelfTestInputs self_test = {};                       ///< not set: the firmware has no self-test
  std::optional<engine::PackageOptions> package = {};  ///< laid out for that tool chain instead
};
/// Writes the firmware of what was read (C, headers, Makefile) into `folder`.
report::Profile compile_model(const Model& model, const std::filesystem::path& folder, const Target& target,
                              const CompileSettings& settings = {});

}  // namespace tinynas::app
