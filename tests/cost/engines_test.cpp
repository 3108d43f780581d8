// Published: STM32H743 tables in the README of the tinyengine repository (measurements of commit 0363956); kB
// = 1024.
#include "tinynas/cost/engines.h"

#include <algorithm>
#include <cmath>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/cost/layer_table.h"

using namespace tinynas;
using namespace tinynas::cost;

namespace {

struct Published {
  const char* table;
  double sram_kb, flash_kb, latency_ms;  // TinyEngine; Flash 0: from another model file
  double tflm_sram_kb, tflm_ms, cmsis_ms;
};
constexpr Published kH743[] = {
    {"mcunet-vww1", 92, 521, 51, 220, 1120, 97},     {"mcunet-vww2_wv", 174, 741, 234, 385, 5310, 478},
    {"mcunet-in0", 49, 842, 25, 161, 586, 51},       {"mcunet-in1", 96, 727, 56, 219, 1227, 103},
    {"mcunet-in2", 215, 830, 280, 460, 6463, 642},   {"mcunet-in3", 260, 835, 336, 493, 7821, 770},
    {"proxyless-w0.3", 259, 0, 176, 453, 3801, 380},
};

/// Calls check(row, footprint) for every network whose table is there.
template <typename Check>
void for_each_network(Engine engine, Check check) {
  BaselineEvaluator evaluate(load_device("stm32h743", "test"), engine);
  for (const Published& row : kH743) {
    const auto path = test::test_data(std::string("reference/zoo/") + row.table + ".csv", row.table);
    if (!path) continue;
    CAPTURE(row.table);
    check(row, evaluate(read_layer_table(*path)));
  }
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

}  // namespace

TEST_CASE("the model of TinyEngine gives its published SRAM within 1 kB") {
  for_each_network(Engine::kTinyEngine, [](const Published& row, const Footprint& footprint) {
    CHECK(std::abs(double(footprint.sram_bytes) / 1024 - row.sram_kb) <= 1);
  });
}

TEST_CASE("the model of TinyEngine gives its published Flash within 1 %") {
  for_each_network(Engine::kTinyEngine, [](const Published& row, const Footprint& footprint) {
    if (row.flash_kb > 0) CHECK(double(footprint.flash_bytes) / 1024 == Approx(row.flash_kb).epsilon(0.01));
  });
}

TEST_CASE("the model of TinyEngine gives its published latency, median error at most 10 %") {
  std::vector<double> errors;
  for_each_network(Engine::kTinyEngine, [&](const Published& row, const Footprint& footprint) {
    errors.push_back(std::abs(footprint.latency_ms / row.latency_ms - 1));
    CHECK(errors.back() < 0.15);
  });
  CHECK(median(errors) <= 0.10);
}

TEST_CASE("the model of TF-Lite Micro gives its published SRAM and latency within 10 %") {
  for_each_network(Engine::kTfliteMicro, [](const Published& row, const Footprint& footprint) {
    CHECK(double(footprint.sram_bytes) / 1024 == Approx(row.tflm_sram_kb).epsilon(0.10));
    CHECK(footprint.latency_ms == Approx(row.tflm_ms).epsilon(0.10));
  });
}

TEST_CASE("the model of CMSIS-NN gives its published latency within 15 %") {
  for_each_network(Engine::kCmsisNn, [](const Published& row, const Footprint& footprint) {
    CHECK(footprint.latency_ms == Approx(row.cmsis_ms).epsilon(0.15));
  });
}

TEST_CASE("an unknown engine is refused with the nearest name") {
  CHECK(parse_engine("tinyengine", "--engine") == Engine::kTinyEngine);
  CHECK_THROWS_WITH(parse_engine("tflite", "--engine"), Catch::Contains("--engine: unknown engine 'tflite'"));
}
