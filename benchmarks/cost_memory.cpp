// Peak SRAM of networks under rows and rings beside the models of layer-by-layer engines.
#include <cstdio>
#include <string>
#include <vector>

#include "benchmark.h"
#include "tinynas/cost/device.h"
#include "tinynas/cost/engines.h"
#include "tinynas/cost/layer_table.h"
#include "tinynas/cost/plan.h"

namespace {

using namespace tinynas;
using namespace tinynas::cost;

void compare(const std::string& path) {
  const ir::Graph graph = read_layer_table(path);
  const Device device = load_device("stm32h743", "bench_cost_memory");
  const Bytes tflm = BaselineEvaluator(device, Engine::kTfliteMicro)(graph).sram_bytes;
  const Bytes tiny_engine = BaselineEvaluator(device, Engine::kTinyEngine)(graph).sram_bytes;
  const Schedule apart = plan(graph, {.overlap = Overlap::kForbidden});
  const Schedule rows = plan(graph, {});
  const Schedule frame = plan(graph, {.input = InputMode::kFrame});
  std::printf("%-40s %9ld %9ld | %8ld %8ld %7ld %8ld %8ld | %5.2f\n", path.c_str(), long(tflm),
              long(tiny_engine), long(apart.activation_bytes), long(rows.activation_bytes),
              long(rows.scratch_bytes), long(rows.arena_bytes), long(frame.arena_bytes),
              double(tiny_engine) / double(rows.arena_bytes));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Peak SRAM of networks under rows and rings beside the models of layer-by-layer engines, in bytes.",
      "bench_cost_memory"};
  std::vector<std::string> tables;
  app.add_option("tables", tables, "networks as layer tables (tinynas/cost/layer_table.h)")
      ->type_name("TABLE.csv ...")
      ->required();
  app.footer("Example:\n  bench_cost_memory benchmarks/mcu/networks/mcunet-vww1.csv");
  return tinynas::bench::run(app, argc, argv, [&] {
    std::printf("%-40s %9s %9s | %8s %8s %7s %8s %8s | %s\n", "bytes", "tflm", "tinyeng", "apart", "overlap",
                "scratch", "arena", "frame", "tinyengine / arena");
    for (const std::string& table : tables) compare(table);
  });
}
