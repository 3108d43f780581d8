#include "tinynas/report/classes.h"

#include "support/catch.h"
#include "support/text.h"
#include "tinynas/report/report.h"
#include "xml_check.h"

namespace tinynas::report {
namespace {

/// Five shirts, two of them taken for coats and one for a bag; three coats, all right; no bags.
Classification three_classes() {
  const std::vector<std::uint16_t> labels = {0, 0, 0, 0, 0, 1, 1, 1}, answers = {0, 1, 2, 1, 0, 1, 1, 1};
  return classify(labels, answers, std::vector<std::string>{"shirt", "coat", "bag"});
}

/// `count` classes of one image each, taken for the class after it.
Classification many_classes(std::size_t count) {
  std::vector<std::uint16_t> labels, answers;
  for (std::size_t i = 0; i < count; ++i) {
    labels.push_back(static_cast<std::uint16_t>(i));
    answers.push_back(static_cast<std::uint16_t>((i + 1) % count));
  }
  return classify(labels, answers, {});
}

TEST_CASE("answers are counted class by class, and confused pairs by their number") {
  const Classification result = three_classes();
  REQUIRE(result.classes.size() == 3);
  CHECK(result.classes[0].images == 5);
  CHECK(result.classes[0].right == 2);
  CHECK(result.classes[0].percent() == Approx(40));
  CHECK(result.classes[1].percent() == Approx(100));
  CHECK(result.classes[2].percent() == 0);  // without images
  REQUIRE(result.confused.size() == 2);
  CHECK(result.confused[0].label == 0);
  CHECK(result.confused[0].answer == 1);
  CHECK(result.confused[0].images == 2);
  CHECK(result.confused[1].answer == 2);
}

TEST_CASE("a label or an answer beyond the names is a class too") {
  const std::vector<std::uint16_t> labels = {0, 65535}, answers = {3, 65535};
  const Classification result = classify(labels, answers, std::vector<std::string>{"shirt"});
  CHECK(result.classes.size() == 65536);
  CHECK(result.classes[3].name == "class 3");
  CHECK(result.classes[65535].right == 1);
}

TEST_CASE("the table leaves the accuracy of a class without images open") {
  const Table table = class_table(three_classes());
  CHECK(table.rows[0].cells[3].text == "40.00 %");
  CHECK(table.rows[2].cells[1].text == "0");
  CHECK(table.rows[2].cells[3].text == "");
  const Table pairs = confused_table(three_classes(), 1);
  REQUIRE(pairs.rows.size() == 1);
  CHECK(pairs.rows[0].cells[0].text == "shirt");
  CHECK(pairs.rows[0].cells[1].text == "coat");
  CHECK(pairs.rows[0].cells[3].text == "40 %");
}

TEST_CASE("the matrix has the first label on top, answers from the left, shares of each row") {
  const HeatMap map = confusion_matrix(three_classes());
  CHECK(map.rows == std::vector<std::string>{"bag", "coat", "shirt"});  // rows are drawn upwards
  CHECK(map.columns == std::vector<std::string>{"shirt", "coat", "bag"});
  const auto cell = [&](std::size_t label, std::size_t answer) {
    return map.cells[(2 - label) * 3 + answer];
  };
  CHECK(cell(0, 0).value == Approx(0.4));
  CHECK(cell(0, 1).text == "2");
  CHECK(cell(0, 2).value == Approx(0.2));
  CHECK(cell(1, 1).value == Approx(1));
  CHECK(cell(1, 0).text == "");
  CHECK(cell(0, 1).note == "shirt: 2 of 5 images are taken for coat");
  CHECK(test::xml_error(svg(map)) == "");
}

TEST_CASE("long names are shortened and slanted, and no name leaves the picture") {
  Classification result = three_classes();
  for (ClassAccuracy& one : result.classes) one.name = "a class of a very long name, with <signs> and \u00e4";
  const std::string picture = svg(confusion_matrix(result));
  CHECK(test::xml_error(picture) == "");
  CHECK(test::contains(picture, ">a class of a"));
  CHECK(test::contains(picture, "...</text>"));
  CHECK_FALSE(test::contains(picture, "x='-"));
  CHECK(test::contains(svg(confusion_matrix(many_classes(30))), "rotate(-45"));
}

TEST_CASE("a page shows the matrix of up to 30 classes, and of more the pairs that are confused most") {
  const std::string few =
      render_html({.title = "few", .accuracy = {{"int8", 50}}, .by_class = many_classes(30)});
  CHECK(test::xml_error(few) == "");
  CHECK(test::contains(few, "Which classes are taken for which"));
  const std::string many =
      render_html({.title = "many", .accuracy = {{"int8", 50}}, .by_class = many_classes(31)});
  CHECK(test::xml_error(many) == "");
  CHECK_FALSE(test::contains(many, "Which classes are taken for which"));
  CHECK(test::contains(many, "The classes that are confused most often"));
}

}  // namespace
}  // namespace tinynas::report
