#include "engine/networks.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/emulator/emulator.h"
#include "tinynas/engine/firmware.h"

#include "tinynas/cost/stack.h"
using namespace tinynas;

TEST_CASE("a network with every operation there is equals the interpreter in the emulator", "[qemu]") {
  const Rng rng(81);
  const auto draw = GENERATE(test::every_operation, test::further_operations, test::moving_network);
  const test::Oracle oracle(test::quantize_on_noise(draw(rng), rng.fork("images")), rng.fork("test"), 1);
  test::Images expected;
  for (const auto& output : oracle.expected) expected.push_back(test::in_planes(oracle.graph, output));
  for (const cost::Core core : {cost::Core::kCortexM0Plus, cost::Core::kCortexM4, cost::Core::kCortexM33,
                                cost::Core::kCortexM55, cost::Core::kRiscv32}) {
    INFO(cost::core_info(core).name);
    const cost::Device device = test::test_device(core);
    const cost::Schedule schedule = cost::plan(oracle.graph, {.isa = cost::core_info(core).isa});
    const test::TemporaryFolder folder;
    engine::write_firmware(
        engine::generate_firmware(oracle.graph, schedule, test::firmware_options("net", device)),
        folder / "net");
    const emulator::Emulation emulation =
        emulator::emulate(folder / "net",
                          {.name = "net",
                           .core = core,
                           .image_rows = oracle.input().h,
                           .image_bytes = oracle.input().bytes(),
                           .output_bytes = static_cast<Bytes>(oracle.expected[0].size())},
                          oracle.images, folder / "build", {}, {});
    CHECK(emulation.outputs == expected);
    const Bytes stack = cost::stack_bytes(oracle.graph, core);
    CHECK(emulation.stack_bytes <= stack);
    CHECK(stack <= emulation.stack_bytes + 256);
    const cost::Footprint predicted = cost::footprint(oracle.graph, schedule, device);
    CHECK(emulation.sizes.arena == predicted.arena_bytes);
    CHECK(emulation.sizes.sram() == predicted.sram_bytes);
  }
}
