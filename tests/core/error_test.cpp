#include "tinynas/core/error.h"

#include <array>

#include "support/catch.h"

using namespace tinynas;

TEST_CASE("edit distance counts insertions, deletions and substitutions") {
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("same", "same") == 0);
}

TEST_CASE("the nearest word is offered") {
  CHECK(nearest_word("flsh", std::array<std::string, 3>{"sram", "flash", "latency"}) == "flash");
  CHECK(nearest_word("x", std::array<std::string, 0>{}).empty());
}

TEST_CASE("a failed check throws an internal error that names the file") {
  try {
    TINYNAS_CHECK(1 == 2, "one is not two");
    FAIL("did not throw");
  } catch (const InternalError& error) {
    CHECK(error.code() == ExitCode::kInternal);
    CHECK_THAT(error.what(), Catch::StartsWith("error_test.cpp:") && Catch::Contains("one is not two"));
  }
}
