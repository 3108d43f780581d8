// Networks that keep their state in variables.
#include <algorithm>
#include <cmath>

#include "import/tflite_writer.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/index.h"
#include "tinynas/core/rng.h"
#include "tinynas/import/import.h"
#include "tinynas/onnx/onnx.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;
using Catch::Matchers::Contains;
using Values = std::vector<std::int8_t>;

namespace {

constexpr int kNew = 3, kColumns = 1, kChannels = 4, kKernel = 5, kStride = 3, kShort = 3;
constexpr float kScale = 0.5F, kMidScale = 4;
constexpr int kZero = -3, kMidZero = -128;

/// What is wrong with a file of Streamed, if anything.
struct Fault {
  bool call_once = true;          ///< variables have a value at first
  int initial = kZero;            ///< of the first
  int assigned_from = kNew;       ///< first row that becomes its next state
  bool through_logistic = false;  ///< an operator without windows reads the state
  bool dilated = false;           ///< no fault: the convolution reads the first and the last of its rows
};

/// A convolution over 2 rows of state and 3 new ones; then, over 4 rows of state and a new one, each half of
/// the channels with a depthwise convolution of its own, one over the last 3 rows and one over all 5.
class Streamed {
 public:
  explicit Streamed(const Fault& fault) : fault_(fault) {
    if (fault.call_once) writer_.node(test::kTfCallOnce, {}, {}, {{0, 4, 1}});
    const int in = writer_.int8("in", {1, kNew, kColumns, kChannels}, kScale, kZero);
    const int first = joined("first", {1, kKernel - kStride, kColumns, kChannels}, in, kNew, kScale, kZero,
                             fault.assigned_from);
    const int mid = writer_.int8("mid", {1, 1, kColumns, kChannels}, kMidScale, kMidZero);
    const int taps = fault.dilated ? 2 : kKernel;
    writer_.node(test::kTfConv,
                 {first, conv_weights(writer_, taps), writer_.int32({kChannels}, {1, 2, 3, 4})}, {mid},
                 {{0, 1, 1}, {1, 4, 1}, {2, 4, kStride}, {5, 4, (kKernel - 1) / (taps - 1)}});
    const int second = joined("second", {1, 4, kColumns, kChannels}, mid, 1, kMidScale, kMidZero, 1);
    const int out = writer_.int8("out", {1, 1, kColumns, kChannels}, kMidScale, 0);
    mixed(writer_, second, out);
    file_ = writer_.finish({in}, {out});
  }
  const std::string& file() const { return file_; }

  static int conv_weights(test::TfliteWriter& writer, int taps = kKernel) {
    std::vector<std::int8_t> values;
    for (int i = 0; i < kChannels * taps * kChannels; ++i)
      values.push_back(static_cast<std::int8_t>(i * 37 % 41 - 20));
    return writer.weights({kChannels, taps, 1, kChannels}, {0.5F, 0.25F, 0.125F, 0.25F}, values);
  }
  /// Each half of the channels of five rows, with a kernel of its own.
  static void mixed(test::TfliteWriter& writer, int from, int out) {
    constexpr int kHalf = kChannels / 2, kRows = 5;
    const auto part = [&](const char* name, int height, int zero) {
      return writer.int8(name, {1, height, kColumns, kHalf}, kMidScale, zero);
    };
    const int left = part("left", kRows, kMidZero), right = part("right", kRows, kMidZero);
    writer.node(test::kTfSplitV, {from, writer.int32({2}, {kHalf, kHalf}), writer.int32({}, {3})},
                {left, right});
    const int last = part("last", kShort, kMidZero);
    writer.node(test::kTfStridedSlice,
                {left, writer.int32({4}, {0, -kShort, 0, 0}), writer.int32({4}, {0, 0, 0, 0}),
                 writer.int32({4}, {1, 1, 1, 1})},
                {last}, {{0, 4, 13}, {1, 4, 15}});
    const int three = part("three", 1, 0), five = part("five", 1, 0);
    const auto depthwise = [&](int in, int kernel, int to) {
      std::vector<std::int8_t> values;
      for (int i = 0; i < kernel * kHalf; ++i) values.push_back(static_cast<std::int8_t>(i * 29 % 31 - 12));
      writer.node(test::kTfDepthwise,
                  {in, writer.weights({1, kernel, 1, kHalf}, {0.0625F, 0.125F}, values, 3),
                   writer.int32({kHalf}, {5, -6})},
                  {to}, {{0, 1, 1}, {1, 4, 1}, {2, 4, 1}, {3, 4, 1}});
    };
    depthwise(last, kShort, three);
    depthwise(right, kRows, five);
    writer.node(test::kTfConcat, {three, five}, {out}, {{0, 4, 3}});
  }

 private:
  /// READ_VARIABLE, CONCATENATION, STRIDED_SLICE, ASSIGN_VARIABLE; the joined rows.
  int joined(const std::string& name, std::vector<std::int32_t> shape, int fresh, int new_rows, float scale,
             int zero, int assigned_from) {
    const int handle = writer_.tensor(name, {}, test::kTfResource, {});
    writer_.node(test::kTfVarHandle, {}, {handle}, {{1, 4, 0, name}});
    const int read = writer_.int8(name + "/read", shape, scale, zero);
    writer_.node(test::kTfReadVariable, {handle}, {read});
    const int rows = shape[1];
    std::vector<std::int32_t> all = shape;
    all[1] += new_rows;
    int both = writer_.int8(name + "/both", all, scale, zero);
    writer_.node(test::kTfConcat, {read, fresh}, {both}, {{0, 4, 1}});
    const int next = writer_.int8(name + "/next", shape, scale, zero);
    writer_.node(test::kTfStridedSlice,
                 {both, writer_.int32({4}, {0, assigned_from, 0, 0}),
                  writer_.int32({4}, {0, assigned_from + rows, 0, 0}), writer_.int32({4}, {1, 1, 1, 1})},
                 {next}, {{0, 4, 13}, {1, 4, 13}});
    writer_.node(test::kTfAssignVariable, {handle, next}, {});
    if (fault_.through_logistic) {
      const int sigmoid = writer_.int8(name + "/sigmoid", all, scale, zero);
      writer_.node(test::kTfLogistic, {both}, {sigmoid});
      both = sigmoid;
    }
    if (!fault_.call_once) return both;
    writer_.other_graph();
    const int in_other = writer_.tensor(name, {}, test::kTfResource, {});
    writer_.node(test::kTfVarHandle, {}, {in_other}, {{1, 4, 0, name}});
    const int value = name == "first" ? fault_.initial : zero;
    const int initial = writer_.tensor(
        name + "/initial", shape, test::kTfInt8, {{scale}, {zero}},
        std::string(static_cast<std::size_t>(rows * kColumns * kChannels), static_cast<char>(value)));
    writer_.node(test::kTfAssignVariable, {in_other, initial}, {});
    writer_.other_graph();
    return both;
  }

  Fault fault_;
  test::TfliteWriter writer_;
  std::string file_;
};

void refuses(const Fault& fault, const std::string& why) {
  CHECK_THROWS_WITH(import::fold(import::read_tflite(Streamed(fault).file())), Contains(why));
}

}  // namespace

TEST_CASE("state in variables becomes rows that layers keep from call to call") {
  const ir::Graph graph = import::fold(import::read_tflite(Streamed({}).file())).graph;
  CHECK(ir::history(graph, graph.input) == kKernel - kStride);
  std::vector<int> history;
  for (const ir::Layer& layer : graph.layers) history.push_back(layer.streams ? layer.pad_top : 0);
  // The convolution, two choices of channels, a kernel of 3 and one of 5 rows, their concat.
  CHECK(history == std::vector{2, 0, 0, 2, 4, 0});
}

TEST_CASE("a dilated convolution reads rows of state as far as its kernel reaches") {
  const ir::Graph graph = import::fold(import::read_tflite(Streamed({.dilated = true}).file())).graph;
  const ir::Layer& layer = graph.layers.front();
  CHECK(layer.streams);
  CHECK(layer.kernel_h == 2);
  CHECK(layer.dilation_h == 4);
  CHECK(layer.pad_top == kKernel - kStride);
}

TEST_CASE("a network with state makes what the same network without makes of the whole signal") {
  constexpr int kCalls = 12;
  Rng rng(5);
  std::vector<Values> calls(kCalls);
  Values signal;
  for (Values& call : calls) {
    for (int i = 0; i < kNew * kColumns * kChannels; ++i)
      call.push_back(static_cast<std::int8_t>(rng.between(-128, 127)));
    signal.insert(signal.end(), call.begin(), call.end());
  }
  const ir::Graph graph = import::fold(import::read_tflite(Streamed({}).file())).graph;
  Values streamed;
  for (const Values& output : quant::run_all(quant::Int8Interpreter(graph), calls))
    streamed.insert(streamed.end(), output.begin(), output.end());

  // Without state: the signal with zeros ahead, and convolutions over it. (No slice: the short kernel begins
  // two rows later.)
  test::TfliteWriter writer;
  const int in = writer.int8("in", {1, kCalls * kNew, kColumns, kChannels}, kScale, kZero);
  const int ahead = writer.int8("ahead", {1, kCalls * kNew + 2, kColumns, kChannels}, kScale, kZero);
  writer.node(test::kTfPad, {in, writer.int32({4, 2}, {0, 0, 2, 0, 0, 0, 0, 0})}, {ahead});
  const int mid = writer.int8("mid", {1, kCalls, kColumns, kChannels}, kMidScale, kMidZero);
  writer.node(test::kTfConv, {ahead, Streamed::conv_weights(writer), writer.int32({kChannels}, {1, 2, 3, 4})},
              {mid}, {{0, 1, 1}, {1, 4, 1}, {2, 4, kStride}});
  const std::string file = writer.finish({in}, {mid});
  const Values whole = quant::Int8Interpreter(import::fold(import::read_tflite(file)).graph).run(signal);

  // The second half by its definition: scales are powers of two, so that doubles are exact.
  Values expected;
  const auto row = [&](int y, int channel) {
    return y < 0 ? std::int8_t{kMidZero} : whole[static_cast<std::size_t>(y * kChannels + channel)];
  };
  for (int call = 0; call < kCalls; ++call)
    for (int channel = 0; channel < kChannels; ++channel) {
      const int half = kChannels / 2, kernel = channel < half ? kShort : 5, in_half = channel % half;
      double sum = (in_half == 0 ? 5 : -6) * (in_half == 0 ? 0.0625 : 0.125) * double{kMidScale};
      for (int k = 0; k < kernel; ++k) {
        const int weight = (k * half + in_half) * 29 % 31 - 12;
        sum += weight * (in_half == 0 ? 0.0625 : 0.125) * double{kMidScale} *
               (row(call - kernel + 1 + k, channel) - kMidZero);
      }
      const double q = std::floor(sum / double{kMidScale} + 0.5);
      expected.push_back(static_cast<std::int8_t>(std::clamp(q, -128.0, 127.0)));
    }
  CHECK(streamed == expected);
}

TEST_CASE("state that is kept otherwise is refused by its name") {
  refuses({.call_once = false}, "state 'first' of [1, 2, 1, 4] has no value before the first call");
  refuses({.initial = 7}, "state 'first' of [1, 2, 1, 4] begins with other values than 0");
  refuses({.assigned_from = 2}, "state 'first' of [1, 2, 1, 4] is assigned other rows than the last");
  refuses({.through_logistic = true}, "LOGISTIC (node");
  refuses({.through_logistic = true}, "state 'first' of [1, 5, 1, 4] and new rows are read by it");
}

TEST_CASE("a damaged file with variables is read or refused") {
  const std::string file = Streamed({}).file();
  Rng rng(9);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = file;
    damaged[at(rng.between(8, static_cast<int>(file.size()) - 1))] =
        static_cast<char>(rng.between(-128, 127));
    try {
      import::fold(import::read_tflite(damaged));
    } catch (const IoError&) {
      ++refused;
    } catch (const UnsupportedError&) {
      ++refused;
    }
  }
  CHECK(refused > 100);
}

TEST_CASE("a network that keeps state is not written as ONNX") {
  const test::TemporaryFolder folder;
  const ir::Graph graph = import::fold(import::read_tflite(Streamed({}).file())).graph;
  CHECK_THROWS_WITH(tinynas::onnx::export_onnx(graph, {}, folder / "model.onnx"),
                    Contains("keeps rows from call to call"));
}
