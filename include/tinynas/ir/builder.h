#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tinynas/ir/graph.h"

namespace tinynas::ir {

enum class Padding : std::uint8_t {
  kHalf,  ///< kernel / 2 on every side
  kNone,
};

/// What a layer is beside its inputs and channels; kernels and strides are square.
struct LayerOptions {
  int kernel = 1, stride = 1;
  Padding padding = Padding::kHalf;
  Activation activation = Activation::kNone;
  std::string_view name = {};  ///< behind the builder's prefix; empty: "layer3", by its number
};

enum class Names : std::uint8_t { kNone, kWritten };

/// Fills a graph layer by layer. Every call returns the tensor it made; shapes are inferred, and GraphError
/// says which do not fit.
class Builder {
 public:
  /// Empties `graph`, which the caller keeps longer than this. Its memory is reused: without names nothing is
  /// allocated once it has grown.
  explicit Builder(Graph& graph, Names names = Names::kNone);
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  bool writes_names() const { return names_ == Names::kWritten; }
  /// Names given from now on begin with it.
  void prefix_names(std::string prefix) { prefix_ = std::move(prefix); }

  int input(const Shape& shape);
  int other_input(const Shape& shape);
  int conv(int in, int channels, const LayerOptions& options = {});
  int depthwise(int in, const LayerOptions& options);
  int average_pool(int in, const LayerOptions& options);
  int max_pool(int in, const LayerOptions& options);
  int global_pool(int in, std::string_view name = {});
  int dense(int in, int channels, const LayerOptions& options = {});
  int add(int a, int b, const LayerOptions& options = {});
  int mul(int in, int factor, const LayerOptions& options = {});
  int concat(int a, int b, const LayerOptions& options = {});
  int resize(int in, int factor, std::string_view name = {});
  int softmax(int in, std::string_view name = {});
  int function(int in, Function function, std::string_view name = {});
  /// Any other layer, with its inputs set; `channels` matters to conv and dense only.
  int append(Layer layer, int channels, std::string_view name = {});

  const Shape& shape(int tensor) const { return graph_.tensor(tensor); }
  int channels(int tensor) const { return shape(tensor).c; }
  void finish(int output) { graph_.output = output; }
  void other_output(int tensor) { graph_.other_outputs.push_back(tensor); }

 private:
  int windowed(OpKind op, int in, int channels, const LayerOptions& options);
  int made(const Shape& out, std::string_view name);
  int joined(OpKind op, int a, int b, const LayerOptions& options);

  Graph& graph_;
  Names names_;
  std::string prefix_;
};

}  // namespace tinynas::ir
