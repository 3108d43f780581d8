// Where the inputs of the firmware's self-test come from.
#include "tinynas/app/self_test.h"

#include <sys/wait.h>

#include <cstdlib>

#include "app/support.h"
#include "support/catch.h"
#include "support/quantized_graphs.h"
#include "tinynas/app/pipeline.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas {
namespace {

using test::TemporaryFolder;

ir::Graph network_of(const ir::Shape& input, int classes = 10) {
  test::GraphBuilder b(input, Rng(5));
  const int features = b.conv(0, 8, 3, 2, ir::Activation::kRelu6);
  return test::quantize_on_noise(b.finish(b.dense(b.global_pool(features), classes)), Rng(6));
}

/// A folder "run" with a model for the tiny images, as a finished run leaves it.
void write_run(const TemporaryFolder& folder) {
  const auto run = app::RunDirectory::create(folder / "run", test::tiny_experiment(folder.path()));
  onnx::export_onnx(network_of({.h = 12, .w = 12, .c = 1}), {}, run / "model.onnx");
}

/// Exit code and standard error of `tinynas compile arguments` in the folder.
std::pair<int, std::string> compile(const TemporaryFolder& folder, const std::string& arguments) {
  const std::string command = "cd '" + folder.path().string() + "' && '" TINYNAS_EXECUTABLE "' compile " +
                              arguments + " >.stdout 2>.stderr";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder / ".stderr")};
}

/// The first numbers of the vectors' inputs, as the generated C has them.
std::string first_inputs(const std::string& vectors, int count) {
  const std::size_t begin = vectors.find("    {") + 5;
  std::size_t end = begin;
  for (; count > 0; --count) end = vectors.find(',', end) + 1;
  return vectors.substr(begin, end - begin);
}

TEST_CASE("a compiled run tests itself on the first of its test images") {
  const TemporaryFolder folder;
  write_run(folder);
  REQUIRE(compile(folder, "run -o out") == std::pair(0, std::string()));
  const std::string vectors = read_file(folder / "out/model_vectors.c");
  CHECK(vectors.find("Inputs: the first 4 test images of fashion-mnist.") != std::string::npos);
  CHECK(vectors.find("model_vectors_inputs[4][144]") != std::string::npos);
  const std::string images = read_file(folder / "images/t10k-images-idx3-ubyte").substr(16);
  std::string expected;
  for (int i = 0; i < 12; ++i)
    expected += std::to_string(static_cast<unsigned char>(images[static_cast<std::size_t>(i)]) - 128) + ",";
  CHECK(first_inputs(vectors, 12) == expected);

  REQUIRE(compile(folder, "run -o one --self-test 1") == std::pair(0, std::string()));
  CHECK(read_file(folder / "one/model_vectors.c").find("the first test image of") != std::string::npos);
  const auto [code, warning] = compile(folder, "run -o all --self-test 1000");  // there are 30
  REQUIRE(code == 0);
  CHECK(std::count(warning.begin(), warning.end(), '\n') == 1);
  CHECK(warning.find("smaller_self_test asked=1000 images=30") != std::string::npos);
  CHECK(read_file(folder / "all/model_self_test.h").find("_SELF_TEST_IMAGES 30\n") != std::string::npos);
}

TEST_CASE("a compiled file tests itself on random values, the same every time") {
  const TemporaryFolder folder;
  write_run(folder);
  REQUIRE(compile(folder, "run/model.onnx -o a").first == 0);
  REQUIRE(compile(folder, "run/model.onnx -o b").first == 0);
  const std::string vectors = read_file(folder / "a/model_vectors.c");
  CHECK(vectors.find("Inputs: random values") != std::string::npos);
  CHECK(vectors == read_file(folder / "b/model_vectors.c"));
}

TEST_CASE("where a run's data set is missing, compile says what else may be done") {
  const TemporaryFolder folder;
  write_run(folder);
  std::filesystem::remove_all(folder / "images");
  const auto [code, error] = compile(folder, "run -o out");
  CAPTURE(error);
  CHECK(code == 3);
  CHECK(std::count(error.begin(), error.end(), '\n') == 1);
  CHECK(error.find("images: no such folder") != std::string::npos);
  CHECK(error.find("--self-test 0 leaves it out, run/model.onnx instead of run") != std::string::npos);
  CHECK(compile(folder, "run -o out --self-test 0") == std::pair(0, std::string()));
  CHECK_FALSE(std::filesystem::exists(folder / "out/model_self_test.c"));
  CHECK(compile(folder, "run/model.onnx -o out").first == 0);
  CHECK(compile(folder, "run --self-test -1").first == 2);
}

TEST_CASE("a run whose data set is gone still makes its firmware, and says what it is tested on") {
  const TemporaryFolder folder;
  test::FakeTraining training;
  const app::RunDirectory run = app::start_run(folder / "run", test::tiny_experiment(folder.path()));
  app::run_pipeline(run, training.stages(), "compile", {}, {});
  CHECK(run.read("firmware/model_vectors.c").find("test images of fashion-mnist") != std::string::npos);
  run.remove({"firmware", "compile.json"});
  std::filesystem::remove_all(folder / "images");
  app::run_pipeline(run, training.stages(), "compile", {}, {});
  CHECK(run.read("firmware/model_vectors.c").find("Inputs: random values") != std::string::npos);
  CHECK(run.read("log.txt").find("self_test_without_test_images inputs=random") != std::string::npos);
}

TEST_CASE("inputs of a self-test that nobody counts take at most 128 KB of Flash") {
  const auto usual = [](const ir::Shape& input) {
    return app::usual_self_test_images({.tensors = {input}, .input = 0});
  };
  CHECK(usual({.h = 1, .w = 1, .c = 1}) == 4);
  CHECK(usual({.h = 96, .w = 96, .c = 3}) == 4);    // 4 of 27,648 bytes
  CHECK(usual({.h = 128, .w = 128, .c = 3}) == 2);  // 2 of 49,152
  CHECK(usual({.h = 224, .w = 224, .c = 3}) == 1);  // 150,528
}

}  // namespace
}  // namespace tinynas
