#include <algorithm>
#include <map>

#include "space/support.h"
#include "support/catch.h"
#include "tinynas/space/lower.h"
#include "tinynas/space/sweep.h"

using namespace tinynas;
using Catch::Matchers::Contains;
using space::Genome;

namespace {

constexpr std::uint64_t kElasticSeed = 31;

space::SearchSpace read_elastic(const std::string& resolutions, const std::string& value = "true") {
  std::string text = test::kTinyYaml;
  const std::string ordinary = "resolutions: [8, 12]\n";
  text.replace(text.find(ordinary), ordinary.size(),
               "resolutions: " + resolutions + "\nelastic_resolution: " + value + "\n");
  return space::SearchSpace::read(yaml::Node::parse(text, "tiny.yaml"));
}

space::RankProblem rank_by_macs(space::SearchSpace space, const cost::Budget& budget) {
  return {.space = std::move(space),
          .task = {.input_channels = 1, .classes = 4},
          .budget = budget,
          .cost =
              [] {
                return [](const ir::Graph& graph) {
                  cost::Footprint cost;
                  cost.macs = ir::graph_macs(graph);
                  cost.sram_bytes = graph.tensor(graph.input).bytes();
                  return cost;
                };
              },
          .untrainable = {}};
}

}  // namespace

TEST_CASE("an elastic resolution is asked for in the space's file, and needs several") {
  CHECK(read_elastic("[8, 12]").elastic_resolution);
  CHECK_FALSE(read_elastic("[8, 12]", "false").elastic_resolution);
  CHECK_FALSE(test::tiny_space().elastic_resolution);
  CHECK_THROWS_WITH(read_elastic("[8]"),
                    Contains("tiny.yaml:3: elastic_resolution: there is one resolution") &&
                        Contains("list several under 'resolutions'"));
  CHECK_THROWS_WITH(read_elastic("[8, 12]", "yes"),
                    Contains("tiny.yaml:3: elastic_resolution: 'yes' is not true or false"));
}

TEST_CASE("what a supernet is trained over keeps the elastic resolutions up to the largest one") {
  const auto space = read_elastic("[8, 12, 16]");
  const auto chosen = space::restrict_to(space, 1, 0);
  CHECK(chosen.resolutions == std::vector{8, 12});
  CHECK(chosen.widths == std::vector{0.5});
  CHECK(chosen.elastic_resolution);
  const auto one = space::at_resolution(chosen, 1);
  CHECK(one.resolutions == std::vector{12});
  CHECK_FALSE(one.elastic_resolution);
  CHECK(one == space::restrict_to(one, 0, 0));
  CHECK_THROWS(space::restrict_to(space, 3, 0));
}

TEST_CASE("drawn, mutated and crossed networks have every elastic resolution") {
  const auto space = space::restrict_to(read_elastic("[8, 12, 16]"), 2, 1);
  Rng rng(kElasticSeed);
  std::map<int, int> drawn, mutated, crossed;
  const auto side = [&](const Genome& genome) {
    const ir::Graph graph = space::lower_named(space, {}, genome);
    return graph.tensor(graph.input).h;
  };
  for (int i = 0; i < 600; ++i) {
    const Genome genome = space::sample(space, rng);
    ++drawn[side(genome)];
    ++mutated[side(space::mutate(space, space::smallest(space), 0.3, rng))];
    ++crossed[side(space::cross_over(space, space::smallest(space), space::largest(space), rng))];
    INFO("seed " << kElasticSeed << " draw " << i);
    REQUIRE(space::parse_genome(space, space::to_string(space, genome), "test") == genome);
  }
  for (const int resolution : {8, 12, 16}) CHECK(drawn[resolution] == Approx(200).epsilon(0.2));
  // Redrawn with probability 0.3, and another of three resolutions in 2 of 3 redraws.
  CHECK(mutated[12] + mutated[16] == Approx(120).epsilon(0.25));
  CHECK(crossed[12] == 0);
  CHECK(crossed[8] == Approx(300).epsilon(0.2));
}

TEST_CASE("ranking compares the widths of an elastic space, whose samples draw resolutions") {
  const space::RankOptions options{.samples = 300, .seed = 5};
  const auto ranking = space::rank(rank_by_macs(read_elastic("[8, 12]"), {}), options);
  REQUIRE(ranking.spaces.size() == 2);
  CHECK(ranking.winner == 1);
  CHECK(space::space_name(ranking.spaces[0]) == "r8-12-w0.5");
  CHECK(space::space_name(ranking.spaces[1]) == "r8-12-w1");
  CHECK(ranking.spaces[1].resolution_index == 1);
  CHECK(ranking.spaces[1].width_index == 1);

  const auto ordinary = space::rank(rank_by_macs(test::tiny_space(), {}), options);
  REQUIRE(ordinary.spaces.size() == 4);
  CHECK(space::space_name(ordinary.spaces[2]) == "r12-w0.5");
  for (const std::size_t w : {0, 1}) {
    const double small = ordinary.spaces[w].mean_macs, large = ordinary.spaces[2 + w].mean_macs;
    CHECK(ranking.spaces[w].mean_macs == Approx((small + large) / 2).epsilon(0.1));
  }
  // 8 x 8 bytes of input fit, 12 x 12 do not: half of the samples.
  const auto tight = space::rank(rank_by_macs(read_elastic("[8, 12]"), {.sram_bytes = 100}), options);
  CHECK(tight.spaces[1].share() == Approx(0.5).margin(0.1));
  CHECK(tight.spaces[1].mean_macs == Approx(ordinary.spaces[1].mean_macs).epsilon(0.1));
}

TEST_CASE("a sweep over budgets ranks an elastic space as ranking does") {
  const space::RankOptions options{.samples = 50, .seed = 5};
  const auto problem = rank_by_macs(read_elastic("[8, 12]"), {});
  const auto points = space::sweep_budgets(problem, {100, 1000}, {1000}, options);
  REQUIRE(points.size() == 2);
  for (const auto& point : points) {
    const auto ranking = space::rank(
        rank_by_macs(read_elastic("[8, 12]"), {.sram_bytes = point.sram_bytes, .flash_bytes = 1000}),
        options);
    REQUIRE(point.best);
    CHECK(*point.best == ranking.spaces.at(*ranking.winner));
  }
}
