// Published networks (mcunet-vww1, -vww2, -in3 ...), as layer tables below TINYNAS_TEST_DATA.
#include "support/catch.h"
#include "support/fixtures.h"
#include "support/schedule_simulator.h"
#include "tinynas/cost/layer_table.h"
#include "tinynas/cost/plan.h"

using namespace tinynas;
using namespace tinynas::cost;

namespace {

struct ZooNetwork {
  const char* table;
  Macs macs;
  Bytes apart, overlapped;  // activation bytes that rows and rings need, 0: not stated
};

// MACs as published with the models (MCUNet, arXiv:2007.10319, and its model zoo); the peaks are those of a
// plain row-by-row simulation of the same networks (rings.py), pushed input, without kernel scratch.
constexpr ZooNetwork kZoo[] = {
    {"mcunet-vww1", 11'578'816, 16'960, 16'720},
    {"mcunet-vww2_wv", 55'771'280, 62'784, 42'336},
    {"mcunet-in3", 81'785'520, 90'816, 59'840},
    {"mcunet-in0", 6'364'224, 0, 0},
    {"mcunet-in1", 12'790'096, 0, 0},
    {"mcunet-in2", 67'287'200, 0, 0},
    {"proxyless-w0.3", 38'282'216, 0, 0},
};

std::optional<ir::Graph> load(const ZooNetwork& network) {
  const auto path = test::test_data(std::string("reference/zoo/") + network.table + ".csv", network.table);
  if (!path) return std::nullopt;
  return read_layer_table(*path);
}

}  // namespace

TEST_CASE("the MACs of published networks are exact") {
  for (const ZooNetwork& network : kZoo)
    if (const auto graph = load(network)) {
      CAPTURE(network.table);
      CHECK(ir::graph_macs(*graph) == network.macs);
    }
}

TEST_CASE("published networks need no more activations than the row simulation says") {
  for (const ZooNetwork& network : kZoo)
    if (const auto graph = load(network); graph && network.apart > 0) {
      CAPTURE(network.table);
      CHECK(plan(*graph, {.overlap = Overlap::kForbidden}).activation_bytes <= network.apart);
      CHECK(plan(*graph, {.overlap = Overlap::kAllowed}).activation_bytes <= network.overlapped);
    }
}

TEST_CASE("kernel scratch adds at most 6 KiB to published networks") {
  for (const ZooNetwork& network : kZoo)
    if (const auto graph = load(network)) {
      CAPTURE(network.table);
      CHECK(plan(*graph, {}).scratch_bytes <= 6 * kKiB);
    }
}

TEST_CASE("nothing live is overwritten in plans of published networks") {
  for (const ZooNetwork& network : kZoo)
    if (const auto graph = load(network)) {
      CAPTURE(network.table);
      for (const InputMode input : {InputMode::kRows, InputMode::kFrame})
        for (const Overlap overlap : {Overlap::kAllowed, Overlap::kForbidden})
          CHECK(test::check_schedule(*graph, plan(*graph, {.input = input, .overlap = overlap}),
                                     KernelIsa::kDsp) == "");
    }
}
