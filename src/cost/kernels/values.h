#pragma once

#include "cost/kernels/shapes.h"
#include "tinynas/cost/terms.h"

namespace tinynas::cost {

/// The work of kernels that go value by value: sums, products, concatenation, resizing.
inline LayerWork values_work(const Graph& graph, const Layer& layer) {
  const ir::Shape& out = graph.out_shape(layer);
  LayerWork work;
  work[Term::kRow] = out.h;
  work[Term::kLine] = double{1} * out.h * out.c;
  work[Term::kOutput] = static_cast<double>(out.elements());
  return work;
}

/// `times` lines of `values` values: as many at a time as a word holds, then one by one.
struct WordLines {
  std::int64_t values;
  double times;
  int word = 4;
};
inline void add_words(const WordLines& lines, LayerWork& work) {
  work[Term::kBlock] += lines.times * static_cast<double>(lines.values / lines.word);
  work[Term::kTail] += lines.times * static_cast<double>(lines.values % lines.word);
}

}  // namespace tinynas::cost
