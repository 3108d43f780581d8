#include "tinynas/core/yaml.h"

#include <array>
#include <functional>

#include "support/catch.h"
#include "tinynas/core/error.h"

using namespace tinynas;
using Catch::Equals;

namespace {

yaml::Node parse(const std::string& text) { return yaml::Node::parse(text, "x.yaml"); }

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no ConfigError";
}

}  // namespace

TEST_CASE("values are read with their types and units") {
  const auto node = parse("a: 3\nb: 320K\nc: 200ms\nd: [1, 2]\ne: { f: true }\ng: 7\n");
  CHECK(node.at("a").integer(0, 10) == 3);
  CHECK(node.at("b").bytes() == 327680);
  CHECK(node.at("c").millis() == 200);
  CHECK(node.at("d").integers(0, 9) == std::vector<int>{1, 2});
  CHECK(node.at("g").integers(0, 9) == std::vector<int>{7});
  CHECK(node.at("e").at("f").boolean());
  CHECK_FALSE(node.has("nothing"));
  CHECK_NOTHROW(node.finish());
}

TEST_CASE("an unknown key names its line and the nearest valid key") {
  const auto node = parse("sram: 1K\nbudget:\n  flsh: 2K\n");
  (void)node.at("sram");
  const auto budget = node.at("budget");
  (void)budget.find("flash");
  CHECK_THAT(message_of([&] { node.finish(); }),
             Equals("x.yaml:3: unknown key 'budget.flsh'; did you mean 'flash'? Known here: flash"));
}

TEST_CASE("an unknown key inside a list element is refused") {
  const auto node = parse("stages:\n  - { depth: 1 }\n  - { depth: 1, dept: 2 }\n");
  for (const auto& stage : node.at("stages").items()) (void)stage.at("depth");
  CHECK_THAT(message_of([&] { node.finish(); }),
             Catch::StartsWith("x.yaml:3: unknown key 'stages[1].dept'; did you mean 'depth'?"));
}

TEST_CASE("a wrong value names file, line, key and what was expected") {
  const auto node = parse("seed: 1\ntrain:\n  epochs: many\n");
  CHECK_THAT(message_of([&] { node.at("train").at("epochs").integer(1, 1000); }),
             Equals("x.yaml:3: train.epochs: 'many' is not a whole number from 1 to 1000"));
}

TEST_CASE("a missing key is named") {
  CHECK_THAT(message_of([] { parse("a: 1\n").at("b"); }), Equals("x.yaml:1: the key 'b' is missing"));
}

TEST_CASE("text that is not YAML, not a map, or has a key twice is refused") {
  CHECK_THAT(message_of([] { parse("a: [1, 2\n"); }), Catch::StartsWith("x.yaml:"));
  CHECK_THAT(message_of([] { parse("- 1\n- 2\n"); }), Catch::Contains("expected a map"));
  CHECK_THAT(message_of([] { parse(""); }), Catch::Contains("expected a map"));
  CHECK_THAT(message_of([] { parse("a: 1\na: 2\n"); }), Catch::Contains("stands twice"));
}

TEST_CASE("a choice offers the nearest") {
  constexpr std::array<std::string_view, 2> kRecipes = {"uniform", "sandwich"};
  CHECK_THAT(message_of([&] { parse("recipe: unifrm\n").at("recipe").choice(kRecipes); }),
             Equals("x.yaml:1: recipe: 'unifrm' is not one of uniform, sandwich; did you mean 'uniform'?"));
}
