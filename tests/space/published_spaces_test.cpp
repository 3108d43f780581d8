// Which space MCUNet chose (arXiv:2007.10319, model zoo): its ImageNet models for 256 kB, 320 kB and 512 kB
// of SRAM are of w0.5-r160, w0.5-r176 and w1.0-r160. Largest mean MACs under TinyEngine's memory rules, with
// 32 kB of SRAM kept free.
#include "support/catch.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/engines.h"
#include "tinynas/space/rank.h"

using namespace tinynas;

TEST_CASE("ranking under TinyEngine's rules picks the spaces of the published models") {
  struct Row {
    Bytes sram, flash;
    double width;
    int resolution;
  };
  constexpr Bytes kReserve = 32 * kKiB;
  const auto space = space::SearchSpace::load(find_resource("search_spaces/mcunet.yaml"));
  const cost::Device device = cost::load_device("stm32f746", "test");
  const auto engine = [&device] {
    return space::CostFn(cost::BaselineEvaluator(device, cost::Engine::kTinyEngine));
  };
  for (const Row& row : {Row{256 * kKiB, kMiB, 0.5, 160}, Row{320 * kKiB, kMiB, 0.5, 176},
                         Row{512 * kKiB, 2 * kMiB, 1.0, 160}}) {
    const space::Ranking ranking =
        space::rank({.space = space,
                     .task = {.input_channels = 3, .classes = 1000},
                     .budget = {.sram_bytes = row.sram - kReserve, .flash_bytes = row.flash},
                     .cost = engine},
                    {.samples = 1000});
    REQUIRE(ranking.winner);
    CHECK(ranking.spaces[*ranking.winner].width == row.width);
    CHECK(ranking.spaces[*ranking.winner].resolution == row.resolution);
  }
}
