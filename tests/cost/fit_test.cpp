#include "tinynas/cost/fit.h"

#include <algorithm>
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

/// Terms by name; the others are 0.
PerTerm terms(std::initializer_list<std::pair<Term, double>> values) {
  PerTerm all;
  for (const auto& [term, value] : values) all[term] = value;
  return all;
}

const CycleTerms kTruth = {terms(
    {{Term::kRow, 90}, {Term::kMac, 2}, {Term::kInput, 2}, {Term::kBlockOutput, 12}, {Term::kBlock, 250}})};

/// What the layer counts that makes tensor `output`.
LayerWork work_of(const test::GraphBuilder& builder, int output, KernelIsa isa) {
  return layer_work(builder.graph(), builder.graph().layer(output - 1), isa);
}

/// Instructions of the unrolled code of the second layer, once for each row of a channel.
int unrolled_once(const ir::Graph& graph) {
  const ir::Layer& layer = graph.layers[1];
  return kernel_for(graph, layer).unrolled(graph, layer, KernelIsa::kDsp).value().instructions().once;
}

}  // namespace

TEST_CASE("a 1x1 convolution counts its blocks, pairs of channels and groups of four inputs") {
  // A row of 7 outputs of 3 channels, from 5: blocks of 3, 2 and 2; two pairs, one of them half empty; two
  // fours.
  test::GraphBuilder builder({1, 7, 2}, Rng(1));
  const int output = builder.conv(builder.conv(0, 5, 1), 3, 1);
  const LayerWork dsp = work_of(builder, output, KernelIsa::kDsp);
  CHECK(dsp == terms({{Term::kRow, 1},
                      {Term::kBlock, 3},
                      {Term::kBlockInput, 3 * 5},
                      {Term::kBlockOutput, 3 * 2},
                      {Term::kBlockMac, 3 * 2 * 2},
                      {Term::kInput, 7 * 5},
                      {Term::kOutput, 7 * 2},
                      {Term::kMac, 7 * 2 * 2},
                      {Term::kTail, 7 + 3 * 7},  // the fifth input, which has no partner, and three zeros
                      {Term::kOdd, 3}}));
  LayerWork portable = work_of(builder, output, KernelIsa::kPortable);
  CHECK(portable[Term::kBlock] == 4);     // of two
  CHECK(portable[Term::kTail] == 3 * 7);  // inputs are gathered one by one in any case
}

TEST_CASE("a row that would leave one output over ends with two blocks of two") {
  for (const auto& [width, blocks] :
       {std::pair{1, 1}, {2, 1}, {3, 1}, {4, 2}, {5, 2}, {6, 2}, {7, 3}, {8, 3}, {9, 3}}) {
    test::GraphBuilder builder({1, width, 2}, Rng(1));
    const int output = builder.conv(builder.conv(0, 4, 1), 4, 1);
    INFO("width " << width);
    CHECK(work_of(builder, output, KernelIsa::kDsp)[Term::kBlock] == blocks);
  }
}

TEST_CASE("a depthwise layer counts its taps in the image, or the instructions of its unrolled code") {
  // 9 x 9 x 8, 3x3, stride 2: of 5 x 3 kernel rows 13 meet the image; 3 of 5 windows of a row lie within it.
  test::GraphBuilder builder({9, 9, 3}, Rng(1));
  const int output = builder.depthwise(builder.conv(0, 8, 3), 3, 2);
  CHECK(work_of(builder, output, KernelIsa::kPortable) == terms({{Term::kRow, 5},
                                                                 {Term::kLine, 5 * 8},
                                                                 {Term::kSpan, 13 * 8 * 5},
                                                                 {Term::kOutput, 5 * 8 * 5},
                                                                 {Term::kMac, 13 * 8 * 13},
                                                                 {Term::kEdge, 5 * 8 * (1 + 2) * 9}}));
  const int code = unrolled_once(builder.graph());
  CHECK(work_of(builder, output, KernelIsa::kDsp) == terms({{Term::kRow, 5},
                                                            {Term::kLine, 5 * 8},
                                                            {Term::kOutput, 5 * 8 * 5},
                                                            {Term::kEdge, 2 * 9},
                                                            {Term::kCode, 5.0 * 8 * code}}));
}

TEST_CASE("a dense layer counts fours of channels, and in pairs what they leave") {
  test::GraphBuilder builder({1, 1, 3}, Rng(1));
  const LayerWork work = work_of(builder, builder.dense(builder.dense(0, 10), 7), KernelIsa::kDsp);
  CHECK(work == terms({{Term::kRow, 1},
                       {Term::kLine, 3},  // four channels, two, one
                       {Term::kInput, 10},
                       {Term::kOutput, 2},
                       {Term::kMac, 2 * 3},
                       {Term::kBlock, 1},
                       {Term::kBlockMac, 3},
                       {Term::kOdd, 1}}));
}

TEST_CASE("a fit finds the terms that made its samples") {
  const CycleTable table = fit_cycle_table(pointwise_samples(kTruth, 60, 1));
  const auto others = pointwise_samples(kTruth, 60, 2);
  for (std::size_t t = 0; t < kTermCount; ++t) {
    INFO(kTermNames[t]);
    CHECK(table[others[0].row].values[t] == Approx(kTruth.values[t]).margin(0.02));
  }
  CHECK(fit_errors(table, others).worst < 1e-6);
}

TEST_CASE(
    "a fit never makes a term negative, nor more terms than a third of its samples, whatever the noise") {
  for (const int count : {60, 7}) {
    auto samples = pointwise_samples(kTruth, count, 3);
    Rng rng(4);
    for (LayerSample& sample : samples) sample.cycles *= 1 + 0.05 * rng.normal();
    const CycleTable table = fit_cycle_table(samples);
    for (const CycleTerms& row : table) {
      CHECK(std::all_of(row.values.begin(), row.values.end(), [](double value) { return value >= 0; }));
      CHECK(std::count_if(row.values.begin(), row.values.end(), [](double value) { return value > 0; }) <=
            count / 3);
    }
    CHECK(fit_errors(table, pointwise_samples(kTruth, 60, 5)).median < (count == 60 ? 0.03 : 0.3));
  }
}

TEST_CASE("a few measurements scale the table they begin with") {
  const CycleTable base = load_cycle_table_of(Core::kCortexM4);
  auto samples = pointwise_samples(kTruth, 3, 6);
  for (LayerSample& sample : samples) sample.cycles = 1.25 * cycles_of(base[sample.row], sample.work);
  const CycleTable table = fit_cycle_table(samples, base);
  for (std::size_t row = 0; row < table.size(); ++row)  // also kernels that were not measured
    CHECK(table[row][Term::kOutput] == Approx(1.25 * base[row][Term::kOutput]));
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
  table[0] = {
      terms({{Term::kLine, 1.5}, {Term::kBlock, 100}})};  // the first kernel, and where it is unrolled
  table[1] = {terms({{Term::kLine, 1.5}, {Term::kCode, 0.25}})};
  write_file(folder / "own.yaml", cycle_table_text(table, "two lines\nof comment"));
  CHECK(read_file(folder / "own.yaml").starts_with("# two lines\n# of comment\nkernels:\n"));
  const CycleTable read = load_cycle_table(folder / "own.yaml");
  REQUIRE(read.size() == table.size());
  for (std::size_t row = 0; row < table.size(); ++row)
    for (std::size_t t = 0; t < kTermCount; ++t)
      CHECK(read[row].values[t] == Approx(table[row].values[t]).epsilon(1e-3));  // written with four digits
}

TEST_CASE("a kernel that a cycle table leaves out takes the row of its family, else the dearest") {
  const CycleTable table = parse_cycle_table(
      "kernels:\n  tn_depthwise: { row: 7 }\n  tn_add: { row: 3 }\n  other: { row: 9 }\n", "own");
  const auto row_of = [&](std::string_view name) {
    for (std::size_t row = 0; row < table.size(); ++row)
      if (cycle_row_name(row) == name) return table[row][Term::kRow];
    return 0.0;
  };
  CHECK(row_of("tn_depthwise_5x5") == 7);
  CHECK(row_of("tn_depthwise_5x5_unrolled") == 7);
  CHECK(row_of("tn_add_unrolled") == 3);
  CHECK(row_of("tn_softmax") == 9);
}

TEST_CASE("a kernel without cycles of its own or of its family is named with its layers") {
  test::GraphBuilder builder({6, 6, 3}, Rng(1));
  const int stem = builder.conv(0, 8, 3), wide = builder.depthwise(builder.conv(stem, 8, 1), 5);
  const ir::Graph graph = builder.finish(builder.conv(builder.add(stem, wide), 8, 1));
  const CycleTable table = parse_cycle_table(
      "kernels:\n  tn_conv_input: { row: 1 }\n  tn_depthwise: { row: 7 }\n  other: { row: 9 }\n", "own");
  const auto unfitted = unfitted_kernels(table, graph, KernelIsa::kDsp);
  REQUIRE(unfitted.size() == 2);
  CHECK(unfitted[0].name == "tn_conv1x1");
  CHECK(unfitted[0].layers == 2);
  CHECK(unfitted[1].name == "tn_add");
  CHECK(unfitted_kernels({}, graph, KernelIsa::kDsp).empty());
  // Written and read again, or scaled to a board, they are still unfitted; a measured one is not.
  const CycleTable read = parse_cycle_table(cycle_table_text(table, ""), "again");
  CHECK(unfitted_kernels(read, graph, KernelIsa::kDsp).size() == 2);
  const std::vector<LayerSample> samples = {layer_sample(graph, graph.layers[1], KernelIsa::kDsp, 5000)};
  const auto left = unfitted_kernels(fit_cycle_table(samples, table), graph, KernelIsa::kDsp);
  REQUIRE(left.size() == 1);
  CHECK(left[0].name == "tn_add");
}

TEST_CASE("every core has fitted cycles for every operation") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed)
    for (const CoreInfo& core : kCores)
      CHECK(unfitted_kernels(load_cycle_table_of(core.core), test::every_operation(Rng(seed)), core.isa)
                .empty());
}

TEST_CASE("kernels for vectors that lesser cores fall back on count as a guess") {
  test::GraphBuilder builder({4, 4, 2}, Rng(1));
  ir::Graph graph = builder.finish(builder.conv(builder.conv(0, 4, 3), 4, 1));
  graph.quant.emplace();
  graph.quant->tensors.resize(graph.tensors.size());
  for (const ir::Layer& layer : graph.layers)
    graph.quant->layers.push_back(
        {.weight = std::vector<std::int8_t>(at(ir::layer_weights(graph, layer)), 1)});
  const CycleTable table = load_cycle_table_of(Core::kCortexM4);
  CHECK(unfitted_kernels(table, graph, KernelIsa::kDsp).empty());
  for (std::int8_t& weight : graph.layer_quant(1).weight) weight = -128;  // which cannot be paired
  const auto unfitted = unfitted_kernels(table, graph, KernelIsa::kDsp);
  REQUIRE(unfitted.size() == 1);
  CHECK(unfitted[0].name == "tn_conv1x1_x16");
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
  const int code = 5 * 8 * unrolled_once(graph);
  const std::string last =
      "layer1,tn_depthwise_3x3_unrolled,0,5,40,0,0,200,0,0,0,0,0,0,0,18," + std::to_string(code) + ",";
  REQUIRE(sheet.starts_with("layer,kernel,image,row,line,"));
  REQUIRE(sheet.ends_with(last + "\n"));
  sheet.insert(sheet.size() - 1, "4567");
  const auto samples = parse_samples(sheet, "board.csv");
  REQUIRE(samples.size() == 1);  // the line without cycles is left out
  CHECK(samples[0].row == cycle_row_for(graph, graph.layers[1], KernelIsa::kDsp));
  CHECK(samples[0].work == layer_work(graph, graph.layers[1], KernelIsa::kDsp));
  CHECK(samples[0].cycles == 4567);
  CHECK(samples_text(samples).ends_with("0" + last.substr(6) + "4567\n"));
}

TEST_CASE("a sheet with an unknown kernel or without cycles is refused") {
  const std::string header = samples_text({});
  CHECK_THROWS_WITH(parse_samples(header + "a,tn_conv1x2,0,1,1,1,1,1,0,1,1,0,0,0,0,0,0,5\n", "board.csv"),
                    Catch::Contains("board.csv:2") && Catch::Contains("did you mean 'tn_conv1x1'"));
  CHECK_THROWS_WITH(parse_samples(header, "board.csv"), Catch::Contains("no line with cycles"));
}

TEST_CASE("a sheet is read from what a serial console kept") {
  const std::string header =
      "layer,kernel,image,row,line,span,input,output,mac,block,block_input,block_output,"
      "block_mac,tail,odd,edge,code,cycles";
  const std::string line = "a,tn_conv1x1,0,1,1,1,1,1,0,1,1,0,0,0,0,0,0,";
  // What came before the board was reset, an empty line, comments with commas, words of the console.
  const auto samples =
      parse_samples("0,1,5\r\n" + header + "\r\n" + line + "50\r\n\r\n# image: median 7, worst 8\r\n" +
                        "12:01 -> # row 3, 4\r\n[12:02] -> " + header + "\r\n[12:02] -> " + line +
                        "60\r\nConnection closed\r\n",
                    "serial.txt");
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].cycles == 50);
  CHECK(samples[1].cycles == 60);
  CHECK_THROWS_WITH(parse_samples("# nothing\n" + line + "5\n", "serial.txt"),
                    Catch::Contains("serial.txt: no line names the columns; expected 'layer,kernel,"));
  CHECK_THROWS_WITH(parse_samples(header + "\n" + line + "5" + line + "5\n", "serial.txt"),  // bytes lost
                    Catch::Contains("serial.txt:2: 35 cells, expected one for each of the 18 columns"));
  CHECK_THROWS_WITH(parse_samples(header + "\n" + line + "5x\n", "serial.txt"),
                    Catch::Contains("serial.txt:2: cycles: found '5x', expected a whole number"));
}

TEST_CASE("a layer's name does not break its line of the sheet") {
  test::GraphBuilder builder({9, 9, 3}, Rng(1));
  ir::Graph graph = builder.finish(builder.conv(0, 8, 3));
  graph.names = {"#conv, the first"};
  std::string sheet = sample_sheet(graph, KernelIsa::kDsp);
  sheet.insert(sheet.size() - 1, "77");
  CHECK(parse_samples(sheet, "board.csv").size() == 1);
  const SampleOrigin board =
      sample_origin("# benchmark of door, made for cortex-m4\r\n# image: median 7 cycles\r\n", "s");
  CHECK(board.core == "cortex-m4");
  CHECK_FALSE(board.of_emulator);
  CHECK(sample_origin("x\n# image: median 7 instructions, worst 8 instructions\n", "s").of_emulator);
  CHECK(sample_origin(sheet, "s").core.empty());
  CHECK_THROWS_WITH(
      sample_origin("# benchmark of a, made for cortex-m4\n# benchmark of a, made for cortex-m7\n", "s"),
      Catch::Contains("two cores, cortex-m4 and cortex-m7"));
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
