// Whole networks on an emulated core beside the published figures of other engines.
// Emulated, not timed: -icount counts instructions, not cycles. Needs the core's compiler and emulator.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "benchmark.h"
#include "support/fixtures.h"
#include "support/quantized_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/process.h"
#include "tinynas/cost/device.h"
#include "tinynas/cost/layer_table.h"
#include "tinynas/cost/plan.h"
#include "tinynas/emulator/emulator.h"
#include "tinynas/engine/firmware.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::test {
namespace {

/// Measured in the same emulator: CMSIS-NN 99f736a6, TinyEngine 47bb283, TFLite Micro 90b983c2b, built with
/// -Ofast. 0: not measured. SRAM is that of tensors and scratch, with the whole image.
struct Published {
  const char* engine;
  double m4_instructions, m55_instructions;
  Bytes sram_bytes, flash_bytes;
};
struct KnownNetwork {
  const char* name;
  std::vector<Published> others;
};

const std::vector<KnownNetwork>& known_networks() {
  static const std::vector<KnownNetwork> all = {
      {"mcunet-vww1",
       {{"TinyEngine, float requantization", 34'746'027, 0, 93'992, 515'280},
        {"TinyEngine, integer", 43'583'498, 0, 93'992, 541'080},
        {"TFLite Micro with CMSIS-NN", 49'340'010, 11'879'255, 219'808, 763'240}}},
      {"mlperf-vww-96", {{"TFLite Micro with CMSIS-NN", 24'722'130, 6'435'845, 100'708, 482'688}}},
      {"mlperf-kws", {{"TFLite Micro with CMSIS-NN", 7'847'960, 1'788'775, 22'820, 203'336}}},
  };
  return all;
}

/// The network of a layer table with weights drawn, quantized.
ir::Graph draw_network(const std::string& name) {
  const ir::Graph table = cost::read_layer_table(find_resource("benchmarks/mcu/networks/" + name + ".csv"));
  GraphBuilder builder(table.tensors.front(), Rng(1));
  int output = 0;
  for (const ir::Layer& layer : table.layers) output = builder.append(layer, table.out_shape(layer).c);
  return quantize_on_noise(builder.finish(output), Rng(2));
}

void print_row(const std::string& engine, double instructions, Macs macs, Bytes sram, Bytes flash) {
  const std::string count = instructions > 0 ? fmt::format("{:.2f}", instructions / 1e6) : "-";
  const std::string per_mac =
      instructions > 0 ? fmt::format("{:.2f}", instructions / static_cast<double>(macs)) : "-";
  fmt::print("  {:34} {:>9} {:>8} {:>9} {:>9}\n", engine, count, per_mac, sram, flash);
}

/// Instructions of an image as the folder's own Makefile builds it and examples/benchmark.c counts them.
double counted_by_make(const std::filesystem::path& folder) {
  const ProcessResult made = run_process({"make", "emulate-benchmark"}, {.folder = folder});
  const std::string_view before = "# image: median ";
  const std::size_t at = made.output.find(before);
  if (made.exit_status != 0 || at == std::string::npos)
    throw IoError(fmt::format("make emulate-benchmark in {}: {}", folder.string(), made.output));
  return std::stod(made.output.substr(at + before.size()));
}

void run(const KnownNetwork& known, const cost::CoreInfo& core) {
  const ir::Graph graph = draw_network(known.name);
  const ir::Shape& in = graph.tensors[static_cast<std::size_t>(graph.input)];
  const std::vector<std::vector<std::int8_t>> images = {
      quant::pixels_to_int8(random_pixels(Rng(3), in.elements()))};
  const std::vector<std::int8_t> expected = quant::Int8Interpreter(graph).run(images[0]);
  const cost::Device board = {.name = "board", .core = core.core, .clock_hz = 1e8};

  const TemporaryFolder folder;
  engine::write_firmware(engine::generate_firmware(graph, cost::plan(graph, {.isa = core.isa}),
                                                   {.name = "net", .device = board, .source = known.name}),
                         folder / "net");
  const emulator::Emulation emulation =
      emulator::emulate(folder / "net",
                        {.name = "net",
                         .core = core.core,
                         .image_rows = in.h,
                         .image_bytes = in.elements(),
                         .output_bytes = static_cast<Bytes>(expected.size())},
                        images, folder / "build", {}, {});
  const Macs macs = ir::graph_macs(graph);
  fmt::print("{} ({} multiply-accumulates)\n", known.name, macs);
  print_row(fmt::format("tinynas, rows pushed, stack {}{}", emulation.stack_bytes,
                        emulation.outputs[0] == expected ? "" : ", WRONG OUTPUT"),
            static_cast<double>(emulation.instructions), macs, emulation.sizes.sram(),
            emulation.sizes.flash());
  print_row("the same, by the folder's Makefile", counted_by_make(folder / "net"), macs,
            emulation.sizes.sram(), emulation.sizes.flash());
  for (const Published& other : known.others)
    print_row(other.engine,
              core.core == cost::Core::kCortexM55 ? other.m55_instructions : other.m4_instructions, macs,
              other.sram_bytes, other.flash_bytes);
}

}  // namespace
}  // namespace tinynas::test

int main(int argc, char** argv) {
  using namespace tinynas::cost;
  CLI::App app{"Whole networks on an emulated core beside the published figures of other engines.",
               "bench_mcu_networks"};
  std::string core = "cortex-m4";
  app.add_option("core", core, "that is emulated: cortex-m4 (default), cortex-m55, ...")->type_name("CORE");
  app.footer("Needs the core's compiler and emulator.\nExample:\n  bench_mcu_networks cortex-m55");
  return tinynas::bench::run(app, argc, argv, [&] {
    const CoreInfo& info = core_info(parse_core(core, app.get_name()));
    fmt::print(
        "One inference on {}; other engines: published counts for Cortex-M4 (or M55), not of this run.\n\n"
        "  {:34} {:>9} {:>8} {:>9} {:>9}\n",
        info.name, "", "10^6", "per MAC", "SRAM", "Flash");
    for (const auto& network : tinynas::test::known_networks()) tinynas::test::run(network, info);
  });
}
