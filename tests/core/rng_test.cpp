#include "tinynas/core/rng.h"

#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "support/catch.h"
#include "tinynas/core/error.h"

using tinynas::Rng;

TEST_CASE("the generator is xoshiro256** seeded by splitmix64") {
  // Reference: splitmix64(0) yields e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f, f88bb8a8724c81ec
  // (Vigna); xoshiro256** then returns rotl(s1 * 5, 7) * 9 = 99ec5f36cb75f2b4 first.
  CHECK(Rng(0).next() == 0x99ec5f36cb75f2b4ULL);
}

TEST_CASE("a fork depends on the seed and its name, not on what was drawn before") {
  Rng a(7);
  const Rng fresh(7);
  a.next();
  CHECK(a.fork("mutate", 3, 4) == fresh.fork("mutate", 3, 4));
  CHECK_FALSE(fresh.fork("mutate", 3, 4) == fresh.fork("mutate", 4, 3));
  CHECK_FALSE(fresh.fork("mutate") == fresh.fork("sample"));
  CHECK_FALSE(fresh.fork("mutate") == Rng(8).fork("mutate"));
}

TEST_CASE("below is uniform and stays below") {
  Rng rng(5);
  std::array<int, 7> count{};
  for (int i = 0; i < 70000; ++i) ++count.at(rng.below(7));
  for (const int n : count) CHECK(std::abs(n - 10000) < 500);  // 5 standard deviations are 463
}

TEST_CASE("normal has mean 0 and variance 1") {
  Rng rng(6);
  double sum = 0, squares = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / kDraws) < 0.02);
  CHECK(std::abs(squares / kDraws - 1) < 0.03);
}

TEST_CASE("shuffle permutes") {
  std::array<int, 50> items{};
  std::iota(items.begin(), items.end(), 0);
  Rng(1).shuffle(std::span<int>(items));
  CHECK(std::set<int>(items.begin(), items.end()).size() == 50);
  CHECK(items[0] + 1 != items[1]);
}

TEST_CASE("a restored state continues with the same numbers") {
  Rng rng(9);
  rng.next();
  Rng copy = Rng::restore(rng.state());
  CHECK(copy == rng);
  CHECK(copy.next() == rng.next());
  CHECK(copy.fork("x") == rng.fork("x"));
  for (const char* bad : {"", "12", "zz:zz", "0000000000000009:1:2:3:4"})
    CHECK_THROWS_AS(Rng::restore(bad), tinynas::IoError);
}
