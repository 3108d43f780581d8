#include <cstdlib>

#include "example_report.h"
#include "support/catch.h"
#include "tinynas/core/files.h"
#include "xml_check.h"

namespace tinynas::report {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a full page is well-formed and names every part") {
  const std::string page = render_html(test::example_report());
  // TINYNAS_DEMO=FOLDER keeps the page, to look at it in a browser.
  if (const char* folder = std::getenv("TINYNAS_DEMO"))
    write_file(std::string(folder) + "/report.html", page);
  CHECK(test::xml_error(page) == "");
  for (const char* id : {"network", "accuracy", "ranking", "search", "training", "time", "provenance"})
    CHECK(contains(page, std::string("<section id='") + id + "'"));
  CHECK(contains(page, "91.93 %"));
  CHECK(contains(page, "320 KiB"));
  CHECK(contains(page, "91c2e0f7a5b3d811"));
}

}  // namespace
}  // namespace tinynas::report
