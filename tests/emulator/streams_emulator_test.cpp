#include "engine/networks.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "support/streaming_graphs.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/stack.h"
#include "tinynas/emulator/emulator.h"
#include "tinynas/engine/firmware.h"

using namespace tinynas;

TEST_CASE("a streaming network equals the interpreter call by call in the emulator", "[qemu]") {
  const Rng rng(91);
  const ir::Graph graph = test::quantized_streaming_network(rng.fork("graph"));
  const auto calls = test::random_calls(graph, rng.fork("calls"), 40);
  const auto expected = quant::run_all(quant::Int8Interpreter(graph), calls);
  for (const cost::Core core : {cost::Core::kCortexM4, cost::Core::kCortexM55, cost::Core::kRiscv32}) {
    INFO(cost::core_info(core).name);
    const cost::Device device = test::test_device(core);
    const cost::Schedule schedule = cost::plan(graph, {.isa = cost::core_info(core).isa});
    const test::TemporaryFolder folder;
    engine::write_firmware(engine::generate_firmware(graph, schedule, test::firmware_options("net", device)),
                           folder / "net");
    const emulator::Emulation emulation =
        emulator::emulate(folder / "net",
                          {.name = "net",
                           .core = core,
                           .image_rows = graph.tensor(graph.input).h,
                           .image_bytes = graph.tensor(graph.input).bytes(),
                           .output_bytes = graph.tensor(graph.output).bytes()},
                          calls, folder / "build", {}, {});
    CHECK(emulation.outputs == expected);
    CHECK(emulation.stack_bytes <= cost::stack_bytes(graph, core));
    const cost::Footprint predicted = cost::footprint(graph, schedule, device);
    CHECK(emulation.sizes.arena == predicted.arena_bytes);
    CHECK(emulation.sizes.sram() == predicted.sram_bytes);
    CHECK(static_cast<double>(predicted.flash_bytes) ==
          Approx(static_cast<double>(emulation.sizes.flash())).epsilon(0.05));
  }
}
