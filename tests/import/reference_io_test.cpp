// Networks of other people on the inputs that came with them, from the folder that TINYNAS_TEST_DATA names.
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;
namespace fs = std::filesystem;

namespace {

struct Recording {
  const char *folder, *model;  ///< the model as seen from the folder of recordings
  const char* outputs;         ///< float32
  enum Input { kFloats, kInt8, kPixels } input;
  bool scores = true;  ///< of classes
  /// Steps by which outputs may differ: TFLite rounds twice where tinynas rounds once.
  float most_steps = 0.01F;
};

/// What was recorded for the sine is the float network's.
const std::vector<Recording> kRecordings = {
    {"aww", "aww/aww.tflite", "output_tflite", Recording::kFloats},
    {"resnet", "../public/mlperf-resnet8-int8.tflite", "output_tflite", Recording::kPixels, true, 10},
    {"vww", "../mlperf-vww_96_int8.tflite", "output_tflite", Recording::kFloats},
    {"toycar", "../mlperf-ad01_int8.tflite", "output_tflite", Recording::kFloats, false},
    {"micro_speech", "micro_speech/micro_speech.tflite", "output", Recording::kInt8},
    {"person_detect", "../public/tflm-person-detect.tflite", "output", Recording::kInt8, true, 2},
    {"magic_wand", "../public/mlonmcu-magic-wand.tflite", "output", Recording::kFloats},
    {"sine_model", "sine_model/hello_world.tflite", "output", Recording::kFloats, false, 13},
};

std::vector<float> floats_of(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

std::size_t largest(std::span<const float> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

/// Real outputs of the network for a recorded input.
std::vector<float> answer(const ir::Graph& graph, const Recording& recording, const std::string& input) {
  if (!graph.quant) return quant::run_float(graph, floats_of(input));
  std::vector<std::int8_t> values;
  const ir::TensorQuant in = graph.quant_of(graph.input), out = graph.quant_of(graph.output);
  if (recording.input == Recording::kFloats)
    for (const float real : floats_of(input))
      values.push_back(static_cast<std::int8_t>(
          std::clamp(std::round(real / in.scale) + static_cast<float>(in.zero_point), -128.0F, 127.0F)));
  else
    for (const char byte : input)
      values.push_back(static_cast<std::int8_t>(recording.input == Recording::kInt8 ? byte : byte ^ '\x80'));
  std::vector<float> reals;
  for (const int q : quant::Int8Interpreter(graph).run(values))
    reals.push_back(out.scale * static_cast<float>(q - out.zero_point));
  return reals;
}

}  // namespace

TEST_CASE("networks of other people answer their own inputs as recorded") {
  const auto folder = test::test_data("data/models/reference-io", "inputs and outputs of networks");
  if (!folder) return;
  for (const Recording& recording : kRecordings) {
    INFO(recording.folder);
    const ir::Graph graph = import::read_network(*folder / recording.model).graph;
    const float step = graph.quant ? graph.quant_of(graph.output).scale : 1.0F / 256;
    int inputs = 0, same = 0;
    float furthest = 0;
    for (; fs::exists(*folder / recording.folder / "input" / fmt::format("{}.bin", inputs)); ++inputs) {
      const std::string file = fmt::format("{}.bin", inputs);
      const std::vector<float> expected =
          floats_of(read_file(*folder / recording.folder / recording.outputs / file, 1 << 20));
      const std::vector<float> made =
          answer(graph, recording, read_file(*folder / recording.folder / "input" / file, 1 << 20));
      REQUIRE(made.size() == expected.size());
      for (std::size_t i = 0; i < made.size(); ++i)
        furthest = std::max(furthest, std::abs(made[i] - expected[i]) / step);
      same += largest(made) == largest(expected);
    }
    fmt::print("{}: {} inputs, the same largest output in {}, all within {:.2f} steps\n", recording.folder,
               inputs, same, furthest);
    CHECK(inputs > 0);
    if (recording.scores) CHECK(same == inputs);
    CHECK(furthest <= recording.most_steps);
  }
}
