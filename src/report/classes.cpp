#include "tinynas/report/classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/sections.h"
#include "report/text.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"

namespace tinynas::report {
namespace {

double share(std::int64_t part, std::int64_t of) {
  return of > 0 ? static_cast<double>(part) / static_cast<double>(of) : 0;
}

}  // namespace

double ClassAccuracy::percent() const { return 100 * share(right, images); }

Classification classify(std::span<const std::uint16_t> labels, std::span<const std::uint16_t> answers,
                        std::span<const std::string> names) {
  TINYNAS_CHECK(labels.size() == answers.size(), "one answer per label");
  std::size_t count = names.size();
  for (const auto classes : {labels, answers})
    for (const std::uint16_t one : classes) count = std::max<std::size_t>(count, one + 1U);
  Classification result;
  for (std::size_t label = 0; label < count; ++label)
    result.classes.push_back({.name = label < names.size() ? names[label] : fmt::format("class {}", label)});
  std::map<std::pair<int, int>, std::int64_t> wrong;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ClassAccuracy& one = result.classes[labels[i]];
    ++one.images;
    if (labels[i] == answers[i])
      ++one.right;
    else
      ++wrong[{labels[i], answers[i]}];
  }
  for (const auto& [pair, images] : wrong)
    result.confused.push_back({.label = pair.first, .answer = pair.second, .images = images});
  std::ranges::stable_sort(result.confused, std::ranges::greater{}, &Confused::images);
  return result;
}

Table class_table(const Classification& result) {
  Table table{.columns = {{"class", Align::kWords}, {"images"}, {"right"}, {"accuracy"}}};
  for (const ClassAccuracy& one : result.classes)
    table.rows.push_back(
        {.cells = {one.name, grouped(one.images), grouped(one.right),
                   one.images > 0 ? Cell(accuracy_text(one.percent()), one.percent() / 100) : Cell("")}});
  return table;
}

HeatMap confusion_matrix(const Classification& result) {
  const std::size_t count = result.classes.size();
  HeatMap map{.title = "Which classes are taken for which",
              .x_label = "answer of the network",
              .y_label = "label",
              .description = "Images of every class by the network's answer, as shares of the class."};
  map.cells.resize(count * count);
  const auto fill = [&](std::size_t label, std::size_t answer, std::int64_t images) {
    const ClassAccuracy& row = result.classes[label];
    HeatMap::Cell& cell = map.cells[(count - 1 - label) * count + answer];  // rows are drawn upwards
    cell.value = share(images, row.images);
    if (images > 0) cell.text = fmt::format("{}", images);
    cell.note = fmt::format("{}: {} of {} images are taken for {}", row.name, grouped(images),
                            grouped(row.images), result.classes[answer].name);
  };
  for (std::size_t label = 0; label < count; ++label) {
    map.columns.push_back(result.classes[label].name);
    map.rows.push_back(result.classes[count - 1 - label].name);
    for (std::size_t answer = 0; answer < count; ++answer)
      fill(label, answer, label == answer ? result.classes[label].right : 0);
  }
  for (const Confused& pair : result.confused) fill(at(pair.label), at(pair.answer), pair.images);
  return map;
}

Table confused_table(const Classification& result, std::size_t most) {
  Table table{
      .columns = {{"label", Align::kWords}, {"taken for", Align::kWords}, {"images"}, {"of the class"}}};
  for (std::size_t i = 0; i < std::min(most, result.confused.size()); ++i) {
    const Confused& pair = result.confused[i];
    const ClassAccuracy& label = result.classes[at(pair.label)];
    const double of_class = share(pair.images, label.images);
    table.rows.push_back({.cells = {label.name, result.classes[at(pair.answer)].name, grouped(pair.images),
                                    Cell(percent(of_class), of_class)}});
  }
  return table;
}

}  // namespace tinynas::report
