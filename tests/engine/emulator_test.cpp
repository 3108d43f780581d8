#include "tinynas/engine/emulator.h"

#include <cstdlib>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/cost.h"
#include "tinynas/engine/firmware.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;

namespace {

using Images = std::vector<std::vector<std::int8_t>>;

struct Case {
  ir::Graph graph;
  cost::Footprint footprint;
  engine::Emulation emulation;
  Images expected;
};

/// Generates, builds, emulates a random network and asks the interpreter for the same images.
Case emulate_network(std::uint64_t seed, const std::string& device_name, int images) {
  const Rng rng(seed);
  const cost::Device device = cost::load_device(device_name, "test");
  Case c{.graph = test::random_quantized_network(rng)};
  const cost::Schedule schedule = cost::plan(c.graph, {.isa = cost::core_info(device.core).isa});
  c.footprint = cost::footprint(c.graph, schedule, device);
  const ir::Shape& input = c.graph.tensors[static_cast<std::size_t>(c.graph.input)];
  const quant::Int8Interpreter interpreter(c.graph);
  Images inputs;
  for (int i = 0; i < images; ++i) {
    inputs.push_back(quant::pixels_to_int8(
        test::random_pixels(rng.fork("image", static_cast<std::uint64_t>(i)), input.elements())));
    c.expected.push_back(interpreter.run(inputs.back()));
  }
  const test::TemporaryFolder folder;
  engine::write_firmware(engine::generate_firmware(c.graph, schedule, {.name = "net", .device = device}),
                         folder / "net");
  c.emulation = engine::emulate(folder / "net",
                                {.name = "net",
                                 .core = device.core,
                                 .image_rows = input.h,
                                 .image_bytes = input.bytes(),
                                 .output_bytes = static_cast<Bytes>(c.expected[0].size())},
                                inputs, folder / "build", {}, {});
  return c;
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
  for (const Row& row :
       {Row{"stm32f746", 1}, Row{"stm32f746", 2}, Row{"stm32f412", 3}, Row{"stm32f412", 4}}) {
    INFO(row.device << ", seed " << row.seed);
    const Case c = emulate_network(row.seed, row.device, 3);
    CHECK(c.emulation.outputs == c.expected);
    CHECK(c.emulation.sizes.arena == c.footprint.arena_bytes);
    CHECK(c.emulation.sizes.sram() == c.footprint.sram_bytes);
    CHECK(static_cast<double>(c.footprint.flash_bytes) ==
          Approx(static_cast<double>(c.emulation.sizes.flash())).epsilon(0.02));
    CHECK(static_cast<double>(c.footprint.code_bytes) ==
          Approx(static_cast<double>(c.emulation.sizes.text)).epsilon(0.10));
    CHECK(c.emulation.arena_unused_bytes < 4);  // only the rounding of the last tensor's place
    CHECK(c.emulation.stack_bytes <= 2 * kKiB);
    CHECK(c.emulation.instructions > 0);
  }
}

TEST_CASE("a missing cross compiler or emulator is named with its package") {
  const test::TemporaryFolder folder;
  const ScopedPath empty(folder.path().string());
  CHECK_THROWS_WITH(
      engine::build_firmware(folder.path(), "net", cost::Core::kCortexM7, folder / "build"),
      Catch::Contains("arm-none-eabi-gcc is not installed") && Catch::Contains("gcc-arm-none-eabi"));
  CHECK_THROWS_WITH(engine::emulate(folder.path(), {}, {}, folder / "build", {}, {}),
                    Catch::Contains("qemu-system-arm is not installed"));
}
