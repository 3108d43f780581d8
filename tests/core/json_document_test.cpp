#include "tinynas/core/json_document.h"

#include "support/catch.h"
#include "tinynas/core/error.h"

using namespace tinynas;

TEST_CASE("a JSON document begins with its schema and ends with a line break") {
  CHECK(json_document("eval", "{\n  \"images\": {}\n}\n") ==
        "{\n  \"schema\": \"tinynas.eval/1\",\n  \"images\": {}\n}\n");
  CHECK(json_document("run", "{}") == "{\n  \"schema\": \"tinynas.run/1\"\n}\n");
}

TEST_CASE("a JSON document without a row, or that is no object, is our mistake") {
  CHECK_THROWS_AS(json_document("evil", "{}"), InternalError);
  CHECK_THROWS_AS(json_document("eval", "[]"), InternalError);
}
