#include "app/self_test.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/run/files.h"
#include "tinynas/core/error.h"
#include "tinynas/core/log.h"
#include "tinynas/core/rng.h"
#include "tinynas/core/units.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::app {
namespace {

constexpr std::int64_t kMostImages = 4;
constexpr Bytes kMostBytes = 128 * kKiB;

const ir::Shape& input_of(const ir::Graph& graph) {
  return graph.tensors[static_cast<std::size_t>(graph.input)];
}

/// What else can be done where the test images cannot be read.
std::string without_images(const RunDirectory& run, const Error& error) {
  return fmt::format(
      "{} (in {}); the self-test takes its inputs from there: --self-test 0 leaves it out, {} instead of {} "
      "tests "
      "with random inputs",
      error.what(), (run / kConfigFile).string(), (run / kModelFile).string(), run.path().string());
}

}  // namespace

int usual_self_test_images(const ir::Graph& graph) {
  return static_cast<int>(
      std::clamp(kMostBytes / std::max<Bytes>(ir::input_elements(graph), 1), std::int64_t{1}, kMostImages));
}

SelfTestInputs random_inputs(std::optional<int> count) {
  return [count](const ir::Graph& graph) {
    engine::SelfTest made{.source = "random values, as there is no data set at hand"};
    const Rng rng(1);
    for (int i = 0; i < count.value_or(usual_self_test_images(graph)); ++i) {
      Rng image_rng = rng.fork("self-test", static_cast<std::uint64_t>(i));
      auto& image = made.images.emplace_back();
      for (Bytes k = 0; k < ir::input_elements(graph); ++k)
        image.push_back(static_cast<std::int8_t>(image_rng.between(-128, 127)));
    }
    return made;
  };
}

engine::SelfTest test_image_inputs(Images& images, const std::string& data_set, const ir::Graph& graph,
                                   std::optional<int> count) {
  const int wanted = count.value_or(usual_self_test_images(graph));
  const data::ImageSet first = images.first_test(wanted, input_of(graph).h);
  if (count && first.size() < static_cast<std::size_t>(wanted))
    log_warning(fmt::format("smaller_self_test asked={} images={} reason=\"the run has no more test images\"",
                            wanted, first.size()));
  engine::SelfTest made{
      .source = first.size() == 1 ? fmt::format("the first test image of {}", data_set)
                                  : fmt::format("the first {} test images of {}", first.size(), data_set)};
  for (std::size_t i = 0; i < first.size(); ++i) made.images.push_back(quant::pixels_to_int8(first.image(i)));
  return made;
}

SelfTestInputs test_images_of(const RunDirectory& run, std::optional<int> count) {
  return [run, count](const ir::Graph& graph) -> engine::SelfTest {
    if (count == 0) return {};
    try {
      Images images(run.experiment());
      return test_image_inputs(images, run.experiment().data.set, graph, count);
    } catch (const IoError& gone) {
      throw IoError(without_images(run, gone));
    } catch (const ConfigError& wrong) {  // a data set without its folder
      throw ConfigError(without_images(run, wrong));
    }
  };
}

}  // namespace tinynas::app
