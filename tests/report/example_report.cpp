#include "example_report.h"

#include <algorithm>
#include <cmath>

#include "tinynas/core/rng.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/plan.h"
#include "tinynas/space/lower.h"

namespace tinynas::test {
namespace {

space::SearchSpace mcunet() {
  return space::SearchSpace::load(std::string(TINYNAS_SOURCE_TREE) + "/search_spaces/mcunet.yaml");
}

/// Curves that behave as the real ones do: a share that falls with width and resolution, MACs that grow.
std::vector<report::RankedSpace> example_ranking(const space::SearchSpace& space) {
  std::vector<report::RankedSpace> ranking;
  Rng rng(7);
  for (const int resolution : space.resolutions) {
    for (const double width : space.widths) {
      const double size = resolution * std::sqrt(width) / 224;
      report::RankedSpace row{.resolution = resolution, .width = width, .samples = 1000};
      row.fit_share = std::clamp(1.7 - 2.0 * size, 0.0, 1.0);
      const double typical = 190e6 * size * size * width;
      for (int i = 0; i < static_cast<int>(200 * row.fit_share); ++i)
        row.fit_macs.push_back(static_cast<Macs>(typical * std::exp(0.25 * rng.normal())));
      for (const Macs macs : row.fit_macs)
        row.mean_macs += static_cast<double>(macs) / static_cast<double>(row.fit_macs.size());
      if (row.fit_share < 0.01) row.set_aside = "fewer than 1 % fit";
      ranking.push_back(std::move(row));
    }
  }
  const auto most = std::max_element(ranking.begin(), ranking.end(),
                                     [](const auto& a, const auto& b) { return a.mean_macs < b.mean_macs; });
  most->chosen = true;
  return ranking;
}

std::vector<report::SearchPoint> example_search(Rng rng, int count, double gain) {
  std::vector<report::SearchPoint> points;
  for (int i = 0; i < count; ++i) {
    const double macs = 3e6 + 5e6 * rng.uniform();
    const double progress = gain * (1 - std::exp(-3.0 * i / count));
    points.push_back({.accuracy = 86 + 3.5 * std::log(macs / 3e6) + progress + 0.5 * rng.normal(),
                      .macs = static_cast<Macs>(macs),
                      .sram_bytes = 15000,
                      .flash_bytes = 90000,
                      .genome = "genome " + std::to_string(i)});
  }
  return points;
}

/// Ten classes, of which the fifth to seventh are hard.
report::Classification example_classes() {
  const std::vector<std::string> names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                          "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  std::vector<std::uint16_t> labels, answers;
  Rng rng(5);
  for (int i = 0; i < 10000; ++i) {
    const auto label = static_cast<std::uint16_t>(i % 10);
    labels.push_back(label);
    const bool right = rng.uniform() < (label >= 4 && label <= 6 ? 0.8 : 0.96);
    answers.push_back(right ? label : static_cast<std::uint16_t>(rng.below(10)));
  }
  return report::classify(labels, answers, names);
}

std::vector<report::EpochPoint> example_training(int epochs, double start) {
  std::vector<report::EpochPoint> points;
  for (int e = 1; e <= epochs; ++e)
    points.push_back({.epoch = static_cast<double>(e),
                      .loss = start * std::exp(-0.25 * e) + 0.2,
                      .accuracy = 92 - 22 * start * std::exp(-0.35 * e)});
  return points;
}

}  // namespace

report::Profile example_profile(int resolution) {
  space::SearchSpace space = mcunet();
  space.resolutions = {resolution};
  space.widths = {0.5};
  Rng rng(11);
  const space::Genome genome = space::sample(space, rng);
  report::Profile p{
      .model = space::to_string(space, genome),
      .graph = space::lower_named(space, {.input_channels = 3, .classes = 2}, genome),
      .schedule = {},
      .footprint = {},
      .layers = {},
      .device = cost::load_device("stm32f746", "test"),
      .budget = {
          .sram_bytes = 320 * kKiB, .flash_bytes = kMiB, .macs = {}, .latency_ms = 400, .energy_mj = {}}};
  p.schedule =
      cost::plan(p.graph, {.input = cost::InputMode::kRows, .isa = cost::core_info(p.device.core).isa});
  p.footprint = cost::footprint(p.graph, p.schedule, p.device);
  p.layers = cost::layer_costs(p.graph, p.schedule, p.device);
  return p;
}

report::RunReport example_report() {
  const std::string held_out = "held-out training images", test = "test images";
  report::RunReport page;
  page.title = "fashion-mnist on stm32f746";
  page.network = example_profile();
  page.accuracy = {{"supernet", 90.42, 5000, held_out}, {"tuned", 92.14, 5000, held_out},
                   {"int8", 92.08, 5000, held_out},     {"float", 92.01, 10000, test},
                   {"int8", 91.93, 10000, test},        {"emulated", 93.00, 100, test}};
  page.by_class = example_classes();
  page.ranking = example_ranking(mcunet());
  page.training = example_training(12, 1.0);
  page.tuning = example_training(5, 0.3);
  page.evolution = example_search(Rng(1), 2100, 1.6);
  page.random_search = example_search(Rng(2), 2100, 0);
  page.genome = page.evolution.back().genome;
  page.stages = {{"rank", 4.2, {}, "chose r144-w0.5"},
                 {"train", 412.6, 420.0, "12 epochs"},
                 {"search", 151.3, 154.0, "2,100 networks"},
                 {"tune", 122.9, 126.0, "92.14 %"},
                 {"quantize", 9.4, {}, "500 images"},
                 {"export", 0.6, {}, ""},
                 {"eval", 21.8, {}, "91.93 %"},
                 {"compile", 0.4, {}, ""},
                 {"emulate", 33.1, {}, "100 images, all bytes equal"}};
  page.time_limit_s = 900;
  page.files = {{"model.onnx", 143210, "the network, int8, ONNX with QuantizeLinear and DequantizeLinear"},
                {"firmware/model.c", 48211, "the network in C"}};
  page.facts = {{"seed", "1"}, {"tinynas", "0.1.0"}, {"config", "91c2e0f7a5b3d811"}};
  page.config = "data: { set: fashion-mnist }\ndevice: stm32f746\nbudget: { sram: 320K, flash: 1M }\n";
  return page;
}

}  // namespace tinynas::test
