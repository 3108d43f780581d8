// Writes what the fuzz targets begin with: small valid files, made by the project's own writers.
//   fuzz_seeds FOLDER        FOLDER/onnx/..., one folder a target
#include <fmt/format.h>

#include "data/pictures.h"
#include "import/tflite_writer.h"
#include "support/quantized_graphs.h"
#include "tinynas/app/experiment.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/fit.h"
#include "tinynas/onnx/onnx.h"

using namespace tinynas;
namespace fs = std::filesystem;

namespace {

std::string small_tflite(test::TfliteOp relu) {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 4, 4, 2}, 0.5F, -3);
  const int mid = writer.int8("mid", {1, 4, 4, 3}, 0.5F, -128);
  const int made = writer.int8("made", {1, 4, 4, 3}, 0.5F, 3);
  const int sum = writer.int8("sum", {1, 4, 4, 3}, 0.25F, 3);
  const int out = writer.int8("out", {1, 1, 1, 3}, 0.5F, -128);
  const int weights = writer.weights({3, 1, 1, 2}, {1, 2, 3}, {1, 2, 3, 4, 5, 6});
  writer.node(test::kTfConv, {in, weights, writer.int32({3}, {1, 2, 3})}, {mid},
              {{0, 1, 0}, {1, 4, 1}, {2, 4, 1}, {3, 1, 1}});
  writer.node(relu, {mid}, {made}, {});
  writer.node(test::kTfAdd, {mid, made}, {sum}, {});
  writer.node(test::kTfAveragePool, {sum}, {out}, {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}, {3, 4, 4}, {4, 4, 4}});
  return writer.finish({in}, {out});
}

void write_models(const fs::path& folder) {
  write_file(folder / "tflite/tanh", small_tflite(test::kTfTanh));
  write_file(folder / "tflite/leaky_relu", small_tflite(test::kTfLeakyRelu));
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const ir::Graph network = test::quantize_on_noise(test::every_operation(Rng(seed)), Rng(seed));
    onnx::export_onnx(network, {{"tinynas.version", "fuzz"}}, folder / fmt::format("onnx/own{}", seed));
    // The same without our name: read as a file of others.
    std::string foreign = read_file(folder / fmt::format("onnx/own{}", seed), 1 << 24);
    if (const auto name = foreign.find("tinynas"); name != std::string::npos) foreign[name] = 'T';
    write_file(folder / fmt::format("onnx/foreign{}", seed), foreign);
  }
}

void write_texts(const fs::path& folder) {
  for (const char* shared : {"configs", "configs/devices", "configs/cores", "search_spaces"})
    for (const auto& file : fs::directory_iterator(fs::path(TINYNAS_SOURCE_TREE) / shared))
      if (file.path().extension() == ".yaml")
        write_file(folder / "yaml" / file.path().filename(), read_file(file.path(), 1 << 20));
  const ir::Graph network = test::random_quantized_network(Rng(4));
  std::vector<cost::LayerSample> samples;
  for (const ir::Layer& layer : network.layers)
    samples.push_back(cost::layer_sample(network, layer, cost::KernelIsa::kDsp, 1000));
  write_file(folder / "csv/measured", "# core: cortex-m4\n" + cost::samples_text(samples));
  write_file(folder / "csv/empty", cost::sample_sheet(network, cost::KernelIsa::kMve));
}

void write_pictures(const fs::path& folder) {
  for (const int channels : {1, 3}) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(9 * 7 * channels));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37);
    write_file(folder / fmt::format("picture/jpeg{}", channels), test::jpeg(9, 7, channels, pixels));
    write_file(folder / fmt::format("picture/png{}", channels),
               test::png(9, 7, channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB, pixels));
  }
}

void write_arrays(const fs::path& folder) {
  for (const char* type : {"<f4", "|u1"}) {
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': (1, 2, 3), }}", type);
    header.resize(118, ' ');
    header.back() = '\n';
    const std::string before("\x93NUMPY\x01\x00\x76\x00", 10);
    write_file(folder / fmt::format("numpy/{}", type[1]), before + header + std::string(24, '\x3f'));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "fuzz_seeds FOLDER\n");
    return 2;
  }
  const fs::path folder = arguments[1];
  write_models(folder);
  write_texts(folder);
  write_pictures(folder);
  write_arrays(folder);
  return 0;
}
