#include <flatbuffers/flatbuffers.h>

#include "import/tflite_writer.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/rng.h"
#include "tinynas/import/import.h"

using namespace tinynas;

namespace {

std::string small_file() {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 4, 4, 2}, 0.5F, -3);
  const int mid = writer.int8("mid", {1, 4, 4, 3}, 0.5F, -128);
  const int out = writer.int8("out", {1, 1, 1, 3}, 0.5F, -128);
  writer.node(test::kTfConv,
              {in, writer.weights({3, 1, 1, 2}, {1, 2, 3}, {1, 2, 3, 4, 5, 6}), writer.int32({3}, {1, 2, 3})},
              {mid}, {{0, 1, 0}, {1, 4, 1}, {2, 4, 1}, {3, 1, 1}});
  writer.node(test::kTfAveragePool, {mid}, {out}, {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}, {3, 4, 4}, {4, 4, 4}});
  return writer.finish({in}, {out});
}

/// Whether it was read; what is wrong with it must be said in one of the two ways.
bool reads(const std::string& bytes) {
  try {
    import::fold(import::read_tflite(bytes));
    return true;
  } catch (const IoError&) {
    return false;
  } catch (const UnsupportedError&) {
    return false;
  }
}

}  // namespace

TEST_CASE("damaged TFLite files are refused, whichever byte is wrong") {
  const std::string file = small_file();
  REQUIRE(reads(file));
  for (std::size_t size = 0; size + 8 < file.size(); ++size)  // the last bytes may be padding
    CHECK(!reads(file.substr(0, size)));
  for (std::size_t i = 0; i < file.size(); ++i)
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = file;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      reads(damaged);
    }
  Rng rng(11);
  for (int n = 0; n < 2000; ++n) {
    std::string damaged = file;
    for (int k = rng.between(1, 6); k > 0; --k)
      damaged[static_cast<std::size_t>(rng.between(8, static_cast<int>(file.size()) - 1))] =
          static_cast<char>(rng.between(0, 255));
    reads(damaged);
  }
}

TEST_CASE("a file whose parts overlap takes no more memory than it has bytes") {
  // 20,000 tensors that are all one table with a long name.
  flatbuffers::FlatBufferBuilder fbb;
  const auto name = fbb.CreateString(std::string(100000, 'x'));
  auto start = fbb.StartTable();
  fbb.AddOffset(4 + 2 * 3, name);
  const flatbuffers::Offset<flatbuffers::Table> tensor(fbb.EndTable(start));
  const std::vector<flatbuffers::Offset<flatbuffers::Table>> many(20000, tensor);
  const auto tensors = fbb.CreateVector(many);
  start = fbb.StartTable();
  const flatbuffers::Offset<flatbuffers::Table> buffer(fbb.EndTable(start));
  const auto buffers = fbb.CreateVector(&buffer, 1);
  start = fbb.StartTable();
  fbb.AddOffset(4, tensors);
  const flatbuffers::Offset<flatbuffers::Table> graph(fbb.EndTable(start));
  const auto graphs = fbb.CreateVector(&graph, 1);
  start = fbb.StartTable();
  fbb.AddOffset(4 + 2 * 2, graphs);
  fbb.AddOffset(4 + 2 * 4, buffers);
  fbb.Finish(flatbuffers::Offset<flatbuffers::Table>(fbb.EndTable(start)), "TFL3");
  CHECK_THROWS_AS(import::read_tflite({reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize()}),
                  IoError);
}

TEST_CASE("names are printable, whatever the file has for them") {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 2}, 1, 0);
  const int out = writer.int8("\x1b[31mred \xff", {1, 2}, 1, 0);
  writer.node(test::kTfCustom, {in}, {out}, {}, "new\nline");
  CHECK_THROWS_WITH(import::fold(import::read_tflite(writer.finish({in}, {out}))),
                    Catch::Contains("CUSTOM new?line (node 0 '?[31mred ?')"));
}

TEST_CASE("errors of a file begin with its name") {
  const test::TemporaryFolder folder;
  write_file(folder / "short.tflite", small_file().substr(0, 100));
  CHECK_THROWS_AS(import::read_network(folder / "short.tflite"), IoError);
  CHECK_THROWS_WITH(import::read_network(folder / "short.tflite"), Catch::Contains("short.tflite: damaged"));
  write_file(folder / "named.onnx", small_file());  // what it is says its content
  CHECK(import::read_network(folder / "named.onnx").graph.layers.size() == 2);
  CHECK_THROWS_AS(import::read_network(folder / "missing.tflite"), IoError);
}
