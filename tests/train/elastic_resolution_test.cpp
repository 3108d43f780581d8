#include <array>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/train/evaluate.h"
#include "tinynas/train/loader.h"
#include "tinynas/train/resize.h"
#include "tinynas/train/stages.h"
#include "train/support.h"

using namespace tinynas;
using namespace tinynas::train;

namespace {

std::vector<std::uint32_t> first_indices(std::uint32_t count) {
  std::vector<std::uint32_t> indices(count);
  for (std::uint32_t i = 0; i < count; ++i) indices[i] = i;
  return indices;
}

/// The quadrants as images of 12 pixels, and networks of 6, 8 and 10.
struct ElasticContext : test::QuadrantContext {
  ElasticContext() {
    train = test::quadrant_images(256, 12, 4, Rng(1));
    validation = test::quadrant_images(128, 12, 4, Rng(2));
    context.space.resolutions = {6, 8, 10};
    context.space.elastic_resolution = true;
  }
};

space::Genome with_resolution(space::Genome genome, std::uint8_t resolution) {
  genome.resolution = resolution;
  return genome;
}

std::vector<search::Measurement> elastic_answers(const Context& context, const std::filesystem::path& folder,
                                                 std::span<const space::Genome> genomes) {
  return supernet_oracle(context, folder, 4096)(genomes, search::kNoCutoff, StopToken());
}

}  // namespace

TEST_CASE("a resized batch is data::resize's images but for their rounding to bytes") {
  const data::PixelScaling pixels{.scale = 0.5F, .zero_point = -20};
  Rng rng(3);
  data::ImageSet noise{.h = 29, .w = 31, .c = 3, .pixels = {}, .labels = std::vector<std::uint16_t>(6)};
  for (std::size_t i = 0; i < noise.size() * noise.image_bytes(); ++i)
    noise.pixels.push_back(static_cast<std::uint8_t>(rng.below(256)));
  const auto indices = first_indices(6);
  const torch::Tensor whole = plain_batch(noise, indices, pixels).images;
  for (const int side : {13, 24, 35}) {
    INFO(side);
    const torch::Tensor resized = resize_batch(whole, side);
    const torch::Tensor expected = plain_batch(data::resize(noise, side, side), indices, pixels).images;
    REQUIRE(resized.sizes() == expected.sizes());
    const double worst = (resized - expected).abs().max().item<double>();
    CHECK(worst <= 0.5 * (0.5 + 1.0 / 512) + 1e-4);
    CHECK(worst > 0.2);
    CHECK(resized.is_contiguous(torch::MemoryFormat::ChannelsLast));
    // A process that holds a part of the batch has the same bits.
    CHECK(resize_batch(whole.slice(0, 2, 5), side).equal(resized.slice(0, 2, 5)));
  }
  const torch::Tensor square = plain_batch(data::resize(noise, 8, 8), indices, pixels).images;
  CHECK(resize_batch(square, 8).is_same(square));
}

TEST_CASE("a supernet learns at all of its resolutions") {
  const ElasticContext q;
  for (const std::string name : {"uniform", "sandwich"}) {
    INFO(name);
    Recipe recipe = test::quick_recipe();
    recipe.name = name;
    if (name == "uniform") recipe.epochs = 6;
    const test::TemporaryFolder folder;
    train_supernet(q.context, recipe, folder.path(), {}, {});
    std::vector<space::Genome> genomes;
    for (const std::uint8_t resolution : {0, 1, 2})
      for (const space::Genome& genome : {space::largest(q.context.space), space::smallest(q.context.space)})
        genomes.push_back(with_resolution(genome, resolution));
    const auto answers = elastic_answers(q.context, folder.path(), genomes);
    for (std::size_t i = 0; i < genomes.size(); ++i) {
      INFO(space::to_string(q.context.space, genomes[i]));
      CHECK(answers[i].accuracy > 90);  // 25 by chance
    }
  }
}

TEST_CASE("a network is evaluated on the images it will be given: resized from the data set's own") {
  const ElasticContext q;
  const test::TemporaryFolder folder;
  Recipe recipe = test::quick_recipe();
  recipe.epochs = 1;
  recipe.learning_rate = 0.3;  // so that not everything is right
  train_supernet(q.context, recipe, folder.path(), {}, {});
  for (const std::uint8_t resolution : {0, 2}) {
    const space::Genome genome = with_resolution(space::largest(q.context.space), resolution);
    const int side = q.context.space.resolutions[resolution];
    const data::ImageSet train = data::resize(q.train, side, side),
                         validation = data::resize(q.validation, side, side);
    Context alone = q.context;
    alone.space = space::at_resolution(q.context.space, resolution);
    alone.train = &train;
    alone.validation = &validation;
    Recipe none = test::quick_recipe();
    none.epochs = 0;
    const Tuned extracted = tune(alone, with_resolution(genome, 0), none, folder.path(), {}, {}, {});
    CHECK(elastic_answers(q.context, folder.path(), std::array{genome})[0].accuracy == extracted.accuracy);
  }
}

TEST_CASE("training at several resolutions, stopped and resumed, ends at the same bits") {
  const ElasticContext q;
  Recipe recipe = test::quick_recipe();
  recipe.name = "progressive";
  recipe.epochs = 2;
  const test::TemporaryFolder whole, broken;
  train_supernet(q.context, recipe, whole.path(), {}, {});
  const StopToken stop;
  const ProgressFn stop_at_20 = [count = 0, stop](const Progress&) mutable {
    if (++count == 20) stop.request_stop();  // epochs have 16 steps
  };
  CHECK_THROWS_AS(train_supernet(q.context, recipe, broken.path(), stop_at_20, stop), InterruptedError);
  train_supernet(q.context, recipe, broken.path(), {}, {});
  CHECK(read_file(whole / "supernet.pt") == read_file(broken / "supernet.pt"));

  Context other = q.context;
  other.space.resolutions = {6, 10};  // the same largest and smallest
  CHECK_THROWS_WITH(train_supernet(other, recipe, whole.path(), {}, {}), Catch::Contains("other settings"));
}

TEST_CASE("training speed is measured at all resolutions") {
  const ElasticContext q;
  CHECK(measure_training_macs_per_second(q.context, {.batch = 32}) > 0);
}
