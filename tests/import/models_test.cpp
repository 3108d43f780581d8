// Networks of other people, from the folder that TINYNAS_TEST_DATA names.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>

#include "engine/host_build.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/import/import.h"
#include "tinynas/quant/quantize.h"

using namespace tinynas;
namespace fs = std::filesystem;

namespace {

/// Those that are read in int8, and in float; all others are refused.
const std::set<std::string> kRead = {
    "adafruit-tinyconv",
    "aieq-mnist-srq",
    "arduino-hello",
    "arduino-testconv",
    "coral-mbv1-025-uint8",
    "esphome-okay-nabu-v2",
    "esphome-vad",
    "mcunet-in3",
    "mcunet-vww1",
    "mlek-kws-micronet-m",
    "mlonmcu-kws-m",
    "mlonmcu-qnn",
    "mlperf-ad01_int8",
    "mlperf-kws_int8",
    "mlperf-resnet8-int8",
    "mlperf-toycar-floatio",
    "mlperf-vww_96_int8",
    "nxp-cifar10-uint8",
    "coral-split-concat",
    "emza-ssd-slim",
    "nxp-fastestdet-person",
    "openmv-blazeface",
    "openmv-fomo-face",
    "openmv-force",
    "openmv-yolo-lc",
    "st-fdmobilenet-flowers",
    "st-ign-wisdm",
    "st-mbv2-person",
    "st-miniresnet-esc10",
    "st-miniresnetv2-esc10",
    "st-resnet8-cifar10",
    "st-squeezenet-flowers",
    "tflm-hello-int8",
    "tflm-micro-speech",
    "tflm-person-detect",
    "tfls-mbv1-025-uint8",
    // ONNX
    "emx-kws-qop-add-shape.onnx",
    "jiang-ae-qdq.onnx",
    "jiang-kws-qdq.onnx",
    "jiang-resnet8-qdq.onnx",
    "jiang-vww-qdq.onnx",
    "mlonmcu-kws-m-qdq.onnx",
    "mlonmcu-kws-m-qop-emx.onnx",
    "mlonmcu-kws-m-qop.onnx",
};
const std::set<std::string> kReadFloat = {
    "emx-mixed-dynamic.onnx",
    "cONNXr-superres.onnx",
    "aieq-mnist-float",
    "aieq-mnist-partly",
    "aieq-shared-weights",
    "mlonmcu-magic-wand",
    "mlperf-ad01-fp32",
    "mlperf-kws-float",
    "mlperf-resnet8-float",
    "mlperf-toycar-hybrid",
    "mlperf-vww-float",
    "tflm-hello-float",
    // ONNX
    "cONNXr-mnist-dynq.onnx",
    "cONNXr-mnist.onnx",
    "emx-mixed-dynamic.onnx",
    "jiang-resnet8-float.onnx",
    "mlonmcu-kws-m-fp32.onnx",
    "onnx2c-mnist-atmega.onnx",
    "qonnx-espcn-float.onnx",
    "qonnx-residual.onnx",
};

struct Read {
  std::map<std::string, ir::Graph> graphs, floats;
  std::map<std::string, std::string> refusals;
};

Read read_all(const fs::path& folder) {
  Read read;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const fs::path& path = entry.path();
    const bool own = path.parent_path() == folder || path.parent_path() == folder / "public";
    if ((path.extension() != ".tflite" && path.extension() != ".onnx") || !own) continue;
    const std::string name = path.extension() == ".onnx" ? path.filename().string() : path.stem().string();
    try {
      import::Network network = import::read_network(path);
      (network.is_float() ? read.floats : read.graphs)[name] = std::move(network.graph);
    } catch (const UnsupportedError& error) {
      read.refusals[name] = error.what();
    }
  }
  return read;
}

constexpr Macs kMostMacs = 200'000'000;

/// Ranges are those of a few random inputs.
ir::Graph quantized_on_noise(const ir::Graph& graph) {
  std::vector<std::vector<float>> inputs;
  Rng rng(11);
  for (int i = 0; i < 2; ++i) {
    inputs.emplace_back(at(ir::input_elements(graph)));
    for (float& value : inputs.back()) value = static_cast<float>(rng.normal());
  }
  return quant::quantize(
      graph, quant::calibrate(graph, quant::listed_inputs(std::move(inputs)), quant::Clipping::kNone));
}

/// Written as C and built for this computer, quantized networks make what the interpreter makes.
void check_c(const std::map<std::string, ir::Graph>& graphs) {
  test::HostProgram program;
  std::vector<std::pair<std::string, test::Images>> expected;
  for (const auto& [file, graph] : graphs) {
    const std::string name = fmt::format("net{}", expected.size());
    INFO(file);
    const test::Images images = test::random_images(graph, Rng(7), 3);
    program.add(name, test::generate(graph, test::firmware_options(name)), images);
    test::Images outputs, twice;  // every image is given twice, which matters to networks that stream
    for (const auto& image : images) twice.insert(twice.end(), 2, image);
    for (const auto& output : quant::run_all(quant::Int8Interpreter(graph), twice))
      outputs.push_back(test::in_planes(graph, output));
    expected.emplace_back(file, std::move(outputs));
  }
  program.build_and_run("gcc");
  int equal = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO(expected[i].first);
    const bool same =
        program.outputs(fmt::format("net{}", i), expected[i].second[0].size()) == expected[i].second;
    CHECK(same);
    equal += same;
  }
  fmt::print("{} of {} networks: C equals the interpreter, bit for bit, on 3 random inputs\n", equal,
             expected.size());
}

}  // namespace

TEST_CASE("each network of other people is read, or refused by the names of its operators") {
  const auto folder = test::test_data("data/models", "networks of other people");
  if (!folder) return;
  const Read read = read_all(*folder);
  fmt::print("TFLite and ONNX files: {} read in int8, {} in float, {} refused\n", read.graphs.size(),
             read.floats.size(), read.refusals.size());
  for (const auto& [name, why] : read.refusals) {
    INFO(why);
    CHECK(!(kRead.contains(name) || kReadFloat.contains(name)));
    CHECK_THAT(why, Catch::Contains("(node") || Catch::Contains("outputs"));
  }
  for (const std::string& name : kRead) CHECK(read.graphs.contains(name));
  for (const std::string& name : kReadFloat) CHECK(read.floats.contains(name));
}

TEST_CASE("float networks of other people make numbers") {
  const auto folder = test::test_data("data/models", "float networks of other people");
  if (!folder) return;
  for (const auto& [name, graph] : read_all(*folder).floats) {
    INFO(name);
    Rng rng(9);
    std::vector<float> image(at(ir::input_elements(graph)));
    for (float& value : image) value = static_cast<float>(2 * rng.uniform() - 1);
    for (const float made : quant::run_float(graph, image)) CHECK(std::isfinite(made));
  }
}

TEST_CASE("C of networks of other people equals the interpreter", "[slow]") {
  const auto folder = test::test_data("data/models", "C of networks of other people");
  if (!folder) return;
  check_c(read_all(*folder).graphs);
}

TEST_CASE("C of float networks of other people, quantized on random inputs, equals the interpreter",
          "[slow]") {
  const auto folder = test::test_data("data/models", "C of float networks of other people");
  if (!folder) return;
  std::map<std::string, ir::Graph> graphs;
  for (const auto& [name, graph] : read_all(*folder).floats) {
    INFO(name);
    if (ir::graph_macs(graph) > kMostMacs)
      fmt::print("skipped: {}: {} multiply-accumulates take too long\n", name, ir::graph_macs(graph));
    else
      graphs[name] = quantized_on_noise(graph);
  }
  check_c(graphs);
}

TEST_CASE("networks of other people answer as TFLite Micro does") {
  // A line a case: seed, types, state, outputs. Byte for byte, s = 1664525 s + 1013904223 and the input is s
  // >> 24.
  const auto folder = test::test_data("data/models/golden", "outputs of TFLite Micro");
  if (!folder) return;
  for (const auto& entry : fs::directory_iterator(*folder)) {
    const std::string name = entry.path().stem().string();
    INFO(name);
    const import::Folded folded =
        import::fold(import::read_tflite(read_file(*folder / ".." / (name + ".tflite"))));
    if (folded.input.type != import::Type::kInt8 || folded.output.type != import::Type::kInt8) continue;
    const quant::Int8Interpreter interpreter(folded.graph);
    std::istringstream lines(read_file(entry.path()));
    std::int64_t values = 0, near = 0;
    int cases = 0;
    for (std::string line; cases < 3 && std::getline(lines, line); ++cases) {
      std::istringstream words(line);
      std::uint32_t seed = 0;
      std::string word;
      words >> seed >> word >> word >> word;
      std::vector<std::int8_t> image(at(folded.graph.tensor(folded.graph.input).elements()));
      for (std::int8_t& value : image) {
        seed = seed * 1664525 + 1013904223;
        value = static_cast<std::int8_t>(seed >> 24);
      }
      constexpr int kNear = 3;  // layers differ by 1, and what follows carries it on
      for (const int made : interpreter.run(image)) {
        int expected = 0;
        REQUIRE(words >> expected);
        ++values;
        near += std::abs(made - expected) <= kNear;
      }
    }
    fmt::print("{}: {} of {} outputs within 3 of TFLite Micro's\n", name, near, values);
    CHECK(near * 100 >= values * 98);
  }
}
