#include "tinynas/report/profile.h"

#include <nlohmann/json.hpp>
#include <set>

#include "example_report.h"
#include "support/catch.h"
#include "support/text.h"

namespace tinynas::report {
namespace {

TEST_CASE("the profile as JSON has the keys that scripts read, with the model's own numbers") {
  const Profile p = test::example_profile();
  const auto json = nlohmann::json::parse(profile_json(p));
  for (const char* key :
       {"macs", "params", "sram_bytes", "arena_bytes", "activation_bytes", "scratch_bytes", "input_bytes",
        "flash_bytes", "latency_ms", "energy_mj", "extra_macs", "segments", "layers"})
    CHECK(json.contains(key));
  CHECK(json.at("macs") == p.footprint.macs);
  CHECK(json.at("arena_bytes") == p.schedule.arena_bytes);
  CHECK(json.at("layers").size() == p.graph.layers.size());
  CHECK(json.at("segments").size() == p.schedule.segments.size());
  CHECK(json.at("fits") == true);
  CHECK(json.at("misses").empty());
}

TEST_CASE("a missed limit is said in text and JSON") {
  Profile p = test::example_profile();
  p.budget.sram_bytes = 1024;
  const auto json = nlohmann::json::parse(profile_json(p));
  CHECK(json.at("fits") == false);
  CHECK(json.at("misses").at(0).at("limit") == "sram");
  CHECK(test::contains(profile_text(p), "DOES NOT FIT"));
}

TEST_CASE("a latency that is partly a guess is called one, in text and JSON") {
  Profile p = test::example_profile();
  p.device.cycles = cost::load_cycle_table_of(p.device.core);
  CHECK(!test::contains(profile_text(p), "no fitted cycles"));
  CHECK_FALSE(nlohmann::json::parse(profile_json(p)).contains("unfitted_kernels"));
  p.device.cycles = cost::parse_cycle_table(
      "kernels:\n  tn_conv: { row: 1 }\n  tn_depthwise: { row: 1 }\n"
      "  tn_dense: { row: 1 }\n  tn_add: { row: 1 }\n  other: { row: 9 }\n",
      "own");
  CHECK(test::contains(profile_text(p),
                       "latency: no fitted cycles for tn_global_pool on cortex-m7: 1 layer counted"));
  const auto unfitted = nlohmann::json::parse(profile_json(p)).at("unfitted_kernels");
  REQUIRE(unfitted.size() == 1);
  CHECK(unfitted.at(0).at("kernel") == "tn_global_pool");
  CHECK(unfitted.at(0).at("layers") == 1);
}

TEST_CASE("a profile by another engine's rules has the same keys, a layer for each, and says what misses") {
  const Profile ours = test::example_profile();
  EngineProfile p{ours.model, "tinyengine", ours.graph, ours.footprint, ours.device, {.sram_bytes = 1024}};
  const auto json = nlohmann::json::parse(profile_json(p));
  const auto own = nlohmann::json::parse(profile_json(ours));
  const std::set<std::string> of_ours = {"bottlenecks", "patches", "unfitted_kernels", "stack_bytes",
                                         "row_ms"};
  for (const auto& [key, value] : own.items())
    if (!of_ours.contains(key)) CHECK(json.contains(key));
  CHECK(own.at("row_ms").at("worst") <= own.at("latency_ms"));
  CHECK(json.at("engine") == "tinyengine");
  CHECK(own.at("engine") == "rows");
  CHECK(json.at("layers").size() == p.graph.layers.size());
  CHECK(json.at("misses").at(0).at("limit") == "sram");
  CHECK(test::contains(profile_text(p), "does not fit"));
  p.budget = {};
  CHECK(!test::contains(profile_text(p), "does not fit"));
}

TEST_CASE("the bottlenecks are the largest of each kind") {
  Profile p = test::example_profile();
  p.layers[7].latency_ms = 1000;
  p.layers[9].flash_bytes = 1 << 20;
  const Bottlenecks b = bottlenecks(p);
  CHECK(b.slowest_layer == 7);
  CHECK(b.largest_layer == 9);
  CHECK(test::contains(profile_text(p), "latency  " + p.graph.names[7]));
}

TEST_CASE("the segment that needs most at once is named, with the largest of what it holds") {
  const Profile p = test::example_profile();
  const Bottlenecks b = bottlenecks(p);
  CHECK(b.peak_bytes <= p.schedule.arena_bytes);
  CHECK(b.peak_holder_bytes > 0);
  CHECK(b.peak_holder_bytes <= p.schedule.arena_bytes);
  CHECK(b.peak_segment < static_cast<int>(p.schedule.segments.size()));
}

}  // namespace
}  // namespace tinynas::report
