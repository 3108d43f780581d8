#include <fmt/format.h>

#include <sstream>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"
#include "tinynas/cost/fit.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kBenchmarkLayers = R"(/* benchmark_layers.h: @origin@
 * What benchmark.c prints of every layer in front of its cycles. */
#ifndef TINYNAS_EXAMPLES_BENCHMARK_LAYERS_H
#define TINYNAS_EXAMPLES_BENCHMARK_LAYERS_H

#define PLANNED_CORE "@core@"
enum { LAYERS = @layers@, TENSORS = @tensors@ };

static const char sheet_header[] =
    "@header@";
/* The number of the tensor that a layer makes, and its line for tinynas calibrate --csv. */
static const struct {
  int tensor;
  const char *sheet;
} layers[LAYERS] = {
@lines@};

#endif
)";

/// The cells of a line after the second comma begin a line of C of their own.
std::size_t numbers_at(const std::string& line) { return line.find(',', line.find(',') + 1) + 1; }

}  // namespace

std::string write_benchmark_layers_h(const FirmwareModel& model) {
  const cost::CoreInfo& core = cost::core_info(model.options.device.core);
  std::istringstream sheet(cost::sample_sheet(model.graph, core.isa));
  std::string header, lines;
  std::getline(sheet, header);
  std::string line;
  for (std::size_t i = 0; std::getline(sheet, line); ++i) {
    const std::size_t numbers = numbers_at(line);
    lines += fmt::format("    {{{}, \"{}\"\n     \"{}\"}},\n", model.graph.layers[i].output,
                         plain_text(line.substr(0, numbers)), line.substr(numbers));
  }
  return fill_template(kBenchmarkLayers, {{"origin", origin_line(model)},
                                          {"core", std::string(core.name)},
                                          {"layers", std::to_string(model.graph.layers.size())},
                                          {"tensors", std::to_string(model.graph.tensors.size())},
                                          {"header", header},
                                          {"lines", lines}});
}

}  // namespace tinynas::engine
