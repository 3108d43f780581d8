// tinynas-witness RUN FOLDER [LAYER_IMAGES] [IMAGES]
// Writes RUN/model.onnx, layer by layer, with the interpreter's values on the first test images, for
// witness.mjs.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>

#include "tinynas/app/run_directory.h"
#include "tinynas/core/error.h"
#include "tinynas/data/dataset.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/onnx/witness.h"

namespace {

using namespace tinynas;

std::size_t count_argument(std::string_view text) {
  std::size_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{} || end != text.data() + text.size() || count == 0)
    throw ConfigError(fmt::format("tinynas-witness: '{}' is no number of images", text));
  return count;
}

void dump(const std::filesystem::path& folder, const std::filesystem::path& to, std::size_t layer_images,
          std::size_t images) {
  const auto run = app::RunDirectory::open(folder);
  const ir::Graph graph = onnx::import_onnx(run / "model.onnx").graph;
  const ir::Shape& input = graph.tensors[static_cast<std::size_t>(graph.input)];
  data::ImageSet test = data::load_dataset(run.experiment().data.set, run.experiment().data.folder).test;
  images = std::min(images, test.size());
  test.pixels.resize(images * test.image_bytes());
  test.labels.resize(images);
  test = data::resize(test, input.h, input.w);
  onnx::write_witness(graph, test.pixels, {.layer_images = layer_images}, to);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3 || count > 5) {
    std::fputs("usage: tinynas-witness RUN FOLDER [LAYER_IMAGES] [IMAGES]\n", stderr);
    return static_cast<int>(ExitCode::kUsage);
  }
  constexpr std::size_t kLayerImages = 100;
  constexpr std::size_t kImages = 1000;
  try {
    dump(arguments[1], arguments[2], count > 3 ? count_argument(arguments[3]) : kLayerImages,
         count > 4 ? count_argument(arguments[4]) : kImages);
  } catch (const Error& error) {
    std::fputs((std::string(error.what()) + "\n").c_str(), stderr);
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fputs((std::string(error.what()) + "\n").c_str(), stderr);
    return static_cast<int>(ExitCode::kInternal);
  }
  return 0;
}
