#include "tinynas/engine/firmware.h"

#include <set>

#include "engine/host_build.h"
#include "engine/schedules.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/cost.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;
using test::Images;

namespace {

cost::Device test_device(cost::Core core = cost::Core::kCortexM7) {
  return {
      .name = "test-board", .core = core, .clock_hz = 216e6, .sram_bytes = 320 * kKiB, .flash_bytes = kMiB};
}

engine::FirmwareOptions named(const std::string& name) {
  return {.name = name, .device = test_device(), .source = "model.onnx", .source_hash = "0123456789abcdef"};
}

Images random_images(const ir::Graph& graph, Rng rng, int count) {
  Images images;
  const auto size = graph.tensors[static_cast<std::size_t>(graph.input)].elements();
  for (int i = 0; i < count; ++i)
    images.push_back(
        quant::pixels_to_int8(test::random_pixels(rng.fork("image", static_cast<std::uint64_t>(i)), size)));
  return images;
}

/// Every kind of schedule the planner could ever choose.
std::vector<cost::Schedule> schedules_of(const ir::Graph& graph) {
  using cost::InputMode;
  const cost::KernelIsa isa = cost::KernelIsa::kDsp;
  return {cost::plan(graph, {.input = InputMode::kRows, .isa = isa}),
          cost::plan(graph, {.input = InputMode::kFrame, .isa = isa}),
          test::SimulatedSchedule(graph, InputMode::kRows, test::one_segment(graph), isa).get(),
          test::SimulatedSchedule(graph, InputMode::kFrame, test::segment_per_layer(graph), isa).get()};
}

void check_on_host(const std::string& compiler, std::uint64_t first_seed, int networks) {
  constexpr int kImages = 3;
  test::HostProgram program;
  std::vector<ir::Graph> graphs;
  std::vector<Images> images;
  for (int n = 0; n < networks; ++n) {
    const Rng rng(first_seed + static_cast<std::uint64_t>(n));
    graphs.push_back(test::random_quantized_network(rng));
    images.push_back(random_images(graphs.back(), rng.fork("test"), kImages));
    const std::vector<cost::Schedule> schedules = schedules_of(graphs.back());
    for (std::size_t s = 0; s < schedules.size(); ++s) {
      const std::string name = "net" + std::to_string(n) + "_" + std::to_string(s);
      program.add(engine::generate_firmware(graphs.back(), schedules[s], named(name)), name, images.back());
    }
  }
  program.build_and_run(compiler);
  for (int n = 0; n < networks; ++n) {
    const ir::Graph& graph = graphs[static_cast<std::size_t>(n)];
    const quant::Int8Interpreter interpreter(graph);
    Images expected;  // rows pushed, then the whole image
    for (const auto& image : images[static_cast<std::size_t>(n)]) {
      expected.push_back(interpreter.run(image));
      expected.push_back(expected.back());
    }
    for (std::size_t s = 0; s < schedules_of(graph).size(); ++s) {
      INFO("seed " << first_seed + static_cast<std::uint64_t>(n) << ", schedule " << s << ", "
                   << ir::dump(graph));
      CHECK(program.outputs("net" + std::to_string(n) + "_" + std::to_string(s), expected[0].size()) ==
            expected);
    }
  }
}

}  // namespace

TEST_CASE("generated C equals the interpreter for every kind of schedule, warning-free with gcc") {
  check_on_host("gcc", 1, 2);
}

TEST_CASE("generated C equals the interpreter and is warning-free with clang") {
  check_on_host("clang", 1001, 1);
}

TEST_CASE("generated C equals the interpreter on many networks", "[slow]") { check_on_host("gcc", 2001, 40); }
