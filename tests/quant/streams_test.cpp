#include <set>

#include "quant/float_interpreter.h"
#include "support/catch.h"
#include "support/streaming_graphs.h"
#include "tinynas/core/error.h"
#include "tinynas/quant/calibrate.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/noise.h"
#include "tinynas/quant/quantize.h"

namespace tinynas::quant {
namespace {

constexpr int kCalls = 30;  // longer than what one output depends on: 5 + 9 + 2 + 4 + 6 calls less 5

TEST_CASE("a streamed network makes exactly what it makes of the whole signal at once") {
  const Rng rng(21);
  const test::Pools pools = GENERATE(test::Pools::kNone, test::Pools::kSome);
  const ir::Graph graph = test::quantized_streaming_network(rng.fork("graph"), pools);
  const auto calls = test::random_calls(graph, rng.fork("calls"), kCalls);
  std::vector<std::int8_t> signal;
  for (const auto& rows : calls) signal.insert(signal.end(), rows.begin(), rows.end());
  const std::vector<std::int8_t> whole = Int8Interpreter(test::whole_signal(graph, kCalls)).run(signal);

  std::vector<std::int8_t> streamed;
  for (const auto& output : run_all(Int8Interpreter(graph), calls))
    streamed.insert(streamed.end(), output.begin(), output.end());
  REQUIRE(streamed.size() == whole.size());
  // Behind pools, outputs of calls before this one depend on padding: the pools look back 1 and 3 rows, the
  // layer behind them 5.
  const std::ptrdiff_t from = pools == test::Pools::kNone ? 0 : 2 * (1 + 3 + 5);
  CHECK(std::vector(streamed.begin() + from, streamed.end()) ==
        std::vector(whole.begin() + from, whole.end()));
  CHECK(std::set<std::int8_t>(whole.begin(), whole.end()).size() > 10);  // and it is not one value
}

TEST_CASE("a streamed float network makes what it makes of the whole signal at once") {
  const Rng rng(22);
  const ir::Graph graph = test::streaming_network(rng.fork("graph"), test::Pools::kNone);
  std::vector<float> signal(at(kCalls * graph.tensor(graph.input).elements()));
  Rng values = rng.fork("values");
  for (float& value : signal) value = static_cast<float>(values.normal());
  const std::vector<float> whole = FloatInterpreter(test::whole_signal(graph, kCalls)).run(signal, {});
  FloatInterpreter::History history;
  const FloatInterpreter interpreter(graph);
  const std::size_t call = signal.size() / kCalls;
  std::vector<float> streamed;
  for (std::size_t i = 0; i < kCalls; ++i)
    for (const float v : interpreter.run_next(std::span(signal).subspan(i * call, call), history, {}))
      streamed.push_back(v);
  REQUIRE(streamed.size() == whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) CHECK(streamed[i] == Approx(whole[i]).margin(1e-4));
}

TEST_CASE("run is the first call, and calls after it depend on those before") {
  const Rng rng(23);
  const ir::Graph graph = test::quantized_streaming_network(rng.fork("graph"));
  const Int8Interpreter interpreter(graph);
  const auto rows = test::random_calls(graph, rng.fork("calls"), 1)[0];
  Int8History history;
  const auto first = interpreter.run_next(rows, history), second = interpreter.run_next(rows, history);
  CHECK(first == interpreter.run(rows));
  CHECK(second != first);
  CHECK(interpreter.run(rows) == first);  // it keeps nothing
}

TEST_CASE("a streaming network is calibrated on calls in order") {
  const Rng rng(24);
  const ir::Graph graph = test::streaming_network(rng.fork("graph"));
  std::vector<std::vector<float>> calls(kCalls);
  Rng values = rng.fork("values");
  for (auto& call : calls)
    for (std::int64_t i = 0; i < graph.tensor(graph.input).elements(); ++i)
      call.push_back(static_cast<float>(values.normal()));
  Ranges expected(graph.tensors.size());
  FloatInterpreter::History history;
  const FloatInterpreter interpreter(graph);
  for (const auto& call : calls)
    interpreter.run_next(call, history, [&](int tensor, std::span<const float> seen) {
      Range& range = expected[at(tensor)];
      for (const float value : seen)
        range = {.min = std::min(range.min, value), .max = std::max(range.max, value)};
    });
  const Inputs inputs = listed_inputs(calls);
  const Ranges ranges = calibrate(graph, inputs, Clipping::kNone);
  CHECK(ranges == expected);
  // The noise of calls in order, too: without it, later calls would not be those of the network.
  CHECK(output_noise(graph, quantize(graph, ranges), inputs) > 20);
}

}  // namespace
}  // namespace tinynas::quant
