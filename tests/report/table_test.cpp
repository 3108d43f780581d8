#include "tinynas/report/table.h"

#include "support/catch.h"
#include "tinynas/core/error.h"
#include "xml_check.h"

namespace tinynas::report {
namespace {

Table fruit() {
  return {.caption = "",
          .columns = {{"name", Align::kWords}, {"count"}},
          .rows = {{.cells = {"pear", "7"}}, {.cells = {"\u00e4pple", Cell("1,200", 0.5)}, .marked = true}},
          .totals = {"sum", "1,207"}};
}

TEST_CASE("a text table sets words left and numbers right, by characters and not by bytes") {
  CHECK(to_text(fruit()) ==
        "name   count\n"
        "-----  -----\n"
        "pear       7\n"
        "\u00e4pple  1,200 *\n"
        "-----  -----\n"
        "sum    1,207\n");
}

TEST_CASE("an HTML table marks the winner, draws bars and escapes its cells") {
  Table table = fruit();
  table.rows[0].cells[0] = Cell("<pear> & co");
  const std::string html = to_html(table);
  CHECK(test::xml_error(html) == "");
  CHECK(html.find("&lt;pear&gt; &amp; co") != std::string::npos);
  CHECK(html.find("<tr class='marked'>") != std::string::npos);
  CHECK(html.find("--share:50.0%") != std::string::npos);
}

TEST_CASE("a Markdown table escapes its cells, links, and sets the winner in bold") {
  Table table = fruit();
  table.rows[0].cells[0] = Cell("a|b_*c <d>\n&");
  table.rows[0].cells[0].link = "also/a b.html";
  CHECK(to_markdown(table) ==
        "| name | count |\n"
        "| --- | ---: |\n"
        "| [a\\|b\\_\\*c &lt;d> &amp;](<also/a b.html>) | 7 |\n"
        "| **\u00e4pple** | **1,200** |\n"
        "| sum | 1,207 |\n");
}

TEST_CASE("a row with a cell too few is our mistake") {
  Table table = fruit();
  table.rows[0].cells.pop_back();
  CHECK_THROWS_AS(to_text(table), InternalError);
}

}  // namespace
}  // namespace tinynas::report
