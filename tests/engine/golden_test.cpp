#include <cstdlib>
#include <regex>
#include <set>

#include "engine/networks.h"
#include "support/catch.h"
#include "tinynas/core/files.h"
#include "tinynas/engine/firmware.h"

using namespace tinynas;

namespace {

const std::filesystem::path kGolden = std::filesystem::path(TINYNAS_SOURCE_TREE) / "tests/engine/golden";

/// Small, but with a ring, a skip, a segment that ends in a global pool, and a dense layer.
ir::Graph small_network() {
  constexpr ir::Activation kRelu6 = ir::Activation::kRelu6;
  test::GraphBuilder b({.h = 12, .w = 10, .c = 3}, Rng(7));
  const int stem = b.conv(0, 8, 3, 2, kRelu6);
  const int wide = b.conv(stem, 16, 1, 1, kRelu6);
  const int sum = b.add(stem, b.conv(b.depthwise(wide, 3, 1, kRelu6), 8, 1));
  return test::quantize_on_noise(b.finish(b.dense(b.global_pool(sum), 4)), Rng(8));
}

/// Flash depends on the compiler's version, quantization on its floating point: neither is what is reviewed
/// here.
std::string reviewed(const std::string& text) {
  const std::string sizes = std::regex_replace(text, std::regex(" Flash +[0-9].*"), " Flash    (measured)");
  const std::regex numbers(
      "\\.(in_zero_point|out_zero_point|multiplier(_[ab])?|shift|offset(?=[^,]*, \\.multiplier)) = -?[0-9]+");
  const std::regex quantization("(#define [A-Z_]+_(SCALE|ZERO_POINT)) .*");  // of model.h
  return std::regex_replace(std::regex_replace(sizes, numbers, ".$1 = (number)"), quantization,
                            "$1 (number)");
}

}  // namespace

TEST_CASE("the model and its example read as they did when somebody last reviewed them") {
  const ir::Graph graph = small_network();
  const cost::Device device = test::test_device(cost::Core::kCortexM0Plus);
  engine::FirmwareOptions options = test::firmware_options("model", device);
  options.fit = engine::InputFit::kStretch;
  options.self_test = {.images = test::random_images(graph, Rng(9), 2), .source = "noise"};
  const auto files =
      engine::generate_firmware(graph, cost::plan(graph, {.isa = cost::KernelIsa::kPortable}), options);
  const std::set<std::string> golden = {
      "model.c",         "model.h",          "model_self_test.h",   "model_self_test.c",
      "model_vectors.h", "examples/image.c", "examples/self_test.c"};
  std::set<std::string> read;
  for (const engine::GeneratedFile& file : files) {
    if (!golden.contains(file.path)) continue;
    read.insert(file.path);
    const std::string text = reviewed(file.text);
    if (std::getenv("TINYNAS_UPDATE_GOLDEN") != nullptr) write_file(kGolden / file.path, text);
    INFO(file.path << ": run with TINYNAS_UPDATE_GOLDEN=1 and read the difference");
    CHECK(text == read_file(kGolden / file.path));
  }
  CHECK(read == golden);
}
