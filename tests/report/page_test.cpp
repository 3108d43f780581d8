#include <cstdlib>

#include "example_report.h"
#include "support/catch.h"
#include "support/text.h"
#include "tinynas/core/files.h"
#include "xml_check.h"

namespace tinynas::report {
namespace {

TEST_CASE("a full page is well-formed and has every part") {
  const std::string page = render_html(test::example_report());
  // TINYNAS_DEMO=FOLDER keeps the page, to look at it in a browser.
  if (const char* folder = std::getenv("TINYNAS_DEMO"))
    write_file(std::string(folder) + "/report.html", page);
  CHECK(test::xml_error(page) == "");
  for (const char* id : {"network", "accuracy", "ranking", "search", "training", "time", "provenance"})
    CHECK(test::contains(page, std::string("<section id='") + id + "'"));
  CHECK(test::contains(page, "91.93 %"));
  CHECK(test::contains(page, "320 KiB"));
  CHECK(test::contains(page, "12 min 36 s of the 15 min 00 s allowed"));  // 756.3 s: the stages added up
  CHECK(test::contains(page, "91c2e0f7a5b3d811"));
}

TEST_CASE("a page loads nothing and runs nothing") {
  const std::string page = render_html(test::example_report());
  for (const char* outside : {"<script", "http://", "https://", "url(", "<link", "<img", "@import"})
    CHECK_FALSE(test::contains(page, outside));
}

TEST_CASE("every picture of a report is a file of its own, and the page shows the same drawing") {
  const RunReport report = test::example_report();
  const std::string page = render_html(report);
  const std::vector<Picture> all = pictures(report);
  REQUIRE(all.size() == 7);
  for (const Picture& picture : all) {
    CAPTURE(picture.name);
    CHECK(picture.name.ends_with(".svg"));
    CHECK(test::xml_error(picture.svg) == "");
    const std::string drawing = picture.svg.substr(picture.svg.find("<desc>"));
    CHECK(test::contains(page, drawing.substr(0, drawing.find("<style>"))));
    CHECK(test::contains(page, drawing.substr(drawing.rfind("<text"))));
  }
  CHECK(pictures({.title = "nothing yet"}).empty());
}

TEST_CASE("the same report gives the same bytes") {
  CHECK(render_html(test::example_report()) == render_html(test::example_report()));
}

TEST_CASE("an empty report is a page without sections") {
  const std::string page = render_html({.title = "nothing yet"});
  CHECK(test::xml_error(page) == "");
  CHECK_FALSE(test::contains(page, "<section"));
}

TEST_CASE("a part that is empty is left out, the others stay") {
  RunReport report = test::example_report();
  report.network.reset();
  report.ranking.clear();
  report.random_search.clear();
  const std::string page = render_html(report);
  CHECK(test::xml_error(page) == "");
  CHECK_FALSE(test::contains(page, "<section id='network'"));
  CHECK_FALSE(test::contains(page, "<section id='ranking'"));
  CHECK(test::contains(page, "<section id='search'"));
}

TEST_CASE("whatever a user can name is escaped wherever it stands") {
  const std::string evil = "<b onload='x'>&\"";
  RunReport report = test::example_report();
  report.title = report.genome = report.config = evil;
  report.network->model = report.network->device.name = evil;
  for (std::string& name : report.network->graph.names) name = evil;
  for (auto& point : report.evolution) point.genome = evil;
  for (auto& stage : report.stages) stage.name = stage.summary = evil;
  for (auto& stage : report.accuracy) stage.name = stage.note = evil;
  for (auto& one : report.by_class.classes) one.name = evil;
  for (auto& space : report.ranking) space.set_aside = evil;
  report.facts = {{evil, evil}};
  report.files = {{evil, 1, evil}};
  const std::string page = render_html(report);
  CHECK(test::xml_error(page) == "");
  CHECK_FALSE(test::contains(page, "<b onload"));
}

TEST_CASE("a run for several devices has a table of them that leads to their pages") {
  RunReport report = test::example_report();
  CHECK_FALSE(test::contains(render_html(report), "<section id='devices'"));
  report.targets = {{.device = "stm32f746", .accuracy = 91.93, .sram_bytes = 20480, .genome = "large"},
                    {.device = "rp2040",
                     .page = "also/rp2040/report.html",
                     .accuracy = 90.5,
                     .budget = {.sram_bytes = 65536},
                     .sram_bytes = 16384,
                     .genome = "small"}};
  const std::string page = render_html(report);
  CHECK(test::xml_error(page) == "");
  CHECK(test::contains(page, "<a href='also/rp2040/report.html'>rp2040</a>"));
  CHECK(test::contains(page, "--share:25.0%'>16.0 KiB of 64.0 KiB"));
  CHECK(test::contains(page, "<td>stm32f746</td>"));
}

TEST_CASE("a network that misses its budget says so first") {
  RunReport report = test::example_report();
  report.network->budget.sram_bytes = 1024;
  CHECK(test::contains(render_html(report), "Does not fit: sram"));
}

TEST_CASE("the claim is int8 on test images, not the last stage") {
  const std::string page = render_html(test::example_report());
  CHECK(test::contains(page, "<div class='name'>Accuracy, int8</div><div class='figure'>91.93 %</div>"));
}

}  // namespace
}  // namespace tinynas::report
