#include <map>
#include <set>

#include "space/support.h"
#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/space/lower.h"

using namespace tinynas;
using Catch::Matchers::Contains;
using space::Genome;

namespace {
constexpr std::uint64_t kSeed = 20;
constexpr int kDraws = 2000;
}  // namespace

TEST_CASE("sampled, mutated and crossed genomes are in the space, and their text names them again") {
  for (const char* name : {"small_images", "mcunet", "mobilenetv2", "proxyless"}) {
    const auto space = test::shipped_space(name);
    Rng rng(kSeed);
    Genome a = space::sample(space, rng);
    for (int i = 0; i < 300; ++i) {
      const Genome b = space::sample(space, rng);
      const Genome child = space::mutate(space, space::cross_over(space, a, b, rng), 0.2, rng);
      INFO(name << " seed " << kSeed << " draw " << i << ": " << space::to_string(space, child));
      CHECK(space::contains(space, b));
      CHECK(space::contains(space, child));
      CHECK(space::parse_genome(space, space::to_string(space, child), "test") == child);
      a = child;
    }
  }
}

TEST_CASE("sampling reaches every choice") {
  const auto space = test::tiny_space();
  Rng rng(kSeed);
  std::set<Genome> genomes;
  std::map<int, int> depth, kernel;
  for (int i = 0; i < kDraws; ++i) {
    const Genome genome = space::sample(space, rng);
    genomes.insert(genome);
    ++depth[space::depth_of(space, genome, 1)];
    ++kernel[space::kernel_of(space, genome, 1, 0)];
  }
  CHECK(genomes.count(space::smallest(space)) + genomes.size() > 1000);  // hardly any draw repeats
  for (const int value : {2, 3}) CHECK(depth[value] == Approx(kDraws / 2.0).epsilon(0.1));
  for (const int value : {3, 5, 7}) CHECK(kernel[value] == Approx(kDraws / 3.0).epsilon(0.1));
}

TEST_CASE("mutation at rate 0 copies and at rate 1 redraws everything") {
  const auto space = test::tiny_space();
  Rng rng(kSeed);
  const Genome parent = space::largest(space);
  std::set<Genome> redrawn;
  for (int i = 0; i < 100; ++i) {
    CHECK(space::mutate(space, parent, 0, rng) == parent);
    redrawn.insert(space::mutate(space, parent, 1, rng));
  }
  CHECK(redrawn.size() > 90);
}

TEST_CASE("mutation changes about `rate` of the choices") {
  const auto space = test::shipped_space("mcunet");
  Rng rng(kSeed);
  const Genome parent = space::largest(space);
  int changed = 0;
  for (int i = 0; i < kDraws; ++i)
    changed += space::mutate(space, parent, 0.1, rng).kernel[0] != parent.kernel[0];
  // Redrawn with probability 0.1, and another of three kernels in 2 of 3 redraws.
  CHECK(changed / double{kDraws} == Approx(0.1 * 2 / 3).epsilon(0.2));
}

TEST_CASE("a block that a deeper child gains is drawn, not left at its first choices") {
  const auto space = test::tiny_space();
  Rng rng(kSeed);
  const Genome shallow = space::smallest(space);  // stage 1: two blocks
  std::set<int> kernels_of_third;
  for (int i = 0; i < kDraws; ++i) {
    const Genome child = space::mutate(space, shallow, 0.3, rng);
    if (space::depth_of(space, child, 1) == 3) kernels_of_third.insert(space::kernel_of(space, child, 1, 2));
  }
  CHECK(kernels_of_third == std::set{3, 5, 7});
}

TEST_CASE("a child of two parents takes every choice from one of them") {
  const auto space = test::tiny_space();
  Rng rng(kSeed);
  const Genome small = space::smallest(space), large = space::largest(space);
  std::set<Genome> children;
  for (int i = 0; i < 200; ++i) {
    const Genome child = space::cross_over(space, small, large, rng);
    children.insert(child);
    for (int s = 0; s < 2; ++s)
      for (int b = 0; b < space::depth_of(space, child, s); ++b) {
        const int kernel = space::kernel_of(space, child, s, b);
        const bool only_large = b >= space::depth_of(space, small, s);
        CHECK((kernel == (s == 0 ? 5 : 7) || (kernel == 3 && !only_large)));
      }
  }
  CHECK(children.size() > 100);
  CHECK(space::cross_over(space, large, large, rng) == large);
}

TEST_CASE("genomes of networks that are equal are equal") {
  const auto space = test::tiny_space();
  Genome genome = space::largest(space);
  genome.depth[0] = 0;  // one block: the second no longer matters
  CHECK_FALSE(space::contains(space, genome));
  Genome other = genome;
  other.kernel[1] = 0;
  space::canonicalize(space, genome);
  space::canonicalize(space, other);
  CHECK(genome == other);
  CHECK(space::hash(genome) == space::hash(other));
  CHECK(space::contains(space, genome));
  CHECK(space::hash(genome) != space::hash(space::largest(space)));
}

TEST_CASE("a space restricted to one resolution and width keeps the rest") {
  const auto one = space::restrict_to(test::tiny_space(), 1, 0);
  CHECK(one.resolutions == std::vector{12});
  CHECK(one.widths == std::vector{0.5});
  Rng rng(kSeed);
  const Genome genome = space::sample(one, rng);
  CHECK(space::to_string(one, genome).starts_with("r12-w0.5 "));
  CHECK(space::mutate(one, genome, 1, rng).resolution == 0);
}

TEST_CASE("the text of a genome is as documented") {
  const auto space = test::tiny_space();
  CHECK(space::to_string(space, space::smallest(space)) == "r8-w0.5 d1,2 k3,3.3 e1,1.1");
  CHECK(space::to_string(space, space::largest(space)) == "r12-w1.0 d2,3 k5.5,7.7.7 e4.4,4.4.4");
}

TEST_CASE("a wrong genome text says what is wrong and what the space offers") {
  const auto space = test::tiny_space();
  const auto failure = [&](const char* text) {
    return test::message_of([&] { space::parse_genome(space, text, "--genome"); });
  };
  CHECK_THAT(failure("nonsense"), Contains("--genome: 'nonsense' names no network of the space 'tiny'") &&
                                      Contains("expected the form"));
  CHECK_THAT(failure("r9-w0.5 d1,2 k3,3.3 e1,1.1"), Contains("resolution '9' is not one of 8, 12"));
  CHECK_THAT(failure("r8-w0.5 d1,4 k3,3.3 e1,1.1"), Contains("depth of stage 1 '4' is not one of 2, 3"));
  CHECK_THAT(failure("r8-w0.5 d1 k3 e1"), Contains("it has 1 depths for 2 stages"));
  CHECK_THAT(failure("r8-w0.5 d1,2 k3,3.9 e1,1.1"),
             Contains("kernel of stage 1 block 1 '9' is not one of 3, 5, 7"));
  CHECK_THAT(failure("r8-w0.5 d1,2 k3,3.3 e1,1"), Contains("stage 1 has 2 blocks but 1 expansions"));
  CHECK_THAT(failure("r8-w0.5 d1,2 k3,3.3 e1,1.2_6"), Contains("'2_6' is not one of 1, 2.5, 4"));
}

TEST_CASE("a genome of another space is refused, and which of its choices the space does not have") {
  const auto space = test::tiny_space();
  const auto refused = [&](const Genome& genome, const std::string& message) {
    INFO(message);
    CHECK_FALSE(space::contains(space, genome));
    CHECK_THROWS_AS(space::to_string(space, genome), ConfigError);
    CHECK_THROWS_WITH(space::lower_named(space, {}, genome), message + "; is it of another space?");
  };
  Genome genome;
  genome.resolution = 2;
  refused(genome, "space 'tiny': there is no choice 2 for the resolution, they are 0 .. 1");
  genome = {};
  genome.depth[1] = 9;
  refused(genome, "space 'tiny': there is no choice 9 for the depth of stage 1, they are 0 .. 1");
  CHECK_THROWS_AS(space::canonicalize(space, genome), ConfigError);
  Rng rng(kSeed);
  CHECK_THROWS_AS(space::mutate(space, genome, 0, rng), ConfigError);
  genome = {};
  genome.kernel[space::kMaxBlocksPerStage + 1] = 3;
  refused(genome, "space 'tiny': there is no choice 3 for the kernel of stage 1 block 1, they are 0 .. 2");
  CHECK_THROWS_WITH(space::restrict_to(space, 0, 7), Contains("no choice 7 for the width, they are 0 .. 1"));
}
