#include "tinynas/report/model_card.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/sections.h"
#include "report/text.h"

namespace tinynas::report {
namespace {

std::string item(std::string_view name, std::string_view text) {
  return fmt::format("- **{}**: {}\n", name, text);
}

std::string code(std::string_view text) { return fmt::format("`{}`", one_line(text)); }

/// "SRAM 320 KiB, Flash 1.00 MiB".
std::string budget_text(const cost::Budget& budget) {
  std::vector<std::string> limits;
  if (budget.sram_bytes) limits.push_back("SRAM " + short_bytes(*budget.sram_bytes));
  if (budget.flash_bytes) limits.push_back("Flash " + short_bytes(*budget.flash_bytes));
  if (budget.latency_ms) limits.push_back("latency " + format_millis(*budget.latency_ms));
  if (budget.macs) limits.push_back(format_macs(*budget.macs) + " multiply-accumulates");
  if (budget.energy_mj) limits.push_back(fmt::format("energy {:g} mJ", *budget.energy_mj));
  return limits.empty() ? "what the microcontroller has" : fmt::format("{}", fmt::join(limits, ", "));
}

std::string data(const CardFacts& facts) {
  std::string out = "## Data\n\n";
  out += item("Set", fmt::format("{}, {} classes", markdown(facts.data), grouped(facts.classes)));
  out += item("Training", grouped(facts.train_images) + " images");
  out += item("Held out",
              fmt::format("{} training images, to choose the network by{}", grouped(facts.held_out_images),
                          facts.tuned_on_held_out ? "; the winner was then trained on them too" : ""));
  out += item("Test",
              fmt::format("{} images, read only when the network was final", grouped(facts.test_images)));
  return out;
}

std::string network(const RunReport& report, const CardFacts& facts) {
  std::string out = "## Network\n\n";
  out += item("Genome", code(report.genome)) + item("Search space", code(facts.space));
  if (report.network) {
    const Profile& p = *report.network;
    const ir::Shape& input = p.graph.tensor(p.graph.input);
    out += item("Input", fmt::format("{} x {} pixels of {} channel{}, int8 (pixel - 128)", input.h, input.w,
                                     input.c, input.c == 1 ? "" : "s"));
    out +=
        item("Size", fmt::format("{} layers, {} parameters, {} multiply-accumulates", p.graph.layers.size(),
                                 grouped(p.footprint.params), grouped(p.footprint.macs)));
    out += item("Budget", budget_text(p.budget));
  }
  return out;
}

Table stage_accuracies(const RunReport& report) {
  Table table{.columns = {{"stage", Align::kWords}, {"accuracy"}, {"images"}, {"of", Align::kWords}}};
  for (const AccuracyStage& stage : report.accuracy)
    table.rows.push_back(
        {.cells = {stage.name, accuracy_text(stage.percent), grouped(stage.images), stage.note}});
  return table;
}

std::string accuracy(const RunReport& report) {
  std::string out = "## Accuracy\n\n" + to_markdown(stage_accuracies(report));
  out +=
      "\nThe network was chosen by the held-out images, which flatters it on them; the claim is int8 on test "
      "images.\n";
  if (!report.by_class.empty())
    out += "\nEach class, int8, test images:\n\n" + to_markdown(class_table(report.by_class));
  return out;
}

std::string costs(const RunReport& report) {
  return "## Costs\n\n" + to_markdown(target_table(report)) +
         "\nSRAM and Flash are those of the generated code. **Latency is an estimate**: instructions "
         "counted in an emulator times cycles an instruction, without caches, wait states or stalls.\n";
}

std::string making(const RunReport& report, const CardFacts& facts) {
  std::string out = "## How it was made\n\n";
  if (facts.supernet.empty())
    out +=
        item("Command", code("tinynas search config.yaml --space space.yaml --run NEW") + ", in this folder");
  else
    out += item("Supernet", "trained in the run " + code(facts.supernet) + ", whose README.md says how");
  out += item("Training", fmt::format("epochs: {} of the supernet (recipe {}), {} of the winner",
                                      facts.train_epochs, markdown(facts.recipe), facts.tune_epochs));
  out += item("Compute device", markdown(facts.compute));
  double seconds = 0;
  std::vector<std::string> parts;
  for (const StageTime& stage : report.stages) {
    seconds += stage.seconds;
    if (stage.seconds >= 1) parts.push_back(markdown(stage.name) + " " + short_seconds(stage.seconds));
  }
  out += item("Wall time",
              short_seconds(seconds) + (parts.empty() ? "" : fmt::format(" ({})", fmt::join(parts, ", "))));
  for (const auto& [name, value] : report.facts) out += item(markdown(name), code(value));
  return out + "\nThe whole configuration is in `config.yaml`, the search space in `space.yaml`.\n";
}

std::string files(const RunReport& report) {
  Table table{.columns = {{"file", Align::kWords}, {"size"}, {"what", Align::kWords}}};
  for (const ProducedFile& file : report.files)
    table.rows.push_back({.cells = {file.name, short_bytes(file.bytes), file.what}});
  table.rows.push_back({.cells = {"firmware/", "", "the network in C, with a README.md of its own"}});
  table.rows.push_back({.cells = {"report.html", "", "how it was found, on one page"}});
  return "## Files\n\n" + to_markdown(table);
}

std::string emulation(const CardFacts& facts) {
  if (!facts.emulated_equal)
    return "The generated C was not run in an emulator" +
           (facts.not_emulated.empty() ? "." : " (" + markdown(facts.not_emulated) + ").");
  return fmt::format(
      "The generated C ran in an emulator (QEMU) on {} test images; its outputs are {} the "
      "reference interpreter's.",
      grouped(facts.emulated_images), *facts.emulated_equal ? "byte for byte" : "NOT all equal to");
}

std::string use(const RunReport& report, const CardFacts& facts) {
  std::string out = "## Intended use and limits\n\n";
  out += fmt::format(
      "It sorts pictures like those of {} into its {} classes, on a microcontroller. It answers one of them "
      "for any picture, also for one that shows none of them.\n\n",
      markdown(facts.data), grouped(facts.classes));
  out += "Not measured:\n\n";
  out +=
      "- **Hardware.** Nothing ran on a board: latency and energy are estimates. " + emulation(facts) + "\n";
  out +=
      "- **Other pictures** than the test images: other cameras, light, noise, places or groups of people.\n";
  out += "- **Confidence.** Whether the scores are probabilities; they were not calibrated for that.\n";
  out += "- **Other seeds.** It is one run: another seed gives another network and another accuracy.\n";
  if (report.network && !cost::misses(report.network->footprint, report.network->budget).empty())
    out += "- It does **not** keep its budget: " +
           cost::describe(cost::misses(report.network->footprint, report.network->budget)) + "\n";
  return out;
}

}  // namespace

std::string model_card(const RunReport& report, const CardFacts& facts) {
  std::string out = fmt::format("# {}\n\n", markdown(report.title));
  out +=
      "An int8 neural network for a microcontroller, found and trained by tinynas, which wrote this page "
      "too.\n\n";
  out += "License: " +
         (facts.license.empty() ? "not stated; set `license:` in the experiment file"
                                : markdown(facts.license)) +
         "\n\n";
  for (const std::string& part : {network(report, facts), costs(report), accuracy(report), data(facts),
                                  making(report, facts), use(report, facts), files(report)})
    out += part + "\n";
  out.pop_back();
  return out;
}

}  // namespace tinynas::report
