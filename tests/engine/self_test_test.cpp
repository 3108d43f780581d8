// NAME_self_test() of the generated folder: it passes, and it finds and names what was damaged.
#include <fmt/format.h>

#include <iostream>
#include <sstream>

#include "engine/networks.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"
#include "tinynas/core/process.h"
#include "tinynas/engine/toolchain.h"
#include "tinynas/ir/ops.h"

using namespace tinynas;

namespace {

/// Prints every field of the difference, and calls once without one.
constexpr std::string_view kMain = R"(#include <stdio.h>
#include "net.h"
#include "net_self_test.h"
int main(void) {
  net_init();
  net_difference d;
  const bool passed = net_self_test(&d);
  printf("%d %d %d %d %d %d %s\n", passed, d.image, d.output, d.expected, d.found, d.tensor, d.layer);
  return net_self_test(NULL) == passed ? 0 : 1;
}
)";

struct Difference {
  bool passed = false;
  int image = -2, output = -2, expected = -2, found = -2, tensor = -2;
  std::string layer;
};

engine::FirmwareOptions with_self_test(const test::Oracle& oracle, cost::Core core = cost::Core::kCortexM7) {
  engine::FirmwareOptions options = test::firmware_options("net", test::test_device(core));
  options.self_test = {.images = oracle.images, .source = "noise of a test"};
  return options;
}

/// The text of a C file with another element `index` of a constant array.
template <typename Change>
std::string damaged(std::string text, const std::string& array, int index, const Change& change) {
  std::size_t at = text.find(" " + array + "[");
  REQUIRE(at != std::string::npos);
  at = text.find_first_of("-0123456789", text.find('{', at));
  for (; index > 0; --index) at = text.find_first_of("-0123456789", text.find(',', at));
  const std::size_t end = text.find_first_not_of("-0123456789", at);
  const auto value = static_cast<std::int32_t>(std::stol(text.substr(at, end - at)));
  return text.replace(at, end - at, std::to_string(change(value)));
}

/// A folder with a self-test on this computer.
class Tested {
 public:
  explicit Tested(const test::Oracle& oracle, std::string flags = "-DNET_TRACE") : flags_(std::move(flags)) {
    engine::write_firmware(test::generate(oracle, with_self_test(oracle)), folder_.path());
    write_file(folder_ / "main.c", kMain);
  }
  Difference run() const {
    const std::string flags = "-O1 -Werror " + flags_;
    succeed({"make", "lib", "-j2", "CFLAGS=" + flags});
    succeed({"sh", "-c",
             "cc -std=c11 -Wall -Wextra -Wpedantic " + flags + " -o self_test main.c build/host/libnet.a"});
    std::istringstream printed(succeed({"./self_test"}));
    Difference read;
    printed >> read.passed >> read.image >> read.output >> read.expected >> read.found >> read.tensor >>
        std::ws;
    std::getline(printed, read.layer);
    return read;
  }
  template <typename Change>
  void damage(const std::string& file, const std::string& array, int index, const Change& change) {
    write(file, damaged(text_of(file), array, index, change));
  }
  std::string text_of(const std::string& file) const { return read_file(folder_ / file); }
  void write(const std::string& file, const std::string& text) const { write_file(folder_ / file, text); }

 private:
  std::string succeed(const std::vector<std::string>& command) const {
    const ProcessResult result = run_process(command, {.folder = folder_.path()});
    INFO(result.output);
    REQUIRE(result.exit_status == 0);
    return result.output;
  }
  test::TemporaryFolder folder_;
  std::string flags_;
};

bool can_emulate(cost::Core core) {
  const std::string compiler = std::string(engine::toolchain_for(core).prefix) + "gcc";
  const std::string emulator = "qemu-system-arm";
  if (!find_program(compiler).empty() && !find_program(emulator).empty()) return true;
  std::cout << "skipped: " << compiler << " or " << emulator << " is not installed\n";
  return false;
}

/// A folder with a self-test for a core, run by its own Makefile.
class Emulated {
 public:
  Emulated(const test::Oracle& oracle, cost::Core core) {
    engine::write_firmware(test::generate(oracle, with_self_test(oracle, core)), folder_.path());
  }
  ProcessResult make(const std::string& target) const {
    return run_process({"make", target}, {.folder = folder_.path(), .timeout_s = 120});
  }
  ProcessResult self_test() const { return make("emulate-self_test"); }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("the self-test of a folder passes, with and without the layers") {
  const test::Oracle oracle(81);
  for (const char* flags : {"", "-DNET_TRACE"}) {
    INFO("flags " << flags);
    const Difference difference = Tested(oracle, flags).run();
    CHECK(difference.passed);
    CHECK(difference.image == -1);
    CHECK(difference.output == -1);
    CHECK(difference.tensor == -1);
    CHECK(difference.layer.empty());
  }
}

TEST_CASE("the self-test compares every output of a network that has several") {
  const test::Oracle oracle(test::quantize_on_noise(test::several_ends(Rng(5)), Rng(6)), Rng(7));
  CHECK(Tested(oracle, "-DNET_TRACE").run().passed);
  Tested damaged(oracle, "");
  const auto last = static_cast<int>(ir::output_elements(oracle.graph)) - 1;
  damaged.damage("net_vectors.c", "net_vectors_outputs", last,
                 [](int value) { return value == 0 ? 1 : value - (value > 0 ? 1 : -1); });
  const Difference difference = damaged.run();
  CHECK_FALSE(difference.passed);
  CHECK(difference.image == 0);
  CHECK(difference.output == last);
}

TEST_CASE("the self-test passes under the sanitizers where the caller owns the arena") {
  const test::Oracle oracle(82, 1);
  test::TemporaryFolder folder;
  engine::write_firmware(test::generate(oracle, with_self_test(oracle)), folder.path());
  std::string main(kMain);
  main.replace(main.find("net_init();"), 11,
               "static _Alignas(NET_ARENA_ALIGN) int8_t memory[NET_ARENA_BYTES]; net_init(memory);");
  write_file(folder / "main.c", main);
  const ProcessResult result = run_process(
      {"sh", "-c",
       "cc -std=c11 -O1 -Wall -Wextra -Wpedantic -Wconversion -Werror -fsanitize=address,undefined "
       "-fno-sanitize-recover=all -DNET_TRACE -DNET_ARENA_FROM_CALLER -DNET_PUSH_SAMPLES *.c && ./a.out"},
      {.folder = folder.path()});
  INFO(result.output);
  CHECK(result.exit_status == 0);
  CHECK(result.output == "1 -1 -1 0 0 -1 \n");
}

TEST_CASE("a wrong byte among the constants of any layer is found, and the layer named") {
  const test::Oracle oracle(83, 2);
  Tested tested(oracle);
  const std::string weights = tested.text_of("net_weights.c");
  int damaged = 0;
  for (std::size_t i = 0; i < oracle.graph.layers.size(); ++i) {
    const ir::Layer& layer = oracle.graph.layers[i];
    if (layer.op != ir::OpKind::kConv2d && layer.op != ir::OpKind::kDense) continue;
    ++damaged;
    for (const auto& [element, bit] : {std::pair(0, 0x4000), std::pair(1, 0x40)}) {  // a bias, then weights
      INFO("layer " << i << ", element " << element);
      const auto flipped = [bit = bit](std::int32_t value) { return value ^ bit; };
      tested.write("net_weights.c", weights);
      tested.damage("net_weights.c", fmt::format("net_l{}_weights", layer.output), element, flipped);
      const Difference difference = tested.run();
      CHECK_FALSE(difference.passed);
      CHECK(difference.image >= 0);
      CHECK(difference.tensor == layer.output);
      CHECK(difference.layer.find(fmt::format(" of t{}", layer.inputs[0])) != std::string::npos);
    }
  }
  CHECK(damaged >= 3);
}

TEST_CASE("a wrong expected output is found, with image, index and both values") {
  const test::Oracle oracle(84, 1);
  const int outputs = static_cast<int>(oracle.expected[0].size());
  const int image = 1, output = outputs - 1;
  const auto right = oracle.expected[1].back();
  const auto wrong = static_cast<std::int8_t>(right ^ 1);
  for (const char* flags : {"", "-DNET_TRACE"}) {
    INFO("flags " << flags);
    Tested tested(oracle, flags);
    tested.damage("net_vectors.c", "net_vectors_outputs", image * outputs + output,
                  [&](std::int32_t value) { return value ^ 1; });
    const Difference difference = tested.run();
    CHECK_FALSE(difference.passed);
    CHECK(difference.image == image);
    CHECK(difference.output == output);
    CHECK(difference.expected == wrong);
    CHECK(difference.found == right);
    CHECK(difference.tensor == -1);  // no layer is to blame
    CHECK(difference.layer.empty());
  }
}

TEST_CASE("the self-test runs on every core in the emulator, and passes", "[qemu]") {
  const test::Oracle oracle(86, 2);
  for (const cost::CoreInfo& core : cost::kCores) {
    INFO(core.name);
    if (!can_emulate(core.core)) continue;
    const Emulated emulated(oracle, core.core);
    const ProcessResult result = emulated.self_test();
    INFO(result.output);
    CHECK(result.exit_status == 0);
    CHECK(result.output.find("warning") == std::string::npos);
    CHECK(result.output.find("pass: 3 images\r\n") != std::string::npos);
  }
}

TEST_CASE("the program for a board names what is wrong, and fails", "[qemu]") {
  const test::Oracle oracle(86, 2);
  for (const cost::Core core : {cost::Core::kCortexM0Plus, cost::Core::kCortexM4, cost::Core::kCortexM55}) {
    if (!can_emulate(core)) continue;
    const Emulated emulated(oracle, core);
    const std::filesystem::path weights = emulated.folder() / "net_weights.c",
                                vectors = emulated.folder() / "net_vectors.c";
    const std::string right = read_file(weights);
    write_file(weights, damaged(right, "net_l1_weights", 1, [](std::int32_t value) { return value ^ 0x40; }));
    const ProcessResult wrong_weight = emulated.self_test();
    INFO(wrong_weight.output);
    CHECK(wrong_weight.exit_status != 0);
    CHECK(wrong_weight.output.find("FAIL: image 0\r\n") != std::string::npos);
    CHECK(wrong_weight.output.find("the first layer that differs is t1 = ") != std::string::npos);

    write_file(weights, right);
    write_file(vectors, damaged(read_file(vectors), "net_vectors_outputs", 0,
                                [](std::int32_t value) { return value ^ 1; }));
    const ProcessResult wrong_output = emulated.self_test();
    INFO(wrong_output.output);
    CHECK(wrong_output.exit_status != 0);
    CHECK(wrong_output.output.find(fmt::format("FAIL: image 0\r\n  output 0 is {}, expected {}\r\n",
                                               oracle.expected[0][0], oracle.expected[0][0] ^ 1)) !=
          std::string::npos);
    CHECK(wrong_output.output.find("layer that differs") == std::string::npos);
  }
}

TEST_CASE("a self-test that an earlier compilation left in a folder is no part of the next one", "[qemu]") {
  const test::Oracle oracle(87, 1);
  const cost::Core core = cost::Core::kCortexM4;
  if (!can_emulate(core)) return;
  const Emulated emulated(oracle, core);
  engine::write_firmware(test::generate(oracle, test::firmware_options("net", test::test_device(core))),
                         emulated.folder());
  const ProcessResult result = emulated.make("emulate");
  INFO(result.output);
  CHECK(result.exit_status == 0);
  CHECK(result.output.find("self_test") == std::string::npos);
}

TEST_CASE("the check value is FNV-1a of 32 bits") {
  // draft-eastlake-fnv, test vectors
  CHECK(fnv1a_32("") == 0x811c9dc5U);
  CHECK(fnv1a_32("a") == 0xe40c292cU);
  CHECK(fnv1a_32("foobar") == 0xbf9cf968U);
}

TEST_CASE("without inputs no self-test is written, and inputs of another size are refused") {
  const test::Oracle oracle(85, 1);
  for (const engine::GeneratedFile& file : test::generate(oracle, test::firmware_options("net"))) {
    CHECK(file.path.find("self_test") == std::string::npos);
    CHECK(file.path.find("vectors") == std::string::npos);
    CHECK(file.text.find("self_test") == std::string::npos);
  }
  engine::FirmwareOptions options = with_self_test(oracle);
  options.self_test.images[2].pop_back();
  const auto bytes = oracle.images[0].size();
  CHECK_THROWS_WITH(test::generate(oracle, options),
                    fmt::format("self-test: image 2 has {} bytes, the network takes {}", bytes - 1, bytes));
}
