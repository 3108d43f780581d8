// Files of one operator each, of other people: read, or refused with a reason.
#include <fmt/format.h>

#include <filesystem>

#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/import/import.h"

using namespace tinynas;

TEST_CASE("each file of one operator is read, or refused by its name") {
  const auto folder = test::test_data("data/models/ops", "files of one operator");
  if (!folder) return;
  int read = 0, refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*folder)) {
    if (entry.path().extension() != ".tflite" && entry.path().extension() != ".onnx") continue;
    INFO(entry.path());
    try {
      const ir::Graph graph = import::read_network(entry.path()).graph;
      CHECK(graph.layer_count() > 0);
      ++read;
    } catch (const UnsupportedError& error) {
      CHECK_THAT(error.what(), Catch::Contains("node") || Catch::Contains("put '"));
      ++refused;
    }
  }
  fmt::print("files of one operator: {} read, {} refused\n", read, refused);
  CHECK(read >= 257);
}
