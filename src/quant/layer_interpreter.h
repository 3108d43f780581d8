#pragma once

#include <fmt/format.h>

#include <functional>

#include "quant/operations.h"

namespace tinynas::quant {

/// Runs a graph layer by layer in the arithmetic A (operations.h), prepared once for many images. Beside what
/// operations need, A gives
///   A::require(graph)         GraphError if the graph lacks what A reads
///   A(graph, layer)           the arithmetic of a layer; GraphError if its numbers do not fit
///   A::pack(graph, layer, a)  the weights of a layer that has some
///   activate(values)          the layer's activation
template <typename A>
class LayerInterpreter {
 public:
  using Values = ValuesOf<A>;
  using View = ViewOf<A>;
  using Observer = std::function<void(int, View)>;

  explicit LayerInterpreter(const ir::Graph& graph) : graph_(graph) {
    A::require(graph_);
    ir::validate(graph_);
    for (int i = 0; i < graph_.layer_count(); ++i) {
      Prepared& prepared = prepared_.emplace_back(Prepared{A(graph_, i), {}});
      if (ir::op_info(graph_.layer(i).op).has_weights)
        prepared.weights = A::pack(graph_, i, prepared.arithmetic);
    }
  }

  const ir::Graph& graph() const { return graph_; }

  /// One layer alone; the second input is empty unless the layer takes two.
  Values run_layer(int index, View first, View second) const {
    const ir::Layer& layer = graph_.layer(index);
    const auto& [arithmetic, weights] = prepared_[at(index)];
    TINYNAS_CHECK(first.size() == size_of(graph_.in_shape(layer)),
                  "run_layer: the first input has the wrong size");
    TINYNAS_CHECK(second.size() == (layer.inputs[1] < 0 ? 0 : size_of(graph_.in_shape(layer, 1))),
                  "run_layer: the second input has the wrong size");
    Values made = run_operation(graph_, layer, arithmetic, weights, first, second);
    arithmetic.activate(made);
    return made;
  }

  /// All inputs give all outputs, each kind one behind the other (ir::input_elements); `observe`, if given,
  /// sees every tensor, inputs too.
  Values run(View image, const Observer& observe) const {
    std::vector<Values> values(graph_.tensors.size());
    const auto keep = [&](int tensor, Values made) {
      if (observe) observe(tensor, made);
      values[at(tensor)] = std::move(made);
    };
    const auto expected = static_cast<std::size_t>(ir::input_elements(graph_));
    if (image.size() != expected)
      throw GraphError(
          fmt::format("graph: the image has {} values, the input takes {}", image.size(), expected));
    for (int i = 0; i < graph_.input_count(); ++i) {
      const View part = image.first(size_of(graph_.tensor(graph_.input_tensor(i))));
      keep(graph_.input_tensor(i), Values(part.begin(), part.end()));
      image = image.subspan(part.size());
    }
    for (int i = 0; i < graph_.layer_count(); ++i) {
      const auto& [a, b] = graph_.layer(i).inputs;
      keep(graph_.layer(i).output, run_layer(i, values[at(a)], b < 0 ? View{} : View{values[at(b)]}));
    }
    Values outputs = std::move(values[at(graph_.output)]);
    for (const int other : graph_.other_outputs)
      outputs.insert(outputs.end(), values[at(other)].begin(), values[at(other)].end());
    return outputs;
  }

 private:
  struct Prepared {
    A arithmetic;
    PackedWeights<typename A::Sum> weights;  ///< empty for layers without
  };
  ir::Graph graph_;
  std::vector<Prepared> prepared_;
};

}  // namespace tinynas::quant
