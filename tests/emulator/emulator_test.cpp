#include "tinynas/emulator/emulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "engine/networks.h"
#include "engine/schedules.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/plan.h"
#include "tinynas/cost/stack.h"
#include "tinynas/emulator/calibration.h"
#include "tinynas/engine/firmware.h"

using namespace tinynas;

namespace {

/// Builds and emulates a network in a folder that is gone afterwards.
emulator::Emulation emulate(const test::Oracle& oracle, const cost::Schedule& schedule,
                            const cost::Device& device, bool count_steps = false) {
  const test::TemporaryFolder folder;
  engine::write_firmware(
      engine::generate_firmware(oracle.graph, schedule, test::firmware_options("net", device)),
      folder / "net");
  return emulator::emulate(folder / "net",
                           {.name = "net",
                            .core = device.core,
                            .image_rows = oracle.input().h,
                            .image_bytes = ir::input_elements(oracle.graph),
                            .output_bytes = static_cast<Bytes>(oracle.expected[0].size()),
                            .count_steps = count_steps},
                           oracle.images, folder / "build", {}, {});
}

cost::Schedule plan_for(const test::Oracle& oracle, const cost::Device& device) {
  return cost::plan(oracle.graph, {.isa = cost::core_info(device.core).isa});
}

/// Code alone within `code_share`.
void check_sizes(const emulator::LinkedSizes& sizes, const cost::Footprint& predicted,
                 double code_share = 0.05) {
  CHECK(sizes.arena == predicted.arena_bytes);
  CHECK(sizes.sram() == predicted.sram_bytes);
  CHECK(static_cast<double>(predicted.flash_bytes) ==
        Approx(static_cast<double>(sizes.flash())).epsilon(0.02));
  CHECK(static_cast<double>(predicted.code_bytes) ==
        Approx(static_cast<double>(sizes.text)).epsilon(code_share));
}

/// 48 x 48, two blocks with skips: large enough that what happens between the layers is seen in proportion.
test::Oracle camera_network() {
  constexpr ir::Activation kRelu6 = ir::Activation::kRelu6;
  test::GraphBuilder b({.h = 48, .w = 48, .c = 3}, Rng(71));
  int t = b.conv(0, 16, 3, 2, kRelu6);
  for (const int kernel : {3, 5}) {
    const int from = t;
    t = b.depthwise(b.conv(from, 48, 1, 1, kRelu6), kernel, 1, kRelu6);
    t = b.add(from, b.conv(t, 16, 1));
  }
  t = b.depthwise(b.conv(t, 64, 1, 1, kRelu6), 3, 2, kRelu6);
  const int output = b.dense(b.global_pool(b.conv(t, 24, 1)), 10);
  return test::Oracle(test::quantize_on_noise(b.finish(output), Rng(72)), Rng(73), 1);
}

/// Gives a test another PATH for its life.
class ScopedPath {
 public:
  explicit ScopedPath(const std::string& path) : saved_(std::getenv("PATH")) {
    ::setenv("PATH", path.c_str(), 1);
  }
  ~ScopedPath() { ::setenv("PATH", saved_.c_str(), 1); }
  ScopedPath(const ScopedPath&) = delete;
  ScopedPath& operator=(const ScopedPath&) = delete;

 private:
  std::string saved_;
};

}  // namespace

TEST_CASE("emulated firmware equals the interpreter, its memory is what was planned", "[qemu]") {
  struct Row {
    const char* device;
    std::uint64_t seed;
  };
  for (const Row& row : {Row{"stm32f746", 1}, Row{"stm32f746", 2}, Row{"stm32f412", 3}, Row{"stm32f412", 4},
                         Row{"esp32-c3", 5}, Row{"esp32-c3", 6}}) {
    INFO(row.device << ", seed " << row.seed);
    const test::Oracle oracle(row.seed);
    const cost::Device device = cost::load_device(row.device, "test");
    const cost::Schedule schedule = plan_for(oracle, device);
    const emulator::Emulation emulation = emulate(oracle, schedule, device);
    CHECK(emulation.outputs == oracle.expected);
    check_sizes(emulation.sizes, cost::footprint(oracle.graph, schedule, device));
    CHECK(emulation.arena_unused_bytes < 4);  // only the rounding of the last tensor's place
    CHECK(emulation.stack_bytes <= 2 * kKiB);
    CHECK(emulation.instructions > 0);
  }
}

TEST_CASE("emulated firmware takes several inputs and makes several outputs in planned memory", "[qemu]") {
  for (const char* name : {"stm32f746", "stm32f412", "esp32-c3"}) {
    INFO(name);
    const test::Oracle oracle(test::quantize_on_noise(test::several_ends(Rng(21)), Rng(22)), Rng(23));
    const cost::Device device = cost::load_device(name, "test");
    const cost::Schedule schedule = plan_for(oracle, device);
    const emulator::Emulation emulation = emulate(oracle, schedule, device);
    test::Images expected;
    for (const auto& outputs : oracle.expected) expected.push_back(test::in_planes(oracle.graph, outputs));
    CHECK(emulation.outputs == expected);
    check_sizes(emulation.sizes, cost::footprint(oracle.graph, schedule, device));
  }
}

TEST_CASE("a self-test that nobody calls is not linked", "[qemu]") {
  const test::Oracle oracle(6);
  const cost::Device device = test::test_device(cost::Core::kCortexM4);
  const cost::Schedule schedule = plan_for(oracle, device);
  const test::TemporaryFolder folder;
  const auto sizes = [&](const std::string& name, const engine::SelfTest& self_test) {
    engine::FirmwareOptions options = test::firmware_options("net", device);
    options.self_test = self_test;
    engine::write_firmware(engine::generate_firmware(oracle.graph, schedule, options), folder / name);
    return emulator::build_firmware(folder / name, "net", device.core, folder / (name + "_build"));
  };
  const emulator::LinkedSizes without = sizes("without", {}), with = sizes("with", {.images = oracle.images});
  CHECK(std::filesystem::exists(folder / "with_build/net_vectors.o"));
  CHECK(with.flash() == without.flash());
  CHECK(with.sram() == without.sram());
  check_sizes(with, cost::footprint(oracle.graph, schedule, device));
}

TEST_CASE("emulated firmware equals the interpreter on every core", "[qemu]") {
  const test::Oracle oracle(5);
  for (const cost::CoreInfo& core : cost::kCores) {
    INFO(core.name);
    const cost::Device device = test::test_device(core.core);
    const emulator::Emulation emulation = emulate(oracle, plan_for(oracle, device), device);
    CHECK(emulation.outputs == oracle.expected);
    const Bytes stack = cost::stack_bytes(oracle.graph, core.core);
    CHECK(emulation.stack_bytes <= stack);
    CHECK(stack <= emulation.stack_bytes + 256);
  }
}

TEST_CASE("a hundred images on a RISC-V equal the interpreter", "[qemu]") {
  const test::Oracle oracle(test::random_quantized_network(Rng(6), 3), Rng(7), 100);
  const cost::Device device = cost::load_device("esp32-c3", "test");
  CHECK(emulate(oracle, plan_for(oracle, device), device).outputs == oracle.expected);
}

TEST_CASE("two hundred random networks and schedules: arena, SRAM and Flash as the linker sees them",
          "[qemu][slow]") {
  constexpr std::array kDevices = {"stm32f746", "stm32f412", "esp32-c3"};
  // Operations of networks of others are among these; the code of their steps is estimated too large.
  constexpr double kCodeOfFurther = 0.08;
  const test::TemporaryFolder folder;  // one build folder a core: the engine's sources are compiled once
  for (std::uint64_t seed = 100; seed < 200; ++seed) {
    Rng rng(seed);
    const ir::Graph graph =
        emulator::with_random_weights(emulator::probe_network(rng.between(3, 40), rng), rng.fork("weights"));
    cost::Device device = cost::load_device(kDevices[seed % kDevices.size()], "test");
    device.sram_bytes = device.flash_bytes = 4 * kMiB;  // of the emulated board: some schedules waste
    const cost::KernelIsa isa = cost::core_info(device.core).isa;
    const cost::InputMode input = rng.chance(0.5) ? cost::InputMode::kRows : cost::InputMode::kFrame;
    for (const cost::Schedule& schedule :
         {cost::plan(graph, {.input = input, .isa = isa}),
          test::SimulatedSchedule(graph, input, test::random_segments(graph, rng), isa).get()}) {
      INFO("seed " << seed << " on " << device.name << ", " << schedule.segments.size() << " segments");
      const auto files = engine::generate_firmware(graph, schedule, test::firmware_options("net", device));
      engine::write_firmware(files, folder / "net");
      check_sizes(emulator::build_firmware(folder / "net", "net", device.core, folder / device.name),
                  cost::footprint(graph, schedule, device), kCodeOfFurther);
      const auto header =
          std::find_if(files.begin(), files.end(), [](const auto& f) { return f.path == "net.h"; });
      CHECK(header->text.find(fmt::format("#define NET_ARENA_BYTES {}\n", schedule.arena_bytes)) !=
            std::string::npos);
    }
  }
}

TEST_CASE("a network that streams in one segment takes at most 5 % more instructions than layer by layer",
          "[qemu]") {
  const test::Oracle oracle = camera_network();
  const cost::Device device = cost::load_device("stm32f746", "test");
  const auto run = [&](const std::vector<cost::Segment>& segments) {
    const test::SimulatedSchedule schedule(oracle.graph, cost::InputMode::kRows, segments,
                                           cost::KernelIsa::kDsp);
    const emulator::Emulation emulation = emulate(oracle, schedule.get(), device);
    CHECK(emulation.outputs == oracle.expected);
    return static_cast<double>(emulation.instructions);
  };
  const double streamed = run(test::one_segment(oracle.graph));
  const double layered = run(test::segment_per_layer(oracle.graph));
  INFO(streamed << " streamed, " << layered << " layer by layer");
  CHECK(streamed <= 1.05 * layered);
}

TEST_CASE("instructions are counted for every layer, and their sum is the total", "[qemu]") {
  const test::Oracle oracle = camera_network();
  for (const char* name : {"stm32f746", "esp32-c3"}) {
    INFO(name);
    const cost::Device device = cost::load_device(name, "test");
    const emulator::Emulation emulation = emulate(oracle, plan_for(oracle, device), device, true);
    std::int64_t sum = 0;
    std::set<int> tensors;
    for (const emulator::StepInstructions& step : emulation.steps) {
      sum += step.total();
      tensors.insert(step.tensor);
    }
    CHECK(tensors.size() == oracle.graph.layers.size() + 1);  // every layer, and what is between them
    CHECK(emulation.steps.back().tensor == -1);
    // The counted firmware does not inline its steps.
    CHECK(static_cast<double>(sum) == Approx(static_cast<double>(emulation.instructions)).epsilon(0.02));
  }
}

TEST_CASE("the instructions of a layer are its own, however often its step waits for rows", "[qemu]") {
  const test::Oracle oracle = camera_network();
  const cost::Device device = cost::load_device("stm32f746", "test");
  const auto count = [&](const std::vector<cost::Segment>& segments) {
    const test::SimulatedSchedule schedule(oracle.graph, cost::InputMode::kRows, segments,
                                           cost::KernelIsa::kDsp);
    return emulate(oracle, schedule.get(), device, true).steps;
  };
  const auto streamed = count(test::one_segment(oracle.graph)),
             layered = count(test::segment_per_layer(oracle.graph));
  for (const emulator::StepInstructions& step : streamed)
    for (const emulator::StepInstructions& other : layered) {
      if (step.tensor != other.tensor || step.tensor < 0) continue;
      INFO("tensor " << step.tensor << ": " << step.total() << " streamed, " << other.total()
                     << " layer by layer");
      CHECK(static_cast<double>(step.total()) ==
            Approx(static_cast<double>(other.total())).epsilon(0.02).margin(30));
    }
}

TEST_CASE("a missing cross compiler or emulator is named with its package") {
  const test::TemporaryFolder folder;
  const ScopedPath empty(folder.path().string());
  CHECK_THROWS_WITH(
      emulator::build_firmware(folder.path(), "net", cost::Core::kCortexM7, folder / "build"),
      Catch::Contains("arm-none-eabi-gcc is not installed") && Catch::Contains("gcc-arm-none-eabi"));
  CHECK_THROWS_WITH(emulator::emulate(folder.path(), {}, {}, folder / "build", {}, {}),
                    Catch::Contains("qemu-system-arm is not installed"));
  CHECK_THROWS_WITH(
      emulator::build_firmware(folder.path(), "net", cost::Core::kRiscv32, folder / "build"),
      Catch::Contains("riscv64-unknown-elf-gcc is not installed") &&
          Catch::Contains("apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"));
  CHECK_THROWS_WITH(
      emulator::emulate(folder.path(), {.core = cost::Core::kRiscv32}, {}, folder / "build", {}, {}),
      Catch::Contains("qemu-system-riscv32 is not installed") &&
          Catch::Contains("apt-get install qemu-system-misc"));
}
