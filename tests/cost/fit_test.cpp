#include "tinynas/cost/fit.h"

#include <cmath>

#include "random_graphs.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/instructions.h"
#include "tinynas/cost/kernels.h"

using namespace tinynas;
using namespace tinynas::cost;

namespace {

/// 1x1 convolutions of all sizes, with the cycles of known terms.
std::vector<LayerSample> pointwise_samples(const CycleTerms& truth, int count, std::uint64_t seed) {
  std::vector<LayerSample> samples;
  Rng rng(seed);
  for (int i = 0; i < count; ++i) {
    test::GraphBuilder builder({rng.between(2, 20), rng.between(2, 40), rng.between(1, 60)},
                               rng.fork("net", seed));
    const ir::Graph graph =
        builder.finish(builder.conv(builder.conv(0, rng.between(1, 60), 1), rng.between(1, 60), 1));
    LayerSample sample = layer_sample(graph, graph.layers[1], KernelIsa::kDsp, 0);
    sample.cycles = cycles_of(truth, sample.work);
    samples.push_back(sample);
  }
  return samples;
}

const CycleTerms kTruth = {.row = 90, .mac = 0.5, .input = 2, .block_output = 12, .width = 3};

}  // namespace

TEST_CASE("the block terms count rows as if they were whole blocks") {
  // One row of 7 outputs x 2 channels, 5 MACs each, in blocks of 3: 3 blocks, as long as 9 outputs.
  const LayerWork work = {
      .rows = 1, .outputs = 14, .macs = 70, .inputs = 35, .lines = 5, .out_w = 7, .window = 5};
  CHECK(cycles_of({.block = 1, .width = 3}, work) == Approx(3));
  CHECK(cycles_of({.block_output = 1, .width = 3}, work) == Approx(14 * 9 / 7.0 / 3));  // channels x blocks
  CHECK(cycles_of({.block_mac = 1, .width = 3}, work) == Approx(70 * 9 / 7.0 / 3));
  CHECK(cycles_of({.block_input = 1, .width = 3}, work) == Approx(3 * 5));
  CHECK(cycles_of({.line = 1}, work) == Approx(5));
}

TEST_CASE("a fit finds the terms that made its samples") {
  const auto samples = pointwise_samples(kTruth, 60, 1);
  const CycleTable base = load_cycle_table_of(Core::kCortexM4);
  const CycleTable table = fit_cycle_table(samples, base);
  const CycleTerms& fitted = table[samples[0].row];
  CHECK(fitted.width == 3);
  CHECK(fitted.row == Approx(90).epsilon(0.01));
  CHECK(fitted.mac == Approx(0.5).epsilon(0.01));
  CHECK(fitted.block_output == Approx(12).epsilon(0.01));
  CHECK(fit_errors(table, pointwise_samples(kTruth, 60, 2)).worst < 1e-6);  // other layers
}

TEST_CASE("a fit never makes a term negative, whatever the noise") {
  auto samples = pointwise_samples(kTruth, 60, 3);
  Rng rng(4);
  for (LayerSample& sample : samples) sample.cycles *= 1 + 0.05 * rng.normal();
  const CycleTable table = fit_cycle_table(samples, load_cycle_table_of(Core::kCortexM4));
  for (const CycleTerms& terms : table)
    for (const double term : {terms.row, terms.line, terms.input, terms.output, terms.mac, terms.block,
                              terms.block_input, terms.block_output, terms.block_mac})
      CHECK(term >= 0);
  CHECK(fit_errors(table, pointwise_samples(kTruth, 60, 5)).median < 0.03);
}

TEST_CASE("a few measurements scale the table they begin with") {
  const CycleTable base = load_cycle_table_of(Core::kCortexM4);
  auto samples = pointwise_samples(kTruth, 3, 6);
  for (LayerSample& sample : samples) sample.cycles = 1.25 * cycles_of(base[sample.row], sample.work);
  const CycleTable table = fit_cycle_table(samples, base);
  for (std::size_t row = 0; row < table.size(); ++row)  // also kernels that were not measured
    CHECK(table[row].output == Approx(1.25 * base[row].output));
}

TEST_CASE("errors are shares of what was measured") {
  const FitErrors errors = fit_errors(std::array{90.0, 105.0, 100.0}, std::array{100.0, 100.0, 100.0});
  CHECK(errors.count == 3);
  CHECK(errors.median == Approx(0.05));
  CHECK(errors.worst == Approx(0.10));
  CHECK(errors.worst_at == 0);
}

TEST_CASE("a cycle table reads back as written") {
  const test::TemporaryFolder folder;
  CycleTable table = load_cycle_table_of(Core::kCortexM4);
  table[1] = {.line = 1.5, .block = 100, .block_mac = 0.25, .width = 4};  // the first kernel, strided
  write_file(folder / "own.yaml", cycle_table_text(table, "two lines\nof comment"));
  CHECK(read_file(folder / "own.yaml").starts_with("# two lines\n# of comment\nkernels:\n"));
  const CycleTable read = load_cycle_table(folder / "own.yaml");
  REQUIRE(read.size() == table.size());
  for (std::size_t row = 0; row < table.size(); ++row) {
    CHECK(read[row].width == table[row].width);
    CHECK(read[row].mac == Approx(table[row].mac).epsilon(1e-3));  // written with four digits
    CHECK(read[row].line == Approx(table[row].line).epsilon(1e-3));
  }
}

TEST_CASE("a cycle table with a row for no kernel is refused") {
  const test::TemporaryFolder folder;
  write_file(folder / "own.yaml",
             "kernels:\n  tn_con: { row: 1 }\n  tn_cnv: { row: 1 }\n  other: { row: 1 }\n");
  CHECK_THROWS_WITH(load_cycle_table(folder / "own.yaml"),
                    Catch::Contains("own.yaml:3") && Catch::Contains("tn_cnv"));
}

TEST_CASE("a sheet filled in reads back as samples") {
  test::GraphBuilder builder({9, 9, 3}, Rng(1));
  const ir::Graph graph = builder.finish(builder.depthwise(builder.conv(0, 8, 3), 3, 2));
  std::string sheet = sample_sheet(graph, KernelIsa::kDsp);
  const std::string last =
      "layer1,tn_depthwise_3x3_unrolled_s2,5,104,936,200,1800,1352,5,0,";  // 5 x 3 taps, 2 outside: 13 rows x
                                                                           // 8 channels
  REQUIRE(sheet.ends_with(last + "\n"));
  sheet.insert(sheet.size() - 1, "4567");
  const auto samples = parse_samples(sheet, "board.csv");
  REQUIRE(samples.size() == 1);  // the line without cycles is left out
  CHECK(samples[0].row == cycle_row_for(graph, graph.layers[1], KernelIsa::kDsp));
  CHECK(samples[0].work == layer_work(graph, graph.layers[1]));
  CHECK(samples[0].cycles == 4567);
  CHECK(samples_text(samples).ends_with("0" + last.substr(6) + "4567\n"));
}

TEST_CASE("a sheet with an unknown kernel or without cycles is refused") {
  const std::string header = "layer,kernel,rows,lines,inputs,outputs,macs,inside,out_w,window,cycles\n";
  CHECK_THROWS_WITH(parse_samples(header + "a,tn_conv1x2,1,1,1,1,1,0,1,1,5\n", "board.csv"),
                    Catch::Contains("board.csv:2") && Catch::Contains("did you mean 'tn_conv1x1'"));
  CHECK_THROWS_WITH(parse_samples(header, "board.csv"), Catch::Contains("no line with cycles"));
}

TEST_CASE("every core has estimates for every event") {
  for (const CoreInfo& core : kCores) {
    const EventCycles cycles = load_event_cycles(core.core);
    EventCounts counts;
    counts[Event::kLoad] = 10;
    counts[Event::kPipelined] = 4;
    CHECK(counts.instructions() == 10);
    CHECK(estimated_cycles(counts, cycles) > 0);
  }
  // Ten loads of two cycles, four of them pipelined (ARM DDI 0439B table 3-1).
  EventCounts counts;
  counts[Event::kLoad] = 10;
  counts[Event::kPipelined] = 4;
  CHECK(estimated_cycles(counts, load_event_cycles(Core::kCortexM4)) == 16);
}
