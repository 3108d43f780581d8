#include "tinynas/report/model_card.h"

#include <cstdlib>

#include "example_report.h"
#include "support/catch.h"
#include "support/text.h"
#include "tinynas/core/files.h"

namespace tinynas::report {
namespace {

using test::contains;

RunReport report_of_one_device() {
  RunReport report = test::example_report();
  report.targets = {{.device = "stm32f746",
                     .accuracy = 91.93,
                     .sram_bytes = 20480,
                     .flash_bytes = 102400,
                     .latency_ms = 35.5,
                     .macs = 4000000,
                     .genome = report.genome}};
  return report;
}

CardFacts facts() {
  return {.license = "CC-BY-4.0",
          .data = "fashion-mnist",
          .classes = 10,
          .train_images = 55000,
          .held_out_images = 5000,
          .test_images = 10000,
          .space = "search_spaces/mcunet.yaml",
          .recipe = "uniform",
          .train_epochs = 12,
          .tune_epochs = 5,
          .compute = "cpu, 2 threads",
          .emulated_images = 100,
          .emulated_equal = true};
}

TEST_CASE("a model card has every part, and says what was not measured") {
  const std::string card = model_card(report_of_one_device(), facts());
  // TINYNAS_DEMO=FOLDER keeps the card, to look at it.
  if (const char* folder = std::getenv("TINYNAS_DEMO")) write_file(std::string(folder) + "/README.md", card);
  CHECK(card.starts_with("# fashion-mnist on stm32f746\n"));
  for (const char* part : {"## Network", "## Costs", "## Accuracy", "## Data", "## How it was made",
                           "## Intended use and limits", "## Files", "License: CC-BY-4.0\n"})
    CHECK(contains(card, part));
  CHECK(contains(card, "| supernet | 90.42 % | 5,000 | held-out training images |"));
  CHECK(contains(card, "| Trouser | 1,000 |"));
  CHECK(contains(card, "| stm32f746 | 91.93 % | 20.0 KiB | 100 KiB | 35.5ms | 4.00M |"));
  CHECK(contains(card, "latency, estimated"));
  CHECK(contains(card, "Nothing ran on a board"));
  CHECK(contains(card, "outputs are byte for byte the reference interpreter's"));
  CHECK(contains(card, "epochs: 12 of the supernet (recipe uniform), 5 of the winner"));
  CHECK(contains(card, "**Wall time**: 12 min 36 s"));  // 756.3 s: the stages added up
  CHECK(contains(card, "**seed**: `1`"));
  CHECK(model_card(report_of_one_device(), facts()) == card);
}

TEST_CASE("a card without a licence says how to state one, and one without emulation why") {
  CardFacts bare = facts();
  bare.license.clear();
  bare.emulated_equal.reset();
  bare.not_emulated = "emulate.images is 0";
  const std::string card = model_card(report_of_one_device(), bare);
  CHECK(contains(card, "License: not stated; set `license:` in the experiment file\n"));
  CHECK(contains(card, "was not run in an emulator (emulate.images is 0)."));
}

TEST_CASE("a card of a network that misses its budget says so") {
  RunReport report = report_of_one_device();
  CHECK_FALSE(contains(model_card(report, facts()), "does **not** keep"));
  report.network->budget.sram_bytes = 1024;
  CHECK(contains(model_card(report, facts()), "does **not** keep its budget: sram"));
}

TEST_CASE("names of users cannot break out of the card's tables and code") {
  RunReport report = report_of_one_device();
  for (ClassAccuracy& one : report.by_class.classes) one.name = "<b>|`x\n# y";
  report.title = report.targets[0].device = "a|b <script>";
  CardFacts evil = facts();
  evil.license = "<img>";
  evil.space = "a`b";
  const std::string card = model_card(report, evil);
  CHECK_FALSE(contains(card, "<script"));
  CHECK_FALSE(contains(card, "<img"));
  CHECK_FALSE(contains(card, "<b>"));
  CHECK_FALSE(contains(card, "\n# y"));
  CHECK(contains(card, "`a'b`"));
  CHECK(contains(card, "| &lt;b>\\|\\`x \\# y | 1,000 |"));
}

}  // namespace
}  // namespace tinynas::report
