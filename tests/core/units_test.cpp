#include "tinynas/core/units.h"

#include "support/catch.h"
#include "tinynas/core/error.h"

using namespace tinynas;

TEST_CASE("sizes are binary, as data sheets mean them") {
  CHECK(parse_bytes("320K", "t") == 320 * 1024);
  CHECK(parse_bytes("1M", "t") == 1024 * 1024);
  CHECK(parse_bytes("512", "t") == 512);
  CHECK(parse_bytes("1.5K", "t") == 1536);
  CHECK(format_bytes(327680) == "320K");
  CHECK(format_bytes(1000) == "1000 B");
  CHECK(format_bytes(1024 * 1024) == "1M");
}

TEST_CASE("times carry their unit") {
  CHECK(parse_millis("200ms", "t") == 200);
  CHECK(parse_millis("15m", "t") == 900000);
  CHECK(parse_millis("1.5 s", "t") == 1500);
  CHECK_THROWS_AS(parse_millis("200", "t"), ConfigError);
  CHECK(format_millis(95000) == "1m35s");
}

TEST_CASE("frequencies and MACs are decimal") {
  CHECK(parse_hertz("216 MHz", "t") == 216e6);
  CHECK(parse_macs("5M", "t") == 5000000);
}

TEST_CASE("a bad size says where it stands and what was expected") {
  for (const char* bad : {"", "K", "320Q", "-1K", "1e99", "nan", "0x10", "12 34"}) {
    INFO(bad);
    CHECK_THROWS_WITH(parse_bytes(bad, "--sram"),
                      Catch::StartsWith("--sram: '" + std::string(bad) + "' is not a size"));
  }
}
