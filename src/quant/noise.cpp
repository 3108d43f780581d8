#include "tinynas/quant/noise.h"

#include <cmath>

#include "quant/observe.h"
#include "tinynas/core/error.h"
#include "tinynas/quant/interpreter.h"

namespace tinynas::quant {
namespace {

/// Sums of squares of what should be and of what is missing from it.
struct Power {
  double signal = 0, noise = 0;

  void add(std::span<const float> exact, std::span<const float> made) {
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const double difference = double{exact[i]} - made[i];
      signal += double{exact[i]} * exact[i];
      noise += difference * difference;
    }
  }
  void add(const Power& other) {
    signal += other.signal;
    noise += other.noise;
  }
  double decibels() const {
    return noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal / noise);
  }
};

/// All inputs, one behind the other.
std::vector<std::int8_t> inputs_to_int8(std::span<const float> values, const ir::Graph& graph) {
  std::vector<std::int8_t> result;
  for (int i = 0; i < graph.input_count(); ++i) {
    const int tensor = graph.input_tensor(i);
    const std::size_t size = size_of(graph.tensor(tensor));
    const std::vector<std::int8_t> one = to_int8(values.first(size), graph.quant_of(tensor));
    result.insert(result.end(), one.begin(), one.end());
    values = values.subspan(size);
  }
  return result;
}

std::vector<float> outputs_to_real(std::span<const std::int8_t> values, const ir::Graph& graph) {
  std::vector<float> result;
  for (int i = 0; i < graph.output_count(); ++i) {
    const int tensor = graph.output_tensor(i);
    const std::size_t size = size_of(graph.tensor(tensor));
    const std::vector<float> one = to_real(values.first(size), graph.quant_of(tensor));
    result.insert(result.end(), one.begin(), one.end());
    values = values.subspan(size);
  }
  return result;
}

struct LayerPower {
  Power alone, through;
};

Power sum_of(const std::vector<Power>& parts) {
  Power sum;
  for (const Power& part : parts) sum.add(part);
  return sum;
}

void require_same(const ir::Graph& network, const ir::Graph& quantized) {
  const auto differs = [](const ir::Layer& a, const ir::Layer& b) {
    return a.op != b.op || a.inputs != b.inputs || a.output != b.output;
  };
  bool same = network.tensors == quantized.tensors && network.layers.size() == quantized.layers.size();
  for (int i = 0; same && i < network.layer_count(); ++i)
    same = !differs(network.layer(i), quantized.layer(i));
  if (!same) throw GraphError("layer_noise: the int8 network does not have the float network's layers");
}

}  // namespace

std::vector<std::int8_t> to_int8(std::span<const float> values, const ir::TensorQuant& quant) {
  std::vector<std::int8_t> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(), [&](float value) {
    return static_cast<std::int8_t>(
        std::clamp(std::round(double{value} / quant.scale) + quant.zero_point, -128.0, 127.0));
  });
  return result;
}

std::vector<float> to_real(std::span<const std::int8_t> values, const ir::TensorQuant& quant) {
  std::vector<float> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(), [&](std::int8_t value) {
    return quant.scale * static_cast<float>(value - quant.zero_point);
  });
  return result;
}

std::vector<LayerNoise> layer_noise(const ir::Graph& network, const ir::Graph& quantized,
                                    const Inputs& inputs) {
  require_same(network, quantized);
  const FloatInterpreter real(network);
  const Int8Interpreter int8(quantized);
  const auto keep_all = [&](auto& tensors) {
    tensors.resize(network.tensors.size());
    return [&tensors](int t, auto values) { tensors[at(t)].assign(values.begin(), values.end()); };
  };
  const std::vector<LayerPower> none(network.layers.size());
  const auto parts = in_parts(
      network, inputs.count, none, [&](std::vector<LayerPower>& part, std::size_t i, EarlierCalls& earlier) {
        std::vector<std::vector<float>> exact;
        std::vector<std::vector<std::int8_t>> made;
        const std::vector<float> input = inputs.input(i);
        real.run_next(input, earlier.real, keep_all(exact));
        int8.run_next(inputs_to_int8(input, quantized), earlier.int8, keep_all(made));
        for (int l = 0; l < network.layer_count(); ++l) {
          const ir::Layer& layer = network.layer(l);
          const auto given = [&](int t) {
            return t < 0 ? std::vector<std::int8_t>{} : to_int8(exact[at(t)], quantized.quant_of(t));
          };
          const ir::TensorQuant& out = quantized.quant_of(layer.output);
          const auto first = given(layer.inputs[0]), second = given(layer.inputs[1]);
          const auto rounded = [&](const auto& values, int t) {
            return t < 0 ? std::vector<float>{} : to_real(values, quantized.quant_of(t));
          };
          part[at(l)].alone.add(
              real.run_layer(l, rounded(first, layer.inputs[0]), rounded(second, layer.inputs[1])),
              to_real(int8.run_layer(l, first, second), out));
          part[at(l)].through.add(exact[at(layer.output)], to_real(made[at(layer.output)], out));
        }
      });
  std::vector<LayerNoise> noise;
  for (std::size_t l = 0; l < none.size(); ++l) {
    LayerPower sum;
    for (const auto& part : parts) {
      sum.alone.add(part[l].alone);
      sum.through.add(part[l].through);
    }
    noise.push_back({.alone = sum.alone.decibels(), .through = sum.through.decibels()});
  }
  return noise;
}

double output_noise(const ir::Graph& network, const ir::Graph& quantized, const Inputs& inputs) {
  const FloatInterpreter real(network);
  const Int8Interpreter int8(quantized);
  const auto parts =
      in_parts(network, inputs.count, Power{}, [&](Power& part, std::size_t i, EarlierCalls& earlier) {
        const std::vector<float> input = inputs.input(i);
        const auto made = int8.run_next(inputs_to_int8(input, quantized), earlier.int8);
        part.add(real.run_next(input, earlier.real, {}), outputs_to_real(made, quantized));
      });
  return sum_of(parts).decibels();
}

double tensor_noise(const ir::Graph& network, const ir::Graph& quantized, const Inputs& inputs, int tensor) {
  require_same(network, quantized);
  const FloatInterpreter real(network);
  const Int8Interpreter int8(quantized);
  const auto parts =
      in_parts(network, inputs.count, Power{}, [&](Power& part, std::size_t i, EarlierCalls& earlier) {
        const std::vector<float> input = inputs.input(i);
        std::vector<float> exact, made;
        real.run_next(input, earlier.real, [&](int t, std::span<const float> values) {
          if (t == tensor) exact.assign(values.begin(), values.end());
        });
        int8.run_next(inputs_to_int8(input, quantized), earlier.int8,
                      [&](int t, std::span<const std::int8_t> values) {
                        if (t == tensor) made = to_real(values, quantized.quant_of(t));
                      });
        part.add(exact, made);
      });
  return sum_of(parts).decibels();
}

int noisiest_layer(const std::vector<LayerNoise>& noise) {
  const auto worst = std::min_element(noise.begin(), noise.end(),
                                      [](const auto& a, const auto& b) { return a.alone < b.alone; });
  return worst == noise.end() ? 0 : static_cast<int>(worst - noise.begin());
}

}  // namespace tinynas::quant
