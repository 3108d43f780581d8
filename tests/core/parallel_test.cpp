#include "tinynas/core/parallel.h"

#include <stdexcept>
#include <vector>

#include "support/catch.h"
#include "tinynas/core/rng.h"

using namespace tinynas;

TEST_CASE("items get the same numbers for 1, 2 and 8 threads") {
  const auto draw = [](int threads) {
    set_parallel_threads(threads);
    std::vector<std::uint64_t> out(1000);
    const Rng rng(3);
    parallel_for_index(out.size(), [&](std::size_t i) { out[i] = rng.fork("item", i).next(); });
    set_parallel_threads(0);
    return out;
  };
  const auto one = draw(1);
  CHECK(draw(2) == one);
  CHECK(draw(8) == one);
}

TEST_CASE("the exception of the lowest index is rethrown") {
  set_parallel_threads(4);
  CHECK_THROWS_WITH(parallel_for_index(100,
                                       [](std::size_t i) {
                                         if (i % 10 == 3) throw std::runtime_error(std::to_string(i));
                                       }),
                    "3");
  set_parallel_threads(0);
}
