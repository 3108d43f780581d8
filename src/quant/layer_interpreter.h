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
///   A::zero(graph, tensor)    the value of a tensor that means 0
template <typename A>
class LayerInterpreter {
 public:
  using Values = ValuesOf<A>;
  using View = ViewOf<A>;
  using Observer = std::function<void(int, View)>;
  /// The last rows of every tensor that is read with rows of earlier calls; empty before the first call.
  using History = std::vector<Values>;

  explicit LayerInterpreter(const ir::Graph& graph) : graph_(graph) {
    A::require(graph_);
    ir::validate(graph_);
    for (int t = 0; t < graph_.tensor_count(); ++t) {
      const ir::Shape& shape = graph_.tensor(t);
      before_.emplace_back(at(ir::history(graph_, t) * shape.w) * at(shape.c), A::zero(graph_, t));
    }
    for (int i = 0; i < graph_.layer_count(); ++i) {
      Prepared& prepared = prepared_.emplace_back(Prepared{A(graph_, i), {}, {}});
      if (graph_.layer(i).streams) prepared.alone = with_history(graph_, i);
      if (ir::op_info(graph_.layer(i).op).has_weights)
        prepared.weights = A::pack(graph_, i, prepared.arithmetic);
    }
  }

  const ir::Graph& graph() const { return graph_; }

  /// One layer alone; the second input is empty unless the layer takes two. A layer that streams: as in the
  /// first call.
  Values run_layer(int index, View first, View second) const {
    const ir::Layer& layer = graph_.layer(index);
    TINYNAS_CHECK(first.size() == size_of(graph_.in_shape(layer)),
                  "run_layer: the first input has the wrong size");
    TINYNAS_CHECK(second.size() == (layer.inputs[1] < 0 ? 0 : size_of(graph_.in_shape(layer, 1))),
                  "run_layer: the second input has the wrong size");
    return run_layer(index, before_[at(layer.inputs[0])], first, second);
  }

  /// All inputs give all outputs, each kind one behind the other (ir::input_elements); `observe`, if given,
  /// sees every tensor, inputs too. Of a streaming network: of the first call.
  Values run(View image, const Observer& observe) const {
    History nothing;
    return run_next(image, nothing, observe);
  }

  /// The output of the call that follows those which left `history`.
  Values run_next(View image, History& history, const Observer& observe) const {
    std::vector<Values> values(graph_.tensors.size());
    const auto keep = [&](int tensor, Values made) {
      if (observe) observe(tensor, made);
      values[at(tensor)] = std::move(made);
    };
    const auto expected = static_cast<std::size_t>(ir::input_elements(graph_));
    if (image.size() != expected)
      throw GraphError(
          fmt::format("graph: the image has {} values, the input takes {}", image.size(), expected));
    if (history.empty()) history = before_;
    for (int i = 0; i < graph_.input_count(); ++i) {
      const View part = image.first(size_of(graph_.tensor(graph_.input_tensor(i))));
      keep(graph_.input_tensor(i), Values(part.begin(), part.end()));
      image = image.subspan(part.size());
    }
    for (int i = 0; i < graph_.layer_count(); ++i) {
      const auto& [a, b] = graph_.layer(i).inputs;
      keep(graph_.layer(i).output,
           run_layer(i, history[at(a)], values[at(a)], b < 0 ? View{} : View{values[at(b)]}));
    }
    for (std::size_t t = 0; t < history.size(); ++t) {
      if (history[t].empty()) continue;
      Values& rows = history[t];
      const auto kept = static_cast<std::ptrdiff_t>(rows.size());
      rows.insert(rows.end(), values[t].begin(), values[t].end());
      rows.erase(rows.begin(), rows.end() - kept);
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
    ir::Graph alone;  ///< a layer that streams, its input with the rows of earlier calls; else empty
  };

  static ir::Graph with_history(const ir::Graph& graph, int index) {
    ir::Layer layer = graph.layer(index);
    ir::Shape in = graph.in_shape(layer);
    in.h += layer.pad_top;
    const ir::Shape out = graph.out_shape(layer);
    layer.pad_top = 0;
    layer.streams = false;
    layer.inputs = {0, -1};
    layer.output = 1;
    return {.tensors = {in, out}, .layers = {layer}, .input = 0, .output = 1};
  }

  Values run_layer(int index, View history, View first, View second) const {
    const ir::Layer& layer = graph_.layer(index);
    const auto& [arithmetic, weights, alone] = prepared_[at(index)];
    Values made;
    if (layer.streams) {
      const ir::Shape& shape = graph_.in_shape(layer);
      const View read = history.last(at(layer.pad_top * shape.w) * at(shape.c));  // another may read more
      Values rows(read.begin(), read.end());
      rows.insert(rows.end(), first.begin(), first.end());
      made = run_operation(alone, alone.layer(0), arithmetic, weights, View{rows}, second);
    } else {
      made = run_operation(graph_, layer, arithmetic, weights, first, second);
    }
    arithmetic.activate(made);
    return made;
  }

  ir::Graph graph_;
  History before_;  ///< the first call: zeros
  std::vector<Prepared> prepared_;
};

}  // namespace tinynas::quant
