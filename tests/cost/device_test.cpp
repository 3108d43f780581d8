#include "tinynas/cost/device.h"

#include "support/catch.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/cycles.h"
#include "tinynas/cost/kernels.h"

using namespace tinynas;
using namespace tinynas::cost;

TEST_CASE("every device file that comes with tinynas can be read") {
  const auto names = device_names();
  CHECK(names.size() >= 14);
  for (const std::string& name : names) {
    const Device device = load_device(name, "test");
    CAPTURE(name);
    CHECK(device.name == name);
    CHECK(device.clock_hz >= 1e6);
    CHECK(device.sram_bytes >= 64 * kKiB);
    CHECK(device.flash_bytes > device.sram_bytes);
    CHECK(device.cycles.size() == kCycleRows * kernel_register().size());
  }
}

TEST_CASE("a device has the figures of its data sheet") {
  const Device device = load_device("stm32f746", "test");  // DS10916: 216 MHz, 320 Kbytes, 1 Mbyte
  CHECK(device.core == Core::kCortexM7);
  CHECK(device.clock_hz == 216e6);
  CHECK(device.sram_bytes == 327680);
  CHECK(device.flash_bytes == 1048576);
}

TEST_CASE("an unknown device is refused with the nearest name and what to do") {
  CHECK_THROWS_WITH(load_device("stm32f7", "configs/kws.yaml:4: device"),
                    Catch::Contains("configs/kws.yaml:4: device: unknown device 'stm32f7'") &&
                        Catch::Contains("did you mean 'stm32f746'") && Catch::Contains("configs/devices/"));
}

TEST_CASE("an unknown core is refused with the nearest name") {
  CHECK_THROWS_AS(parse_core("cortex-m9", "x.yaml:1: core"), ConfigError);
  CHECK_THROWS_WITH(parse_core("cortex-m44", "x.yaml:1: core"), Catch::Contains("did you mean 'cortex-m4'"));
}
