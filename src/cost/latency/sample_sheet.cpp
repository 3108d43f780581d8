#include <fmt/format.h>

#include "cost/latency/csv_line.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/fit.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::cost {

namespace {

constexpr std::int64_t kMostCount = std::int64_t{1} << 50;

std::string sheet_header() { return fmt::format("layer,kernel,{},cycles", fmt::join(kTermNames, ",")); }

std::size_t row_named(const CsvLine& line) {
  const std::string_view name = line.text("kernel");
  std::vector<std::string> names;
  for (std::size_t row = 0; row < kCycleRows * kernel_register().size(); ++row) {
    if (cycle_row_name(row) == name) return row;
    names.push_back(cycle_row_name(row));
  }
  line.fail(fmt::format("kernel: unknown kernel '{}'; did you mean '{}'?", name, nearest_word(name, names)));
}

std::string line_of(const std::string& name, const LayerSample& sample) {
  std::string line = name + "," + cycle_row_name(sample.row);
  for (std::size_t t = 0; t < kTermCount; ++t) line += fmt::format(",{:.0f}", sample.work.values[t]);
  return line + (sample.cycles > 0 ? fmt::format(",{:.0f}\n", sample.cycles) : ",\n");
}

}  // namespace

std::string sample_sheet(const ir::Graph& graph, KernelIsa isa) {
  std::string sheet = sheet_header() + "\n";
  for (std::size_t l = 0; l < graph.layers.size(); ++l)
    sheet += line_of(graph.names.empty() ? std::to_string(l) : graph.names[l],
                     layer_sample(graph, graph.layers[l], isa, 0));
  return sheet;
}

std::string samples_text(std::span<const LayerSample> samples) {
  std::string sheet = sheet_header() + "\n";
  for (std::size_t i = 0; i < samples.size(); ++i) sheet += line_of(std::to_string(i), samples[i]);
  return sheet;
}

std::vector<LayerSample> parse_samples(std::string_view text, const std::string& name) {
  const Words lines = split_lines(text);
  const Words header = split(lines.front(), ',');
  std::vector<LayerSample> samples;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty() || lines[i] == sheet_header()) continue;  // sheets may stand one behind another
    const CsvLine line(header, lines[i], fmt::format("{}:{}", name, i + 1));
    const auto count = [&](const char* column) { return line.number(column, 0, kMostCount); };
    LayerSample sample{.row = row_named(line), .work = {}, .cycles = static_cast<Cycles>(count("cycles"))};
    for (std::size_t t = 0; t < kTermCount; ++t)
      sample.work.values[t] = static_cast<double>(count(std::string(kTermNames[t]).c_str()));
    if (sample.cycles > 0) samples.push_back(sample);
  }
  if (samples.empty())
    throw ConfigError(name +
                      ": no line with cycles; fill in the last column of a sheet made by `tinynas calibrate "
                      "--sheet MODEL`");
  return samples;
}

std::vector<LayerSample> read_samples(const std::filesystem::path& path) {
  constexpr std::int64_t kMostBytes = 16 << 20;
  return parse_samples(read_file(path, kMostBytes), path.string());
}

}  // namespace tinynas::cost
