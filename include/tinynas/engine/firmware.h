#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/units.h"
#include "tinynas/cost/device.h"
#include "tinynas/cost/schedule.h"
#include "tinynas/ir/graph.h"

namespace tinynas::engine {

/// How pictures came to the proportions of the input, for constants in model.h; kUnknown: it may take no
/// pictures at all.
enum class InputFit : std::uint8_t { kUnknown, kCentreCrop, kStretch };

/// Inputs that the firmware can run on the board, to prove that it computes there what it does here.
struct SelfTest {
  std::vector<std::vector<std::int8_t>> images = {};  ///< int8 [H, W, C] each; none: no self-test is written
  std::string source = {};  ///< what they are, for comments: "the first 4 test images of fashion-mnist"
};

struct FirmwareOptions {
  std::string name = "model";  ///< prefix of every symbol and file; a C identifier
  cost::Device device;         ///< arena and Flash are asserted against it; its core picks the weight packing
  std::string source = "model.onnx";  ///< named, with its hash, in the generated header comment
  std::string source_hash = {};
  InputFit fit = InputFit::kUnknown;
  std::string input_description = {};  ///< how images were resized and scaled, stated in model.h
  /// Of several inputs and outputs what the file calls each, stated in model.h; or empty.
  std::vector<std::string> input_names = {}, output_names = {};
  std::vector<std::string> classes = {};
  SelfTest self_test = {};
};

/// Before every macro of a model named `name`: "MODEL".
std::string macro_prefix(std::string_view name);

/// model_binding.h: tn_net_... and TN_NET_... for the names of a model, so that a program may serve any.
std::string model_binding(std::string_view name);

struct GeneratedFile {
  std::string path;  ///< relative to the output folder
  std::string text;
};

/// model.c, model.h, model_weights.c, self-test, engine sources, examples, Makefile, CMakeLists.txt, README:
/// everything `make` needs in one folder. Same input, same bytes. Throws GraphError or UnsupportedError
/// naming the layer, ConfigError for the name or an image of the wrong size.
std::vector<GeneratedFile> generate_firmware(const ir::Graph& graph, const cost::Schedule& schedule,
                                             const FirmwareOptions& options);
/// Writes them; each file whole.
void write_firmware(const std::vector<GeneratedFile>& files, const std::filesystem::path& folder);

}  // namespace tinynas::engine
