#include "engine/write/markdown.h"

#include <sstream>

#include "engine/networks.h"
#include "support/catch.h"

using namespace tinynas;

namespace {

std::string repeated(const std::string& word, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += (i > 0 ? " " : "") + word;
  return text;
}

}  // namespace

TEST_CASE("paragraphs and items are filled anew, and all else stays as it is") {
  // 24 words of 4 letters and the blanks between them are 119 columns; the 25th would be 124.
  CHECK(engine::wrap_markdown(repeated("word", 25) + "\nmore\n") == repeated("word", 24) + "\nword more\n");
  CHECK(engine::wrap_markdown("- " + repeated("word", 24) + "\n  more\n- next\n") ==
        "- " + repeated("word", 23) + "\n  word more\n- next\n");
  const std::string as_it_is = "# " + repeated("head", 40) + "\n\n| " + repeated("cell", 40) +
                               " |\n\n```c\n" + repeated("code", 40) + "\n- x\n  y\n```\n\nend\n";
  CHECK(engine::wrap_markdown(as_it_is) == as_it_is);
}

TEST_CASE("a code span stays in one line, and no line begins like a heading or an item") {
  CHECK(engine::wrap_markdown(repeated("word", 23) + " `a b c`\n") == repeated("word", 23) + "\n`a b c`\n");
  CHECK(engine::wrap_markdown(repeated("word", 24) + " - x\n") == repeated("word", 23) + "\nword - x\n");
  CHECK(engine::wrap_markdown(repeated("word", 24) + " 12. x\n") == repeated("word", 23) + "\nword 12. x\n");
  CHECK(engine::wrap_markdown("a ` " + repeated("word", 30) + "\n") ==  // no span: it does not end
        "a ` " + repeated("word", 23) + "\n" + repeated("word", 7) + "\n");
  CHECK(engine::wrap_markdown("") == "");
}

TEST_CASE("no line of prose in the folder's README passes 120 columns, whatever is inserted") {
  const test::Oracle oracle(41, 1);
  auto options = test::firmware_options(std::string(32, 'n'));
  options.source = repeated("- a/long/path", 20);
  options.input_description = repeated("resized", 40);
  options.self_test = {.images = oracle.images, .source = repeated("noise", 40)};
  for (const auto& file : test::generate(oracle, options)) {
    if (file.path != "README.md") continue;
    std::istringstream in(file.text);
    for (std::string line; std::getline(in, line);) {
      INFO(line);
      CHECK((line.size() <= engine::kMarkdownColumns || line.starts_with('|')));
    }
  }
}
