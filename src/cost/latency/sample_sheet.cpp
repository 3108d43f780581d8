#include <fmt/format.h>

#include <algorithm>

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

/// A layer's name as a cell: without what ends a cell or begins a comment.
std::string name_cell(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return c == ',' || c == '#' || c < ' '; }, '_');
  return name;
}

std::string line_of(const std::string& name, const LayerSample& sample) {
  std::string line = name_cell(name) + "," + cycle_row_name(sample.row);
  for (std::size_t t = 0; t < kTermCount; ++t) line += fmt::format(",{:.0f}", sample.work.values[t]);
  return line + (sample.cycles > 0 ? fmt::format(",{:.0f}\n", sample.cycles) : ",\n");
}

/// The line that names the columns.
bool is_header(const Words& cells) {
  const auto has = [&](std::string_view column) {
    return std::find(cells.begin(), cells.end(), column) != cells.end();
  };
  return has("kernel") && has("cycles");
}

/// A comment, or what a serial console adds to what a board printed: no line of a sheet has a single cell.
bool is_remark(const Words& cells) {
  return cells.size() == 1 || cells.front().find('#') != std::string_view::npos;
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
  Words header;
  std::vector<LayerSample> samples;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Words cells = split(lines[i], ',');
    if (is_header(cells)) header = cells;  // sheets may stand one behind another
    if (is_header(cells) || header.empty() || is_remark(cells)) continue;
    const CsvLine line(header, lines[i], fmt::format("{}:{}", name, i + 1));
    const auto count = [&](const char* column) { return line.number(column, 0, kMostCount); };
    LayerSample sample{.row = row_named(line), .work = {}, .cycles = static_cast<Cycles>(count("cycles"))};
    for (std::size_t t = 0; t < kTermCount; ++t)
      sample.work.values[t] = static_cast<double>(count(std::string(kTermNames[t]).c_str()));
    if (sample.cycles > 0) samples.push_back(sample);
  }
  if (header.empty())
    throw ConfigError(
        fmt::format("{}: no line names the columns; expected '{}', as `tinynas calibrate "
                    "--sheet MODEL` and a firmware's examples/benchmark.c print it",
                    name, sheet_header()));
  if (samples.empty())
    throw ConfigError(name +
                      ": no line with cycles; fill in the last column of a sheet made by `tinynas calibrate "
                      "--sheet MODEL`");
  return samples;
}

SampleOrigin sample_origin(std::string_view text, const std::string& name) {
  constexpr std::string_view kCore = ", made for ";
  SampleOrigin origin;
  for (const std::string_view line : split_lines(text)) {
    if (line.find("# benchmark of ") == std::string_view::npos) {
      if (line.find("# image: ") != std::string_view::npos &&
          line.find(" instructions") != std::string_view::npos)
        origin.of_emulator = true;
      continue;
    }
    const std::size_t at = line.find(kCore);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = line.substr(at + kCore.size());
    const std::string core(rest.substr(0, rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-")));
    if (!origin.core.empty() && origin.core != core)
      throw ConfigError(
          fmt::format("{}: sheets of two cores, {} and {}; fit each on its own", name, origin.core, core));
    origin.core = core;
  }
  return origin;
}

std::string read_sheet(const std::filesystem::path& path) {
  constexpr std::int64_t kMostBytes = 16 << 20;
  return read_file(path, kMostBytes);
}

}  // namespace tinynas::cost
