#include <fstream>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::onnx {
namespace {

using test::TemporaryFolder;

std::string small_model(const TemporaryFolder& folder) {
  test::GraphBuilder b({.h = 5, .w = 4, .c = 2}, Rng(1));
  const int stem = b.conv(0, 3, 3, 1, ir::Activation::kRelu6);
  const int sum = b.add(stem, b.depthwise(stem, 3));
  const ir::Graph graph = test::quantize_on_noise(b.finish(b.dense(b.global_pool(sum), 4)), Rng(2));
  export_onnx(graph, {{"key", "value"}}, folder / "model.onnx");
  return read_file(folder / "model.onnx");
}

/// A damaged file must be refused with one of our errors, or read as some valid graph.
void import_bytes(const TemporaryFolder& folder, const std::string& bytes) {
  // Not write_file: it waits for the disk, thousands of times.
  std::ofstream(folder / "damaged.onnx", std::ios::binary) << bytes;
  try {
    ir::validate(import_onnx(folder / "damaged.onnx").graph);
  } catch (const InternalError& error) {
    FAIL(error.what());
  } catch (const Error& error) {
    const std::string message = error.what();
    CHECK(message.find("damaged.onnx: ") != std::string::npos);
  }
}

}  // namespace

TEST_CASE("every truncation of a model is refused or read, never a crash") {
  const TemporaryFolder folder;
  const std::string bytes = small_model(folder);
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 200)
    import_bytes(folder, bytes.substr(0, size));
}

TEST_CASE("models with random damage are refused or read, never a crash") {
  const TemporaryFolder folder;
  const std::string bytes = small_model(folder);
  Rng rng(7);
  for (int round = 0; round < 1500; ++round) {
    CAPTURE(round);
    std::string damaged = bytes;
    for (int i = rng.between(1, 8); i > 0; --i) {
      const std::size_t at = rng.below(damaged.size());
      switch (rng.below(3)) {
        case 0:
          damaged[at] = static_cast<char>(rng.below(256));
          break;
        case 1:
          damaged.erase(at, rng.below(20));
          break;
        default:
          damaged.insert(at, damaged.substr(rng.below(damaged.size()), rng.below(20)));
          break;
      }
    }
    import_bytes(folder, damaged);
  }
}

TEST_CASE("files that are no models are refused by name") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(import_onnx(folder / "missing.onnx"), IoError);
  write_file(folder / "text.onnx", "this is not a model");
  CHECK_THROWS_AS(import_onnx(folder / "text.onnx"), IoError);
  CHECK_THROWS_WITH(import_onnx(folder / "text.onnx"),
                    Catch::Contains("text.onnx: not an ONNX model, or damaged"));
}

TEST_CASE("an unknown operator is refused with its node") {
  const TemporaryFolder folder;
  std::string bytes = small_model(folder);
  const std::size_t at = bytes.find("GlobalAveragePool");
  REQUIRE(at != std::string::npos);
  bytes.replace(at, 17, "GlobalPainfulPool");
  write_file(folder / "model.onnx", bytes);
  CHECK_THROWS_AS(import_onnx(folder / "model.onnx"), UnsupportedError);
  CHECK_THROWS_WITH(import_onnx(folder / "model.onnx"), Catch::Contains("node 'layer3' (GlobalPainfulPool)"));
}

}  // namespace tinynas::onnx
