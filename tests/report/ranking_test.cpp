#include "tinynas/report/ranking.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/catch.h"
#include "xml_check.h"

namespace tinynas::report {
namespace {

std::vector<RankedSpace> three() {
  return {{.resolution = 96,
           .width = 0.5,
           .samples = 100,
           .fit_share = 1,
           .mean_macs = 2e6,
           .fit_macs = {1000000, 3000000}},
          {.resolution = 128,
           .width = 0.5,
           .samples = 100,
           .fit_share = 0.4,
           .mean_macs = 5e6,
           .fit_macs = {5000000},
           .chosen = true},
          {.resolution = 160, .width = 1, .samples = 100, .fit_share = 0, .set_aside = "fewer than 1 % fit"}};
}

TEST_CASE("the ranking's table begins with the chosen space and ends with those set aside") {
  const Table table = ranking_table(three());
  CHECK(table.rows[0].cells[0].text == "r128-w0.5");
  CHECK(table.rows[0].marked);
  CHECK(table.rows[1].cells[0].text == "r96-w0.5");
  CHECK(table.rows[2].cells.back().text == "set aside: fewer than 1 % fit");
}

TEST_CASE("an elastic resolution is shown from its smallest to its largest") {
  const std::vector<RankedSpace> spaces = {
      {.resolution = 32, .smallest_resolution = 16, .width = 0.5, .mean_macs = 1e6, .chosen = true},
      {.resolution = 32, .smallest_resolution = 16, .width = 1, .mean_macs = 2e6}};
  CHECK(ranking_table(spaces).rows[0].cells[0].text == "r16-32-w0.5");
  CHECK(ranking_table(spaces).rows[0].cells[1].text == "16-32");
  CHECK(ranking_mean_macs(spaces).rows == std::vector<std::string>{"16-32"});
  const auto json = nlohmann::json::parse(ranking_json(spaces));
  CHECK(json.at("chosen") == "r16-32-w0.5");
  CHECK(json.at("spaces").at(0).at("smallest_resolution") == 16);
  CHECK_FALSE(
      nlohmann::json::parse(ranking_json(three())).at("spaces").at(0).contains("smallest_resolution"));
}

TEST_CASE("the ranking as JSON names the chosen space") {
  const auto json = nlohmann::json::parse(ranking_json(three()));
  CHECK(json.at("chosen") == "r128-w0.5");
  CHECK(json.at("spaces").size() == 3);
  CHECK(json.at("spaces").at(2).at("set_aside") == "fewer than 1 % fit");
  CHECK(nlohmann::json::parse(ranking_json({})).at("chosen").is_null());
}

TEST_CASE("a CDF rises from 0 to 100 % over the networks that fit") {
  const Plot plot = ranking_cdf(three());
  REQUIRE(plot.series.size() == 2);  // nothing of the third space fits
  const Series& winner = plot.series.back();
  CHECK(winner.name == "r128-w0.5 (chosen)");
  const Series& other = plot.series.front();
  CHECK(other.x == std::vector<double>{1, 1, 3, 3});
  CHECK(other.y == std::vector<double>{0, 50, 100, 100});
  CHECK(test::xml_error(svg(plot)) == "");
}

TEST_CASE("the grid has a cell per space and holes where there is none") {
  const HeatMap map = ranking_mean_macs(three());
  CHECK(map.columns == std::vector<std::string>{"0.5", "1"});
  CHECK(map.rows == std::vector<std::string>{"96", "128", "160"});
  CHECK(map.cells[0].value == 2e6);
  CHECK(map.cells[2].marked);
  CHECK(std::isnan(map.cells[1].value));
  CHECK(test::xml_error(svg(ranking_fit_share(three()))) == "");
}

TEST_CASE("a sweep says which space each budget picks") {
  const std::vector<SweepPoint> points = {{262144, 1048576, "w0.5-r160", 5e6}, {131072, 1048576, "", 0}};
  CHECK(to_text(sweep_table(points)) ==
        "SRAM  Flash  best space  mean MACs\n"
        "----  -----  ----------  ---------\n"
        "256K     1M  w0.5-r160       5.00M\n"
        "128K     1M  none fits           -\n");
  const HeatMap map = sweep_map(points);
  CHECK(map.columns == std::vector<std::string>{"128K", "256K"});
  CHECK(map.cells[1].text == "w0.5-r160");
  CHECK(test::xml_error(svg(map)) == "");
}

}  // namespace
}  // namespace tinynas::report
