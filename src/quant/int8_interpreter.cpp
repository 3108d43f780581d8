#include <array>

#include "quant/layer_interpreter.h"
#include "tinynas/core/parallel.h"
#include "tinynas/quant/interpreter.h"
#include "tinynas/quant/requantize.h"

namespace tinynas::quant {

/// The arithmetic of int8, as operations.h and layer_interpreter.h want it; only what the layer's operation
/// needs is filled.
class Int8Arithmetic {
 public:
  using Value = std::int8_t;
  using Sum = std::int32_t;

  static void require(const ir::Graph& graph) {
    if (!graph.quant) throw GraphError("graph: not quantized; the int8 interpreter needs a quantized graph");
  }
  Int8Arithmetic(const ir::Graph& graph, int layer);
  static PackedWeights<Sum> pack(const ir::Graph& graph, int layer, const Int8Arithmetic& a) {
    return pack_weights<Sum>(std::span<const Value>(graph.layer_quant(layer).weight),
                             std::span<const Sum>(a.bias_));
  }

  static Value zero(const ir::Graph& graph, int tensor) {
    return static_cast<Value>(graph.quant_of(tensor).zero_point);
  }
  Sum outside() const { return zero_in_[0]; }
  Value weighted(Sum sum, std::size_t channel) const { return scaled(sum, channel); }
  Value add(Value a, Value b) const { return saturate((a * add_.ma + b * add_.mb + add_.c) >> add_.shift); }
  Value extreme(Value a, Value b) const {
    const Sum first = a * extreme_.ma + extreme_.ca, second = b * extreme_.mb + extreme_.cb;
    return saturate((largest_ ? std::max(first, second) : std::min(first, second)) >> extreme_.shift);
  }
  Value mul(Value a, Value b) const { return scaled((a - zero_in_[0]) * (b - zero_in_[1]), 0); }
  Value joined(Value q, int input) const { return scaled(q - zero_in_[at(input)], at(input)); }
  Sum centred(Value q) const { return q - zero_in_[0]; }
  Value mean(Sum sum, int pixels) const { return scaled(sum, at(pixels)); }
  Value global_mean(Sum sum, int) const { return scaled(sum, 0); }
  void softmax(std::span<const Value> in, std::span<Value> out) const;
  Value function(Value q) const { return results_[static_cast<std::uint8_t>(q)]; }
  void activate(std::vector<Value>&) const {}  // the saturation has done it

 private:
  static Value saturate(Sum value) { return static_cast<Value>(std::clamp(value, -128, 127)); }
  Value scaled(Sum sum, std::size_t multiplier) const {
    return requantize(sum, multipliers_[multiplier], zero_out_);
  }

  std::array<int, 2> zero_in_{};
  int zero_out_ = 0;
  std::vector<Multiplier> multipliers_;  ///< by output channel, pixels of a window, or input; or just one
  std::vector<Sum> bias_;                ///< with the input's zero point folded in
  AddMultipliers add_;
  ir::ExtremeMultipliers extreme_;
  bool largest_ = false;  ///< of two, not the smallest
  LogSoftmaxSteps steps_;
  std::array<std::uint32_t, 256> exponentials_{};
  std::array<Value, 256> results_{};  ///< of a function
};

Int8Arithmetic::Int8Arithmetic(const ir::Graph& graph, int index) {
  const ir::Layer& layer = graph.layer(index);
  for (std::size_t i = 0; i < 2; ++i)
    if (layer.inputs[i] >= 0) zero_in_[i] = graph.quant_of(layer.inputs[i]).zero_point;
  zero_out_ = graph.quant_of(layer.output).zero_point;
  switch (layer.op) {
    case ir::OpKind::kConv2d:
    case ir::OpKind::kDepthwiseConv2d:
    case ir::OpKind::kDense: {
      LayerArithmetic arithmetic = layer_arithmetic(graph, index);
      multipliers_ = std::move(arithmetic.multipliers);
      bias_ = std::move(arithmetic.folded_bias);
      break;
    }
    case ir::OpKind::kAdd:
      add_ = make_add(graph, layer);
      break;
    case ir::OpKind::kMinimum:
    case ir::OpKind::kMaximum:
      extreme_ = ir::make_extreme(graph, layer);
      largest_ = layer.op == ir::OpKind::kMaximum;
      break;
    case ir::OpKind::kMul:
      multipliers_ = {mul_multiplier(graph, index)};
      break;
    case ir::OpKind::kConcat:
    case ir::OpKind::kConcatRows: {
      const auto pair = concat_multipliers(graph, index);
      multipliers_.assign(pair.begin(), pair.end());
      break;
    }
    case ir::OpKind::kAveragePool:
      multipliers_ = average_pool_multipliers(graph, index);
      break;
    case ir::OpKind::kGlobalAveragePool:
      multipliers_ = {pool_multiplier(graph, index)};
      break;
    case ir::OpKind::kSoftmax:
      exponentials_ = softmax_table(graph, index);
      break;
    case ir::OpKind::kLogSoftmax:
      exponentials_ = exponential_table(graph, index);
      steps_ = log_softmax_steps(graph, index);
      break;
    case ir::OpKind::kFunction:
      results_ = function_table(graph, index);
      break;
    default:
      TINYNAS_CHECK(ir::op_info(layer.op).moves_values, "an operation without int8 arithmetic");
      require_equal_quant(graph, index);
  }
}

constexpr std::int32_t kHalf16 = 1 << 15;

void Int8Arithmetic::softmax(std::span<const Value> in, std::span<Value> out) const {
  const int largest = *std::max_element(in.begin(), in.end());
  const auto exponential = [&](Value q) { return exponentials_[at(largest - q)]; };
  std::uint32_t sum = 0;
  for (const Value q : in) sum += exponential(q);
  if (steps_.step > 0) {
    const Sum offset = log_softmax_offset(sum, steps_);
    for (std::size_t c = 0; c < in.size(); ++c)
      out[c] = saturate(zero_out_ + ((kHalf16 - (largest - in[c]) * steps_.step - offset) >> 16));
    return;
  }
  for (std::size_t c = 0; c < in.size(); ++c)
    out[c] = saturate(static_cast<Sum>((512 * exponential(in[c]) + sum) / (2 * sum)) - 128);
}

Int8Interpreter::Int8Interpreter(const ir::Graph& graph)
    : interpreter_(std::make_unique<LayerInterpreter<Int8Arithmetic>>(graph)) {}
Int8Interpreter::~Int8Interpreter() = default;

const ir::Graph& Int8Interpreter::graph() const { return interpreter_->graph(); }

std::vector<std::int8_t> Int8Interpreter::run(std::span<const std::int8_t> image,
                                              const Int8Observer& observe) const {
  return interpreter_->run(image, observe);
}

std::vector<std::int8_t> Int8Interpreter::run_next(std::span<const std::int8_t> rows, Int8History& history,
                                                   const Int8Observer& observe) const {
  return interpreter_->run_next(rows, history, observe);
}

std::vector<std::int8_t> Int8Interpreter::run_layer(int layer, std::span<const std::int8_t> first,
                                                    std::span<const std::int8_t> second) const {
  return interpreter_->run_layer(layer, first, second);
}

std::vector<std::vector<std::int8_t>> run_all(const Int8Interpreter& interpreter,
                                              std::span<const std::vector<std::int8_t>> images) {
  std::vector<std::vector<std::int8_t>> outputs(images.size());
  if (!ir::is_streaming(interpreter.graph())) {
    parallel_for_index(images.size(), [&](std::size_t i) { outputs[i] = interpreter.run(images[i]); });
    return outputs;
  }
  Int8History history;
  for (std::size_t i = 0; i < images.size(); ++i) outputs[i] = interpreter.run_next(images[i], history);
  return outputs;
}

std::vector<std::int8_t> pixels_to_int8(std::span<const std::uint8_t> pixels) {
  std::vector<std::int8_t> values(pixels.size());
  std::transform(pixels.begin(), pixels.end(), values.begin(),
                 [](std::uint8_t pixel) { return static_cast<std::int8_t>(pixel - 128); });
  return values;
}

}  // namespace tinynas::quant
