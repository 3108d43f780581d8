#include "tinynas/report/plot.h"

#include <cmath>
#include <limits>

#include "report/axis.h"
#include "report/bars.h"
#include "support/catch.h"
#include "support/text.h"
#include "tinynas/report/heat_map.h"
#include "tinynas/report/svg.h"
#include "xml_check.h"

namespace tinynas::report {
namespace {

TEST_CASE("ticks are round and cover the values") {
  CHECK(ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(ticks(83.1, 91.9, 5) == std::vector<double>{82, 84, 86, 88, 90, 92});
  CHECK(ticks(-1, 1, 4) == std::vector<double>{-1, -0.5, 0, 0.5, 1});
}

TEST_CASE("an axis maps its ends to the ends of the drawing") {
  const std::vector<double> values = {3, 9};
  const Axis axis = make_axis(values, {.begin = 100, .end = 0, .ticks = 3, .from_zero = true});
  CHECK(axis.low == 0);
  CHECK(axis.high == 10);  // 9 / 3 = 3, next round step 5
  CHECK(axis.place(0) == 100);
  CHECK(axis.place(10) == 0);
  const Axis tight = make_axis(values, {.begin = 0, .end = 90, .ticks = 3, .from_zero = true, .tight = true});
  CHECK(tight.place(9) == 90);
  CHECK(tight.at == std::vector<double>{0, 5});
}

TEST_CASE("an axis of one value, of none or of equal values has an extent") {
  for (const std::vector<double>& values : {std::vector<double>{}, std::vector<double>{0, 0},
                                            std::vector<double>{91.5}, std::vector<double>{-3}}) {
    const Axis axis = make_axis(values, {.begin = 0, .end = 1});
    CHECK(axis.high > axis.low);
  }
}

TEST_CASE("tick texts are short") {
  CHECK(tick_text(0) == "0");
  CHECK(tick_text(0.25) == "0.25");
  CHECK(tick_text(1200) == "1,200");
  CHECK(tick_text(1.5e6) == "1.5M");
}

TEST_CASE("a plot draws every series, leaves out what is not finite and names what it shows") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Plot plot = {
      .title = "a < b",
      .x_label = "x",
      .y_label = "y",
      .description = "two & three",
      .series = {{.name = "dots", .x = {1, 2, 3}, .y = {4, nan, 6}, .mark = Mark::kDots},
                 {.name = "steps", .x = {1, 3}, .y = {4, 6}, .mark = Mark::kSteps},
                 {.name = "star", .x = {2}, .y = {5}, .mark = Mark::kStar, .tone = Tone::kWinner}}};
  const std::string drawing = svg(plot);
  CHECK(test::xml_error(drawing) == "");
  CHECK(test::contains(drawing, "<title>a &lt; b</title>"));
  CHECK(test::contains(drawing, "<desc>two &amp; three</desc>"));
  CHECK_FALSE(test::contains(drawing, "nan"));
  // x runs from 1 at 62 to 3 at 544, y from 4 at the bottom to 6 at the top: one dot at either end.
  CHECK(test::contains(drawing, "d='M62.0 304.0h0M544.0 54.0h0'"));
}

TEST_CASE("empty plots, maps and bars are still drawings") {
  CHECK(test::xml_error(svg(Plot{.title = "nothing"})) == "");
  CHECK(test::xml_error(svg(HeatMap{.title = "nothing"})) == "");
  CHECK(test::xml_error(svg(StackedBar{.title = "nothing"})) == "");
  CHECK(test::xml_error(svg(DotColumn{.title = "nothing"})) == "");
}

TEST_CASE("a heat map crosses out what is unknown and frames the winner") {
  HeatMap map{.title = "map", .columns = {"a", "b"}, .rows = {"1"}};
  map.cells = {{.value = 1, .text = "one", .marked = true}, {}};
  const std::string drawing = svg(map);
  CHECK(test::xml_error(drawing) == "");
  CHECK(test::contains(drawing, ">one</text>"));
  CHECK(test::contains(drawing, "class='frame'"));
  CHECK(test::contains(drawing, "class='none'"));
}

TEST_CASE("a meter above its limit is marked as missed") {
  CHECK(test::contains(to_html(Meter{"SRAM", "2 KiB", "of 1 KiB", 2.0}), "class='tile missed'"));
  CHECK_FALSE(test::contains(to_html(Meter{"SRAM", "1 KiB", "of 2 KiB", 0.5}), "missed"));
}

TEST_CASE("a standalone drawing is a file that needs nothing else") {
  const std::string file = standalone_svg(svg(Plot{.title = "t"}));
  CHECK(file.starts_with("<?xml version='1.0' encoding='UTF-8'?>\n<svg xmlns='http://www.w3.org/2000/svg' "));
  CHECK(test::xml_error(file) == "");
  CHECK(test::contains(file, "--paper"));
}

}  // namespace
}  // namespace tinynas::report
