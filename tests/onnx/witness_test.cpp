// ONNX Runtime as an independent witness of the interpreter. Needs node and onnxruntime-node
// (tools/install-deps --tests); says "skipped" without.
#include "tinynas/onnx/witness.h"

#include <sys/wait.h>

#include <cstdlib>
#include <iostream>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/files.h"

namespace tinynas::onnx {
namespace {

constexpr int kNotInstalled = 77;
constexpr int kCommandNotFound = 127;

/// Exit code of witness.mjs; its text goes to `report.txt` in the folder.
int run_witness(const test::TemporaryFolder& folder) {
  const std::string script = std::string(TINYNAS_SOURCE_TREE) + "/tools/onnxruntime/witness.mjs";
  const std::string command = "node '" + script + "' '" + folder.path().string() + "' > '" +
                              (folder / "report.txt").string() + "' 2>&1";
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void judge(const ir::Graph& graph, Rng rng) {
  const test::TemporaryFolder folder;
  const auto size = ir::input_elements(graph);
  write_witness(graph, test::random_pixels(rng, 40 * size), {.layer_images = 20}, folder.path());
  const int code = run_witness(folder);
  if (code == kNotInstalled || code == kCommandNotFound) {
    std::cout << "skipped: ONNX Runtime as witness: node or onnxruntime-node is not installed\n";
    return;
  }
  INFO(read_file(folder / "report.txt"));
  CHECK(code == 0);
}

}  // namespace

TEST_CASE("ONNX Runtime agrees with the interpreter, layer by layer and end to end") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    judge(test::random_quantized_network(Rng(seed), 4), Rng(100 + seed));
}

TEST_CASE("ONNX Runtime agrees on every operation") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    judge(test::quantize_on_noise(test::every_operation(Rng(seed)), Rng(50 + seed)), Rng(100 + seed));
}

TEST_CASE("ONNX Runtime agrees on several inputs and outputs") {
  judge(test::quantize_on_noise(test::several_ends(Rng(3)), Rng(53)), Rng(103));
}

TEST_CASE("ONNX Runtime agrees where values move") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    judge(test::quantize_on_noise(test::moving_network(Rng(seed)), Rng(50 + seed)), Rng(100 + seed));
}

TEST_CASE("ONNX Runtime agrees on dense layers in a row") {
  test::GraphBuilder b({.h = 1, .w = 1, .c = 30}, Rng(8));
  const int hidden = b.dense(b.dense(0, 20, ir::Activation::kRelu), 20);
  judge(test::quantize_on_noise(b.finish(b.dense(b.add(hidden, hidden), 5)), Rng(9)), Rng(10));
}

}  // namespace tinynas::onnx
