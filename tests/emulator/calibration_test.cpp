#include "tinynas/emulator/calibration.h"

#include <fmt/format.h>

#include "engine/host_build.h"
#include "engine/networks.h"
#include "support/catch.h"

using namespace tinynas;

TEST_CASE("networks to measure kernels with compute what the interpreter computes") {
  std::vector<test::Oracle> oracles;
  test::HostProgram program;
  for (const int width : {3, 5, 8, 9, 12, 16}) {
    const auto seed = static_cast<std::uint64_t>(width);
    oracles.emplace_back(emulator::with_random_weights(emulator::probe_network(width, Rng(seed)), Rng(seed)),
                         Rng(seed), 1);
    program.add(fmt::format("net{}", width),
                test::generate(oracles.back(), test::firmware_options(fmt::format("net{}", width))),
                oracles.back().images);
  }
  program.build_and_run("gcc");
  std::size_t i = 0;
  for (const int width : {3, 5, 8, 9, 12, 16}) {
    INFO("width " << width);
    const test::Oracle& oracle = oracles[i++];
    const auto outputs = program.outputs(fmt::format("net{}", width), oracle.expected[0].size());
    REQUIRE(outputs.size() == 2);
    CHECK(outputs[0] == oracle.expected[0]);
  }
}
