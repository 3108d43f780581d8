// Programs of the firmware folder's examples/, run in QEMU by the folder's own Makefile.
#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <regex>
#include <sstream>

#include "engine/networks.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"
#include "tinynas/core/process.h"
#include "tinynas/cost/fit.h"
#include "tinynas/emulator/emulator.h"
#include "tinynas/engine/firmware.h"

using namespace tinynas;

namespace {

/// 24 x 24, a block with a skip: large enough that what happens between the layers is seen in proportion.
test::Oracle small_camera_network() {
  constexpr ir::Activation kRelu6 = ir::Activation::kRelu6;
  test::GraphBuilder b({.h = 24, .w = 24, .c = 3}, Rng(81));
  const int stem = b.conv(0, 16, 3, 2, kRelu6);
  const int wide = b.depthwise(b.conv(stem, 48, 1, 1, kRelu6), 5, 1, kRelu6);
  const int sum = b.add(stem, b.conv(wide, 16, 1));
  const int output = b.dense(b.global_pool(b.conv(sum, 24, 1)), 10);
  return test::Oracle(test::quantize_on_noise(b.finish(output), Rng(82)), Rng(83), 1);
}

ProcessResult make(const std::filesystem::path& folder, const std::string& goal) {
  return run_process({"make", "-s", goal}, {.folder = folder, .timeout_s = 300});
}

/// "# row: median 12 instructions, worst 34 ..."
struct MedianAndWorst {
  double median = 0, worst = 0;
};
MedianAndWorst printed(const std::string& text, const std::string& what) {
  std::smatch found;
  REQUIRE(std::regex_search(
      text, found, std::regex("# " + what + ": median ([0-9]+) instructions, worst ([0-9]+) instructions")));
  return {std::stod(found[1]), std::stod(found[2])};
}

}  // namespace

TEST_CASE("make emulate runs the benchmark on every core, and calibrate reads what it prints", "[qemu]") {
  const test::Oracle oracle = small_camera_network();
  for (const cost::CoreInfo& core : cost::kCores) {
    INFO(core.name);
    const test::TemporaryFolder folder;
    const cost::Device device = test::test_device(core.core);
    engine::write_firmware(test::generate(oracle, test::firmware_options("net", device)), folder / "net");
    const ProcessResult made = make(folder / "net", "emulate");
    INFO(made.output);
    REQUIRE(made.exit_status == 0);
    CHECK(made.output.find("warning") == std::string::npos);
    CHECK(made.output.find("WARNING") == std::string::npos);

    const auto samples = cost::parse_samples(made.output, "serial port");
    REQUIRE(samples.size() == oracle.graph.layers.size());
    double layers = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const cost::LayerSample expected =
          cost::layer_sample(oracle.graph, oracle.graph.layers[i], core.isa, samples[i].cycles);
      CHECK(samples[i].row == expected.row);
      CHECK(samples[i].work == expected.work);
      layers += static_cast<double>(samples[i].cycles);
    }
    const MedianAndWorst image = printed(made.output, "image"), row = printed(made.output, "row");
    CHECK(layers == Approx(image.median).epsilon(0.05));
    CHECK(image.median <= image.worst);
    CHECK(row.median < row.worst);  // the last row, after which come the pool and the dense layer
    CHECK(row.worst < image.median);
    CHECK(row.worst + (oracle.input().h - 1) * row.median > 0.5 * image.median);
    CHECK(cost::fit_errors(cost::fit_cycle_table(samples, cost::load_cycle_table_of(core.core)), samples)
              .median < 0.5);

    // The emulator's own build of the same folder runs the same instructions, without looking at the layers.
    const emulator::Emulation emulation =
        emulator::emulate(folder / "net",
                          {.name = "net",
                           .core = core.core,
                           .image_rows = oracle.input().h,
                           .image_bytes = oracle.input().bytes(),
                           .output_bytes = static_cast<Bytes>(oracle.expected[0].size())},
                          oracle.images, folder / "build", {}, {});
    CHECK(image.median == Approx(static_cast<double>(emulation.instructions)).epsilon(0.01));
  }
}

namespace {

constexpr const char* kPython = "/usr/bin/python3";

/// A folder whose examples/mlperf_tiny.c waits for commands, and the input that the runner sends.
struct MlperfBoard {
  MlperfBoard(const test::Oracle& oracle, cost::Core core, const std::string& input) {
    const cost::Device device = test::test_device(core);
    engine::write_firmware(test::generate(oracle, test::firmware_options("net", device)), folder / "net");
    write_file(folder / "input.bin", input);
  }
  ProcessResult run(const std::vector<std::string>& commands, const std::string& cflags = {}) const {
    std::vector<std::string> program = {"env",
                                        "CFLAGS=-O2 " + cflags,
                                        kPython,
                                        TINYNAS_SOURCE_TREE "/tests/emulator/mlperf_runner.py",
                                        (folder / "net").string(),
                                        (folder / "input.bin").string()};
    program.insert(program.end(), commands.begin(), commands.end());
    return run_process(program, {.timeout_s = 300});
  }
  /// Of one inference, as the emulator's own build has it.
  std::int64_t instructions(const test::Oracle& oracle, cost::Core core) const {
    const emulator::EmulateOptions options{.name = "net",
                                           .core = core,
                                           .image_rows = oracle.input().h,
                                           .image_bytes = oracle.input().bytes(),
                                           .output_bytes = static_cast<Bytes>(oracle.expected[0].size())};
    return emulator::emulate(folder / "net", options, oracle.images, folder / "build", {}, {}).instructions;
  }
  test::TemporaryFolder folder;
};

/// Between the last two lines "m-lap-us-123" that follow each other.
double microseconds(const std::string& output) {
  const std::regex laps("m-lap-us-([0-9]+)\\s+m-lap-us-([0-9]+)");
  std::sregex_iterator at(output.begin(), output.end(), laps), last, end;
  for (; at != end; ++at) last = at;
  REQUIRE(last != end);
  return std::stod((*last)[2]) - std::stod((*last)[1]);
}

/// The numbers of the last "m-results-[1.5,-2]".
std::vector<double> printed_results(const std::string& output) {
  const std::size_t at = output.rfind("m-results-[");
  REQUIRE(at != std::string::npos);
  std::istringstream in(output.substr(at + std::string("m-results-[").size()));
  std::vector<double> results;
  char separator = ',';
  for (double value = 0; separator == ',' && in >> value >> separator;) results.push_back(value);
  return results;
}

std::string as_bytes(const std::vector<std::int8_t>& values, int offset) {
  std::string bytes;
  for (const std::int8_t value : values) bytes += static_cast<char>(value + offset);
  return bytes;
}

double real(const test::Oracle& oracle, int tensor, std::int8_t q) {
  const ir::TensorQuant& quant = oracle.graph.quant->tensors[static_cast<std::size_t>(tensor)];
  return static_cast<double>(quant.scale) * (q - quant.zero_point);
}

bool have_python() {
  if (std::filesystem::exists(kPython)) return true;
  std::cout << "skipped: " << kPython << " is not installed\n";
  return false;
}

}  // namespace

TEST_CASE("the runner of MLPerf Tiny gets the interpreter's outputs from an emulated board", "[qemu]") {
  if (!have_python()) return;
  const test::Oracle oracle(84, 2);
  for (const cost::Core core : {cost::Core::kCortexM0Plus, cost::Core::kCortexM4, cost::Core::kCortexM55}) {
    INFO(cost::core_info(core).name);
    const MlperfBoard board(oracle, core, as_bytes(oracle.images[0], 128));  // pixels
    const std::int64_t instructions = board.instructions(oracle, core);
    const ProcessResult run = board.run({"results", "timestamp", "db print", "help"},
                                        "-DMLPERF_MODEL=ic01 -DMLPERF_VENDOR=some-vendor");
    INFO(run.output);
    REQUIRE(run.exit_status == 0);
    CHECK(run.output.find("m-timestamp-mode-performance\nm-init-done\nm-ready\nm-name-dut-[some-vendor]\n") ==
          0);
    for (const char* line :
         {"m-model-[ic01]", "m-load-done", "m-warmup-start-1\nm-warmup-done\nm-infer-start-3",
          "m-infer-done\nm-results-[", "m-buffer-"})
      CHECK(run.output.find(std::string("\n") + line) != std::string::npos);
    CHECK(run.output.find("warning") == std::string::npos);
    CHECK(run.output.find("\ne-[") == std::string::npos);
    const std::vector<double> results = printed_results(run.output);
    REQUIRE(results.size() == oracle.expected[0].size());
    for (std::size_t i = 0; i < results.size(); ++i)
      CHECK(results[i] == Approx(real(oracle, oracle.graph.output, oracle.expected[0][i])).margin(1e-6));

    // Microseconds at one instruction per nanosecond.
    CHECK(microseconds(run.output) ==
          Approx(3e-3 * static_cast<double>(instructions)).epsilon(0.05).margin(3));
  }
}

TEST_CASE("what takes longer than SysTick counts is measured right", "[qemu]") {
  if (!have_python()) return;
  const test::Oracle oracle(84, 1);
  const MlperfBoard board(oracle, cost::Core::kCortexM0Plus, as_bytes(oracle.images[0], 128));
  const auto one = static_cast<double>(board.instructions(oracle, cost::Core::kCortexM0Plus));
  const double wrap = 40.0 * (1 << 24);  // of 24 bits, a tick every 40 instructions
  const auto times = static_cast<int>(2.5 * wrap / one);
  const ProcessResult run = board.run({fmt::format("infer {} 0", times)});
  INFO(run.output);
  REQUIRE(run.exit_status == 0);
  CHECK(microseconds(run.output) == Approx(1e-3 * one * times).epsilon(0.05));
}

TEST_CASE("the runner of MLPerf Tiny is told what is wrong with a command", "[qemu]") {
  if (!have_python()) return;
  const test::Oracle oracle(84, 1);
  const MlperfBoard board(oracle, cost::Core::kCortexM4, "too short");
  const std::string size = std::to_string(oracle.images[0].size());
  const ProcessResult run =
      board.run({"nonsense", "db", "db load", "db load 0", "db load 99999999", "db 123", "db load 5", "db 1g",
                 "infer 0", "infer 1 -1", "results", "db 00" + std::string(90, '0'), "", "db load 2",
                 "db 0a0B0c", "db print"});
  INFO(run.output);
  REQUIRE(run.exit_status == 0);
  std::vector<std::string> errors, expected = {"Input db is not loaded whole",
                                               "Unknown command: nonsense",
                                               "Command 'db' requires a subcommand",
                                               "Command 'db load' requires the # of bytes",
                                               "Command 'db load' must be >0 bytes",
                                               "Supplied buffer size is more than the model takes",
                                               "Insufficent number of hex digits",
                                               "Invalid hex digit",
                                               "Inference iterations must be >0",
                                               "Inference warmup must be >=0",
                                               "No inference was made",
                                               "Command too long"};
  const std::regex error("\ne-\\[(.*)\\]");
  for (std::sregex_iterator at(run.output.begin(), run.output.end(), error), end; at != end; ++at)
    errors.push_back((*at)[1]);
  CHECK(errors == expected);
  CHECK(run.output.find("m-[The model takes " + size + " bytes]") != std::string::npos);
  CHECK(run.output.find("m-load-done\nm-ready\nm-buffer-0a-0b\nm-ready") != std::string::npos);
}

TEST_CASE("an autoencoder's result is how far its outputs are from the floats it was given", "[qemu]") {
  if (!have_python()) return;
  test::GraphBuilder b({.h = 1, .w = 1, .c = 16}, Rng(85));
  const int output = b.dense(b.dense(0, 8), 16);
  const test::Oracle oracle(test::quantize_on_noise(b.finish(output), Rng(86)), Rng(87), 1);
  std::string input;
  double sum = 0;
  for (std::size_t i = 0; i < oracle.images[0].size(); ++i) {
    const auto value = static_cast<float>(real(oracle, oracle.graph.input, oracle.images[0][i]));
    input.append(reinterpret_cast<const char*>(&value), sizeof value);
    const double difference = real(oracle, oracle.graph.output, oracle.expected[0][i]) - value;
    sum += difference * difference;
  }
  const MlperfBoard board(oracle, cost::Core::kCortexM4, input);
  const ProcessResult run = board.run({}, "-DMLPERF_MODEL=ad01 -DMLPERF_INPUT=2");
  INFO(run.output);
  REQUIRE(run.exit_status == 0);
  const std::vector<double> results = printed_results(run.output);
  REQUIRE(results.size() == 1);
  CHECK(results[0] == Approx(sum / 16).epsilon(1e-4).margin(1e-6));
}
