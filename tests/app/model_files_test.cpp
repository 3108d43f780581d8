// convert, run and emulate on files of others.
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/command_line.h"
#include "app/support.h"
#include "import/tflite_writer.h"
#include "support/catch.h"
#include "tinynas/data/samples.h"
#include "tinynas/import/import.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas {
namespace {

using Json = nlohmann::json;
using test::Answer;
using test::TemporaryFolder;

std::string bytes_of(const std::vector<float>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size());
}

/// Of pixels a and b: a, b, a + b; every scale is 1.
std::string sums_network() {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 2}, 1, -128), out = writer.int8("out", {1, 3}, 1, -128);
  writer.node(test::kTfDense,
              {in, writer.weights({3, 2}, {1, 1, 1}, {1, 0, 0, 1, 1, 1}), writer.int32({3}, {0, 0, 0})},
              {out});
  return writer.finish({in}, {out});
}

/// The same in float.
std::string float_sums_network() {
  test::TfliteWriter writer;
  const auto reals = [&](std::vector<std::int32_t> shape, const std::vector<float>& values) {
    return writer.tensor("reals", std::move(shape), test::kTfFloat32, {}, bytes_of(values));
  };
  const int in = writer.tensor("in", {1, 2}, test::kTfFloat32, {});
  const int out = writer.tensor("out", {1, 3}, test::kTfFloat32, {});
  writer.node(test::kTfDense, {in, reals({3, 2}, {1, 0, 0, 1, 1, 1}), reals({3}, {0, 0, 0})}, {out});
  return writer.finish({in}, {out});
}

/// Of "left" and "right": "more", their sum, and "most", the larger of the two.
std::string two_ends_network() {
  test::TfliteWriter writer;
  const int left = writer.int8("left", {1, 1, 2, 1}, 1, 0), right = writer.int8("right", {1, 1, 2, 1}, 1, 0);
  const int more = writer.int8("more", {1, 1, 2, 1}, 1, 0), most = writer.int8("most", {1, 1, 2, 1}, 1, 0);
  writer.node(test::kTfAdd, {left, right}, {more});
  writer.node(test::kTfMaximum, {left, right}, {most});
  return writer.finish({left, right}, {more, most});
}

/// Call t makes x(t - 2) + 2 x(t - 1) + 4 x(t).
std::string streaming_network() {
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 1, 1, 1}, 1, 0);
  const int handle = writer.tensor("state", {}, test::kTfResource, {});
  writer.node(test::kTfCallOnce, {}, {}, {{0, 4, 1}});
  writer.node(test::kTfVarHandle, {}, {handle}, {{1, 4, 0, "state"}});
  const int read = writer.int8("read", {1, 2, 1, 1}, 1, 0), both = writer.int8("both", {1, 3, 1, 1}, 1, 0);
  writer.node(test::kTfReadVariable, {handle}, {read});
  writer.node(test::kTfConcat, {read, in}, {both}, {{0, 4, 1}});
  const int next = writer.int8("next", {1, 2, 1, 1}, 1, 0), out = writer.int8("out", {1, 1, 1, 1}, 1, 0);
  writer.node(test::kTfStridedSlice,
              {both, writer.int32({4}, {0, 1, 0, 0}), writer.int32({4}, {0, 3, 0, 0}),
               writer.int32({4}, {1, 1, 1, 1})},
              {next}, {{0, 4, 13}, {1, 4, 13}});
  writer.node(test::kTfAssignVariable, {handle, next}, {});
  writer.node(test::kTfConv, {both, writer.weights({1, 3, 1, 1}, {1}, {1, 2, 4}), writer.int32({1}, {0})},
              {out}, {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}});
  writer.other_graph();
  const int in_other = writer.tensor("state", {}, test::kTfResource, {});
  writer.node(test::kTfVarHandle, {}, {in_other}, {{1, 4, 0, "state"}});
  const int initial = writer.tensor("initial", {1, 2, 1, 1}, test::kTfInt8, {{1}, {0}}, std::string(2, '\0'));
  writer.node(test::kTfAssignVariable, {in_other, initial}, {});
  writer.other_graph();
  return writer.finish({in}, {out});
}

/// A dense layer of more weights than an emulated board has Flash.
std::string large_network() {
  constexpr int kSide = 2100;
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, kSide}, 1, 0), out = writer.int8("out", {1, kSide}, 1, 0);
  const std::vector<std::int8_t> weights(std::size_t{kSide} * kSide, 1);
  writer.node(test::kTfDense,
              {in, writer.weights({kSide, kSide}, {1}, weights),
               writer.int32({kSide}, std::vector<std::int32_t>(kSide, 0))},
              {out});
  return writer.finish({in}, {out});
}

/// All of the files, and inputs for them.
class Files {
 public:
  Files() {
    write_file(folder_ / "sums.tflite", sums_network());
    write_file(folder_ / "float.tflite", float_sums_network());
    write_file(folder_ / "two.tflite", two_ends_network());
    write_file(folder_ / "stream.tflite", streaming_network());
    write_file(folder_ / "a.bin", "\x03\x05");
    write_file(folder_ / "b.bin", "\x09\x01");
    write_file(folder_ / "a8.bin", "\x83\x85");  // the same in the int8 of sums.tflite
    write_file(folder_ / "b8.bin", "\x89\x81");
  }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  Answer operator()(const std::string& arguments) const {
    return test::run_tinynas(folder_.path(), arguments);
  }
  Json json(const std::string& arguments) const {
    const Answer answer = (*this)(arguments + " --json");
    CAPTURE(arguments, answer.err);
    REQUIRE(answer.code == 0);
    return Json::parse(answer.out);
  }
  void refuses(const std::string& arguments, int code, const std::vector<std::string>& words) const {
    const Answer answer = (*this)(arguments);
    CAPTURE(arguments, answer.err);
    CHECK(answer.code == code);
    test::check_one_line(answer);
    for (const std::string& word : words) CHECK(answer.err.find(word) != std::string::npos);
  }
  /// The real values of an output.
  std::vector<float> values(const std::string& arguments, std::size_t input = 0,
                            std::size_t output = 0) const {
    return json("run " + arguments).at("results").at(input).at("outputs").at(output).at("values");
  }

 private:
  TemporaryFolder folder_;
};

using Values = std::vector<float>;

TEST_CASE("run prints the largest values of each input, with their labels") {
  const Files files;
  write_file(files / "labels.txt", "left\r\nright\nboth\n");
  const Answer answer = files("run sums.tflite a8.bin b8.bin --labels labels.txt --top 2");
  CAPTURE(answer.err);
  REQUIRE(answer.code == 0);
  CHECK(answer.out ==
        "output [3], real value = 1 * (int8 + 128)\n\n"
        "a8.bin  both 8, right 5\n"
        "b8.bin  both 10, left 9\n");
  CHECK(files("run sums.tflite a8.bin").out.ends_with("a8.bin  2: 8, 1: 5, 0: 3\n"));
}

TEST_CASE("bytes, int8 values and real values say the same in their own terms") {
  const Files files;
  write_file(files / "real.bin", bytes_of({3, 5}));
  write_file(files / "real.npy", data::numpy_file({2, 2}, std::vector<float>{3, 5, 9, 1}));
  const Values sums = {3, 5, 8};
  CHECK(files.values("sums.tflite a8.bin") == sums);
  CHECK(files.values("sums.tflite real.bin") == sums);
  CHECK(files.values("sums.tflite real.npy") == sums);
  CHECK(files.values("sums.tflite real.npy", 1) == Values{9, 1, 10});
  CHECK(files.json("run sums.tflite real.npy").at("results").at(1).at("input") == "real.npy[1]");
  CHECK(files.values("sums.tflite a.bin --input-mean 1 --input-std 0.5") == Values{4, 8, 12});
  CHECK(files.values("float.tflite a.bin --float --input-mean 1 --input-std 0.5") == Values{4, 8, 12});
  CHECK(files.values("float.tflite real.npy --float", 1) == Values{9, 1, 10});
  const Values in_int8 = files.values("float.tflite a.bin --calibrate real.npy");
  for (std::size_t i = 0; i < 3; ++i) CHECK(in_int8[i] == Approx(sums[i]).margin(0.1));
}

TEST_CASE("run writes raw and NumPy files") {
  const Files files;
  REQUIRE(files("run sums.tflite a8.bin b8.bin --raw out.bin --npy out.npy").code == 0);
  CHECK(read_file(files / "out.bin") == "\x83\x85\x88\x89\x81\x8a");  // less 128
  const data::NumpyArray array = data::read_numpy(read_file(files / "out.npy"), "out.npy");
  CHECK(array.shape == std::vector<std::int64_t>{2, 3});
  CHECK(array.values == Values{3, 5, 8, 9, 1, 10});
  REQUIRE(files("run float.tflite a.bin --float --raw out.bin").code == 0);
  CHECK(read_file(files / "out.bin") == bytes_of({3, 5, 8}));
  REQUIRE(files("run two.tflite a.bin b.bin --input-std 1.0001 --npy ends.npy").code == 0);
  CHECK(data::read_numpy(read_file(files / "ends1.npy"), "").values == Values{9, 5});
}

TEST_CASE("a network with several inputs takes one file for each, of as many inputs") {
  const Files files;
  write_file(files / "left.npy", data::numpy_file({2, 1, 2, 1}, std::vector<float>{1, 2, 3, 4}));
  write_file(files / "right.npy", data::numpy_file({2, 2}, std::vector<float>{4, 1, -4, 5}));
  CHECK(files.values("two.tflite left.npy right.npy", 0) == Values{5, 3});
  CHECK(files.values("two.tflite left.npy right.npy", 1, 0) == Values{-1, 9});
  CHECK(files.values("two.tflite left.npy right.npy", 1, 1) == Values{3, 5});
  const std::string text = files("run two.tflite left.npy right.npy").out;
  CHECK(text.find("left.npy[0]  more  3 to 5, mean 4\n             most  2 to 4, mean 3\n") !=
        std::string::npos);
  files.refuses("run two.tflite left.npy", 2,
                {"1 given, the network has 2: left [1, 2, 1], right [1, 2, 1]"});
  files.refuses("run two.tflite left.npy left.npy left.npy", 2, {"3 given"});
  files.refuses("run two.tflite left.npy a.bin", 2, {"a.bin: holds 1", "right", "expected 2, as left.npy"});
}

TEST_CASE("inputs of a streaming network are its calls") {
  const Files files;
  write_file(files / "calls.npy", data::numpy_file({3, 1}, std::vector<float>{1, 0, 0}));
  for (std::size_t call = 0; call < 3; ++call)
    CHECK(files.values("stream.tflite calls.npy", call) == Values{std::vector{4.0F, 2.0F, 1.0F}[call]});
  files.refuses("convert stream.tflite", 4, {"stream.tflite: keeps rows from call to call"});
}

TEST_CASE("run refuses what it cannot take, by name") {
  const Files files;
  write_file(files / "three.bin", "abc");
  write_file(files / "notes.txt", "abc");
  write_file(files / "two_labels.txt", "a\nb\n");
  files.refuses("run sums.tflite three.bin", 3,
                {"three.bin: has 3 bytes; expected 8 (float32) or 2 (bytes)"});
  files.refuses("run sums.tflite notes.txt", 3, {"notes.txt: expected a .jpg, .png, .npy or .bin file"});
  files.refuses("run sums.tflite gone.bin", 3, {"gone.bin: no such file"});
  files.refuses("run sums.tflite", 2, {"inputs"});
  files.refuses("run gone.tflite a.bin", 3, {"gone.tflite: no such file"});
  files.refuses("run sums.tflite a.bin --labels two_labels.txt", 3,
                {"two_labels.txt: has 2 lines", "output [3]"});
  files.refuses("run sums.tflite a.bin --labels gone.txt", 3, {"gone.txt"});
  files.refuses("run sums.tflite a.bin --float", 2, {"--float: sums.tflite is in int8"});
  files.refuses("run float.tflite a.bin", 2, {"--float", "--calibrate"});
  files.refuses("run float.tflite a.bin --float --calibrate random", 2, {"--float", "--calibrate"});
  files.refuses("run sums.tflite a.bin --calibrate random", 2, {"in int8 already"});
  files.refuses("run sums.tflite a.bin --input-std 0", 2, {"--input-std"});
}

TEST_CASE("run writes over nothing that it reads") {
  const Files files;
  const std::string model = read_file(files / "sums.tflite");
  files.refuses("run sums.tflite a8.bin --npy sums.tflite", 2, {"--npy: sums.tflite is read here"});
  files.refuses("run sums.tflite a8.bin --raw a8.bin", 2, {"--raw: a8.bin is read here"});
  CHECK(read_file(files / "sums.tflite") == model);
  CHECK(read_file(files / "a8.bin") == "\x83\x85");
}

TEST_CASE("compile leaves no folder where it compiled nothing, and says what is too large") {
  const Files files;
  files.refuses("compile gone.tflite -o nothing", 3, {"gone.tflite"});
  files.refuses("compile stream.tflite --input dma -o nothing", 4, {});
  CHECK(!std::filesystem::exists(files / "nothing"));
  write_file(files / "tiny.yaml", "core: cortex-m4\nclock: 80 MHz\nsram: 16\nflash: 1K\n");
  const Answer answer = files("compile sums.tflite --device tiny.yaml -o tiny");
  CAPTURE(answer.err);
  CHECK(answer.code == 0);
  CHECK_THAT(answer.err, Catch::Contains("does not fit ") && Catch::Contains("sram"));
}

TEST_CASE("what convert writes is read as the same network") {
  const Files files;
  for (const std::string name : {"sums", "two"}) {
    CAPTURE(name);
    const Answer answer = files("convert " + name + ".tflite");
    CAPTURE(answer.err);
    REQUIRE(answer.code == 0);
    CHECK(answer.out.starts_with(name + "_int8.onnx: int8, "));
    const import::Network from = import::read_network(files / (name + ".tflite"));
    const import::Network made = import::read_network(files / (name + "_int8.onnx"));
    CHECK(made.graph == from.graph);
    CHECK(made.metadata == from.metadata);
  }
  CHECK(files.values("sums_int8.onnx a.bin") == Values{3, 5, 8});
  const Answer again = files("convert sums.tflite -o sums_int8.onnx");
  CHECK(again.out.starts_with("replaced sums_int8.onnx: int8, 1 layer,"));
  CHECK(again.out.find("  takes input [2], real value = 1 * (int8 + 128)\n") != std::string::npos);
  CHECK(again.out.find("The file's own input is int8 [1, 2]") != std::string::npos);
}

TEST_CASE("convert quantizes a network in float, and says on what") {
  const Files files;
  const Json json = files.json("convert float.tflite --calibrate a.bin -o new/made.onnx");
  CHECK(json.at("quantization").at("inputs") == 1);
  const std::string note = json.at("note");
  CHECK(note.find("input was calibrated on pixels: real value = (pixel - 0) / 1; feed pixel - 128") !=
        std::string::npos);
  CHECK(files.values("new/made.onnx a.bin")[2] == Approx(8).margin(0.1));
  REQUIRE(files("compile float.tflite --calibrate a.bin -o fw").code == 0);
  const std::string header = read_file(files / "fw/model.h");
  CHECK(header.find("scale times (what") != std::string::npos);  // comments lose their stars
  CHECK(header.find("feed pixel - 128") != std::string::npos);
  files.refuses("convert float.tflite", 2, {"float.tflite: is in float", "--calibrate DIR"});
  files.refuses("convert sums.tflite -o sums.tflite", 2, {"is the model itself"});
  files.refuses("convert sums.tflite -o new", 2, {"new is a folder"});
  files.refuses("convert a.bin", 3, {"a.bin"});
}

TEST_CASE("eval refuses networks that score no classes, before it reads a data set") {
  const Files files;
  files.refuses("eval stream.tflite --data gone", 4, {"stream.tflite: keeps rows", "a score for each class"});
  files.refuses("eval two.tflite --data gone", 4, {"has 2 inputs and 2 outputs"});
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 4, 4, 1}, 1, 0), out = writer.int8("out", {1, 4, 4, 1}, 1, 0);
  writer.node(test::kTfRelu, {in}, {out});
  write_file(files / "map.tflite", writer.finish({in}, {out}));
  files.refuses("eval map.tflite --data gone", 4, {"map.tflite: makes [4, 4, 1]", "tinynas run"});
}

TEST_CASE("eval refuses a data set of more classes than the network scores") {
  const Files files;
  test::write_tiny_images(files / "images", 40, 10);
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, 4, 4, 1}, 1, 0), out = writer.int8("out", {1, 1, 1, 1}, 1, 0);
  writer.node(test::kTfMean, {in, writer.int32({2}, {1, 2})}, {out}, {{0, 1, 1}});
  write_file(files / "one.tflite", writer.finish({in}, {out}));
  files.refuses("eval one.tflite --data images", 2, {"'fashion-mnist' has 10 classes, the model makes 1"});
}

TEST_CASE("emulate refuses what no emulated board holds, and flags of the other kind") {
  const Files files;
  write_file(files / "large.tflite", large_network());
  files.refuses("--quiet emulate large.tflite", 4, {"large.tflite: needs", "mps2-an500", "4193280 bytes"});
  files.refuses("emulate gone.tflite", 3, {"gone.tflite: no such file"});
  files.refuses("--quiet emulate sums.tflite --core z80", 2, {"--core"});
  std::filesystem::create_directories(files / "run");
  files.refuses("--quiet emulate run --inputs a.bin", 2, {"--inputs"});
  files.refuses("--quiet emulate run --device rp2040", 2, {"--device"});
}

TEST_CASE("firmware of a file equals the interpreter in the emulator", "[qemu]") {
  if (std::system("command -v qemu-system-arm arm-none-eabi-gcc >/dev/null") != 0) {
    std::cout << "skipped: emulation of files: qemu-system-arm or arm-none-eabi-gcc is not installed\n";
    return;
  }
  const Files files;
  const auto equal = [&](const std::string& arguments, int inputs, int bytes) {
    const Json json = files.json("--quiet emulate " + arguments);
    CHECK(json.at("images") == inputs);
    CHECK(json.at("output_bytes") == bytes);
    CHECK(json.at("equal_bytes") == bytes);
    CHECK_FALSE(json.contains("accuracy"));
  };
  equal("sums.tflite --core cortex-m4", 10, 30);
  equal("sums.tflite --inputs a.bin --inputs b.bin", 2, 6);
  equal("two.tflite --images 7", 7, 28);
  equal("two.tflite --inputs a.bin --inputs b.bin --input-std 2", 1, 4);
  equal("stream.tflite --device rp2040", 10, 10);
  equal("float.tflite --images 3", 3, 9);
  const Answer text = files("--quiet emulate sums.tflite --images 1");
  CHECK(text.out.starts_with("1 random input on cortex-m7: 3 of 3 output bytes equal"));
}

}  // namespace
}  // namespace tinynas
