#include "tinynas/search/pareto.h"

#include <algorithm>

#include "support/catch.h"
#include "tinynas/core/rng.h"

using namespace tinynas;
using search::Point;

TEST_CASE("a point dominates if it is nowhere worse and somewhere better") {
  CHECK(search::dominates({1, 2}, {1, 3}));
  CHECK(search::dominates({0, 0}, {1, 3}));
  CHECK_FALSE(search::dominates({1, 2}, {1, 2}));
  CHECK_FALSE(search::dominates({0, 4}, {1, 3}));
}

TEST_CASE("the front of a worked example") {
  // (2,2) is dominated by (1,2); the second (3,1) repeats the first.
  const std::vector<Point> points = {{2, 2}, {3, 1}, {1, 2}, {3, 1}, {4, 0}, {4, 3}};
  CHECK(search::pareto_front(points) == std::vector<std::size_t>{1, 2, 4});
  CHECK(search::pareto_front({}).empty());
}

TEST_CASE("the front agrees with brute force and does not depend on the order of the points") {
  constexpr std::uint64_t kSeed = 9;
  Rng rng(kSeed);
  for (int trial = 0; trial < 300; ++trial) {
    INFO("seed " << kSeed << " trial " << trial);
    const int objectives = rng.between(1, 4);
    std::vector<Point> points(rng.below(13));
    for (Point& point : points)
      for (int k = 0; k < objectives; ++k) point.push_back(rng.between(0, 5));  // few values: many ties

    std::vector<Point> expected;
    for (const Point& p : points)
      if (std::none_of(points.begin(), points.end(),
                       [&](const Point& q) { return search::dominates(q, p); }) &&
          std::find(expected.begin(), expected.end(), p) == expected.end())
        expected.push_back(p);
    const auto members = [](const std::vector<Point>& from) {
      std::vector<Point> front;
      for (const std::size_t i : search::pareto_front(from)) front.push_back(from[i]);
      return front;
    };
    CHECK(members(points) == expected);
    rng.shuffle(std::span(points));
    CHECK_THAT(members(points), Catch::Matchers::UnorderedEquals(expected));
  }
}
