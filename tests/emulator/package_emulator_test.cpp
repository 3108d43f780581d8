#include "engine/packages.h"
#include "support/catch.h"
#include "tinynas/emulator/emulator.h"

using namespace tinynas;

// Of all kinds the folder src/ is the same (tests/engine/package_test.cpp), and all of it is compiled.
TEST_CASE("src of an unpacked package gives the interpreter's outputs on emulated cores", "[qemu]") {
  if (!test::has_program("unzip", "packages on emulated cores")) return;
  const test::Oracle oracle(87, 2);
  for (const cost::Core core : {cost::Core::kCortexM0Plus, cost::Core::kCortexM4, cost::Core::kCortexM55}) {
    INFO(cost::core_info(core).name);
    const test::TemporaryFolder folder;
    engine::write_firmware(test::package_of(oracle, test::labelled_options("door", oracle, core), "arduino"),
                           folder.path());
    test::run_in(folder.path(), {"unzip", "-q", "door.zip", "-d", "libraries"});
    const auto emulation = emulator::emulate(folder / "libraries/door/src",
                                             {.name = "door",
                                              .core = core,
                                              .image_rows = oracle.input().h,
                                              .image_bytes = oracle.input().bytes(),
                                              .output_bytes = static_cast<Bytes>(oracle.expected[0].size())},
                                             oracle.images, folder / "build", {}, {});
    CHECK(emulation.outputs == oracle.expected);
  }
}
