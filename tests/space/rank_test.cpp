#include "tinynas/space/rank.h"

#include <algorithm>
#include <set>

#include "space/support.h"
#include "support/catch.h"
#include "tinynas/core/parallel.h"
#include "tinynas/space/sweep.h"

using namespace tinynas;
using Catch::Matchers::Contains;
using space::Standing;

namespace {

/// Counts weights as Flash and the largest tensor as SRAM: no kernels, no planner.
space::CostFactory simple_cost() {
  return [] {
    return [](const ir::Graph& graph) {
      cost::Footprint cost;
      cost.macs = ir::graph_macs(graph);
      for (const ir::Layer& layer : graph.layers) cost.params += ir::layer_weights(graph, layer);
      cost.flash_bytes = cost.params;
      for (const ir::Shape& tensor : graph.tensors)
        cost.sram_bytes = std::max(cost.sram_bytes, tensor.bytes());
      return cost;
    };
  };
}

space::RankProblem problem(const cost::Budget& budget) {
  return {.space = test::tiny_space(),
          .task = {.input_channels = 1, .classes = 4},
          .budget = budget,
          .cost = simple_cost(),
          .untrainable = {}};
}

constexpr space::RankOptions kOptions{.samples = 300, .least_share = 0.01, .seed = 5};

}  // namespace

TEST_CASE("without limits every network fits and the largest space wins") {
  const auto ranking = space::rank(problem({}), kOptions);
  REQUIRE(ranking.spaces.size() == 4);  // 2 resolutions x 2 widths
  REQUIRE(ranking.winner == 3);
  CHECK(ranking.spaces[3].resolution == 12);
  CHECK(ranking.spaces[3].width == 1.0);
  for (const auto& one : ranking.spaces) {
    CHECK(one.share() == 1);
    CHECK(one.macs.size() == 300);
    CHECK(std::is_sorted(one.macs.begin(), one.macs.end()));
    double sum = 0;
    for (const Macs macs : one.macs) sum += static_cast<double>(macs);
    CHECK(one.mean_macs == Approx(sum / 300));
  }
}

TEST_CASE("a Flash limit makes a narrow space at a high resolution win") {
  // Weights do not depend on the resolution. The smallest network of width 1.0 has 72 (stem) + 72 + 64
  // (first)
  // + 72 + 128 + 2 * (144 + 256) (blocks without expand) + 64 (classifier) of them: with one byte less none
  // fits.
  const auto ranking = space::rank(problem({.flash_bytes = 1271}), kOptions);
  REQUIRE(ranking.winner == 2);  // r12-w0.5
  CHECK(ranking.spaces[1].fitting == 0);
  CHECK(ranking.spaces[3].fitting == 0);
  CHECK(ranking.spaces[2].share() < 1);
  CHECK(ranking.spaces[2].mean_params <= 1271);
}

TEST_CASE("a space of which too little fits is set aside, even if that little is the best") {
  const auto free = space::rank(problem({}), kOptions);
  // The fifth-smallest of 300 networks of the largest space: 1.7 % fit.
  const cost::Budget budget{.macs = free.spaces[3].macs[4]};
  auto options = kOptions;
  options.least_share = 0.05;
  const auto ranking = space::rank(problem(budget), options);
  CHECK(ranking.spaces[3].standing == Standing::kTooFewFit);
  CHECK(ranking.spaces[3].reason == "5 of 300 sampled networks fit, 5 % are wanted");
  REQUIRE(ranking.winner);
  CHECK(*ranking.winner != 3);
  CHECK(space::rank(problem(budget), kOptions).spaces[3].standing == Standing::kRanked);
}

TEST_CASE("the caller's predicate sets spaces aside with its reason") {
  auto slow = problem({});
  slow.untrainable = [](const space::SpaceRank& one) {
    return one.resolution == 12 ? std::string("2.1 epochs in the time, 6 are wanted") : std::string();
  };
  const auto ranking = space::rank(slow, kOptions);
  REQUIRE(ranking.winner == 1);  // r8-w1.0
  CHECK(ranking.spaces[3].standing == Standing::kNotTrainable);
  CHECK(ranking.spaces[3].reason == "2.1 epochs in the time, 6 are wanted");

  slow.untrainable = [](const space::SpaceRank&) { return std::string("no time at all"); };
  const auto none = space::rank(slow, kOptions);
  CHECK_FALSE(none.winner);
  CHECK_THAT(space::explain_no_winner(none),
             Contains("all 4 spaces were set aside") && Contains("no time at all"));
}

TEST_CASE("an impossible budget tells the smallest need for each limit and which network has it") {
  const auto ranking = space::rank(problem({.sram_bytes = 10, .flash_bytes = 20}), kOptions);
  CHECK_FALSE(ranking.winner);
  CHECK_FALSE(ranking.any_fits());
  REQUIRE(ranking.needs.needs.size() == 2);
  // Smallest network, r8-w0.5: its largest tensor is the stem's 4 x 4 x 8.
  CHECK(ranking.needs.needs[0].limit == "sram");
  CHECK(ranking.needs.needs[0].least == 128);
  CHECK_THAT(ranking.needs.needs[0].genome, Catch::Matchers::StartsWith("r8-w0.5"));
  // Weights: stem 72, first 72 + 64, three blocks of 8 channels without expand 3 * (72 + 64), classifier 8
  // * 4.
  CHECK(ranking.needs.needs[1].least == 72 + 72 + 64 + 3 * (72 + 64) + 32);
  CHECK(ranking.needs.needs[1].genome == "r8-w0.5 d1,2 k3,3.3 e1,1.1");
  CHECK_THAT(space::explain_no_winner(ranking),
             Contains("sram is limited to 10 bytes, but the smallest need is 128 bytes (r8-w0.5") &&
                 Contains("flash is limited to 20 bytes, but the smallest need is 648 bytes"));
}

TEST_CASE("limits that can only be met one at a time are told apart from impossible ones") {
  space::NeedTracker tracker({.sram_bytes = 100, .flash_bytes = 100});
  cost::Footprint flat, deep;
  flat.sram_bytes = 50, flat.flash_bytes = 130;
  deep.sram_bytes = 150, deep.flash_bytes = 50;
  tracker.add(deep, [] { return "deep"; });
  tracker.add(flat, [] { return "flat"; });
  REQUIRE(tracker.result().closest);
  CHECK(tracker.result().closest->genome == "flat");  // misses by 1.3, the other by 1.5
  CHECK(space::describe(tracker.result()) ==
        "no network of the space meets all limits together, though each can be met alone; the closest, flat, "
        "misses "
        "flash 130 of 100 bytes");
}

TEST_CASE("ranking is the same for any number of threads and another for another seed") {
  const cost::Budget budget{.flash_bytes = 4000};
  set_parallel_threads(1);
  const auto one = space::rank(problem(budget), kOptions);
  for (const int threads : {2, 8}) {
    set_parallel_threads(threads);
    CHECK(space::rank(problem(budget), kOptions) == one);
  }
  set_parallel_threads(0);
  auto other = kOptions;
  other.seed = 6;
  CHECK(space::rank(problem(budget), other).spaces[0].macs != one.spaces[0].macs);
}

TEST_CASE("ranking reports progress to its end and stops when asked") {
  double done = 0, total = 0;
  space::rank(problem({}), kOptions, [&](const Progress& p) { done = p.done, total = p.total; });
  CHECK(done == 4);
  CHECK(total == 4);
  const StopToken stop;
  stop.request_stop();
  CHECK_THROWS_AS(space::rank(problem({}), kOptions, {}, stop), InterruptedError);
}

TEST_CASE("the quantile of a CDF is the value that a share of the networks reach") {
  space::SpaceRank one;
  one.macs = {10, 20, 30, 40, 50};
  CHECK(space::macs_quantile(one, 0) == 10);
  CHECK(space::macs_quantile(one, 0.2) == 10);
  CHECK(space::macs_quantile(one, 0.8) == 40);
  CHECK(space::macs_quantile(one, 0.81) == 50);
  CHECK(space::macs_quantile(one, 1) == 50);
  CHECK(space::macs_quantile({}, 0.5) == 0);
}

TEST_CASE("for several targets the largest geometric mean wins, of the spaces that none sets aside") {
  const auto ranking = [](std::vector<double> mean_macs) {
    space::Ranking made;
    for (const double macs : mean_macs)
      made.spaces.push_back(
          {.mean_macs = macs, .standing = macs > 0 ? Standing::kRanked : Standing::kTooFewFit});
    return made;
  };
  // Products 40, 48, 44; the sums 41, 26, 15 would choose the first.
  CHECK(space::common_winner(std::vector{ranking({40, 24, 4}), ranking({1, 2, 11})}) == 1);
  CHECK(space::common_winner(std::vector{ranking({40, 24, 4}), ranking({1, 0, 11})}) == 2);
  CHECK_FALSE(space::common_winner(std::vector{ranking({40, 0, 4}), ranking({0, 2, 0})}));
  const space::Ranking one = space::rank(problem({.sram_bytes = 1200, .flash_bytes = 1500}), kOptions);
  REQUIRE(one.winner);
  CHECK(space::common_winner(std::vector{one}) == one.winner);
  CHECK(space::common_winner(std::vector{one, one}) == one.winner);
}

TEST_CASE("a sweep over budgets says for each what ranking under it says") {
  auto swept = problem({.macs = 200000});  // a limit that holds throughout
  const auto points = space::sweep_budgets(swept, {400, 1200, 4000}, {600, 1500, 5000}, kOptions);
  REQUIRE(points.size() == 9);
  std::size_t i = 0;
  std::set<std::pair<int, double>> chosen;
  for (const Bytes sram : {400, 1200, 4000})
    for (const Bytes flash : {600, 1500, 5000}) {
      const auto ranking =
          space::rank(problem({.sram_bytes = sram, .flash_bytes = flash, .macs = 200000}), kOptions);
      INFO("sram " << sram << " flash " << flash);
      CHECK(points[i].sram_bytes == sram);
      CHECK(points[i].flash_bytes == flash);
      REQUIRE(points[i].best.has_value() == ranking.winner.has_value());
      if (ranking.winner) {
        CHECK(*points[i].best == ranking.spaces[*ranking.winner]);
        chosen.emplace(points[i].best->resolution, points[i].best->width);
      }
      ++i;
    }
  CHECK_FALSE(points[0].best);  // 600 weights are fewer than the smallest network's 648
  CHECK(chosen.size() >= 2);
}
