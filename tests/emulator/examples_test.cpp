// Programs of the firmware folder's examples/, run in QEMU by the folder's own Makefile.
#include <regex>

#include "engine/networks.h"
#include "support/catch.h"
#include "support/fixtures.h"
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
