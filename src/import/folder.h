#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "import/places.h"
#include "import/refusals.h"
#include "tinynas/core/index.h"
#include "tinynas/import/import.h"
#include "tinynas/ir/graph.h"

namespace tinynas::import {

/// Rows and columns of zeros around a tensor.
struct Border {
  int top = 0, left = 0, bottom = 0, right = 0;
  bool empty() const { return top + left + bottom + right == 0; }
};

/// Rows or columns at both ends of a tensor.
struct Pair {
  int ahead = 0, behind = 0;
  bool any() const { return ahead + behind > 0; }
};

/// What a value of the file is in the graph.
struct Source {
  enum Kind {
    kMissing,     ///< made by no node that was folded
    kFloatInput,  ///< float input `input` of the model, before its QUANTIZE
    kTensor,      ///< tensor `tensor`, in the file's own shape
    kState,       ///< rows of earlier calls, in variable `state`
    kNumbers,     ///< a shape that is computed from shapes: the file says the result beside it
  };
  Kind kind = kMissing;
  int tensor = -1, input = -1;
  Border border = {};  ///< of a PAD whose reader will add it
  /// What the file's dimensions are behind a TRANSPOSE, "NCHW"; empty in the usual order.
  std::string order = {};
  bool alone = true;  ///< one node at most reads the tensor, through this value
  std::shared_ptr<const Places> places =
      {};                  ///< if values moved otherwise; a layer that reads it settles them
  ir::Shape base = {};     ///< of Moved
  int history = 0;         ///< rows of earlier calls that the file's value has before those of the tensor
  std::string state = {};  ///< where they come from
};

/// Weights of a layer less their zero points, [channels, taps]: symmetric, and wider than int8 if those were
/// far from the middle. Of a float network, `reals` alone: what they mean.
struct Weights {
  std::vector<std::int16_t> numbers = {};
  std::vector<float> scales = {};  ///< of the output channels
  std::vector<std::int32_t> bias = {};
  ir::Parameters reals = {};
};

/// What a layer is added with: of a float network, QuantParameters are taken for what they mean (of an input
/// of scale 1).
using LayerParameters = std::variant<ir::QuantParameters, ir::Parameters>;

/// Folds the nodes of a model one after the other. What folds a node throws Refused or GraphError. A float
/// network takes the same way: all its tensors count as quantized alike (scale 1), until the end.
class Folder {
 public:
  explicit Folder(const Model& model) : model_(model), values_(model.values) {}
  Folded fold();

 private:
  // needs.cpp: which nodes matter, and whether they compute in float
  void mark_needed();
  void follow_dequantized();
  void settle_float_ends();
  bool computes_floats();

  // fold.cpp: the ends
  void read_inputs();
  void read_input(std::size_t index);
  void read_outputs(Folded& folded);
  void read_output(std::size_t index);
  int settled_output(int index);
  int output_of_its_own(const Value& value, int tensor);
  void write_ends(Folded& folded);
  void fold_node(std::size_t index);
  bool stands_behind_refused(const Node& node) const;
  void assume(std::size_t index);
  void settle_input();

  // sources.cpp: values as tensors
  const Value& value(const Node& node, std::size_t input) const;
  bool has_input(const Node& node, std::size_t input) const;
  const Value& output(const Node& node) const;
  ir::TensorQuant tensor_quant(const Value& value) const;
  int new_tensor(const ir::Shape& shape, const ir::TensorQuant& quant);
  int tensor_as(const Node& node, const Source& source, const ir::Shape& shape);
  const Source& raw_source(const Node& node, std::size_t input) const;
  const Source& source(const Node& node, std::size_t input);
  int activation(const Node& node, std::size_t input);
  int bordered(const Node& node, int tensor, const Border& border);
  /// The input of the graph that a tensor is; -1: none.
  int input_of(int tensor) const;
  bool leaves_unread(int value) const;
  void define(const Node& node, Source source, std::size_t output = 0);
  void define(const Node& node, int tensor) { define(node, Source{Source::kTensor, tensor}); }
  int add_layer(const Node& node, ir::Layer layer, int channels, LayerParameters parameters,
                const ir::TensorQuant& quant);
  void finish(const Node& node, const ir::Layer& layer, int channels = 0, LayerParameters parameters = {});
  void settle(const Node& node, int tensor);
  int requantize(const Node& node, int tensor, const ir::TensorQuant& quant);
  int activated(const Node& node, int tensor);

  // reals.cpp: what float layers take in of the nodes behind them
  int changeable(const Node& node, std::size_t input, int tensor) const;
  bool take_in(int layer, const std::string& activation);
  int maker(int tensor) const;
  int scaled(const Node& node, int layer, int tensor, const std::vector<double>& factors,
             const std::vector<double>& summands);
  int clipped(const Node& node, int tensor);

  // constants.cpp
  bool is_constant(const Node& node, std::size_t input) const;
  std::vector<std::int64_t> integers(const Value& value) const;
  std::vector<double> reals(const Value& value) const;
  /// Which dimension of the file's weights counts the output channels.
  enum class ChannelsAre { kFirst, kLast };
  Weights weights(const Node& node, std::size_t channels, std::size_t taps, ChannelsAre where) const;
  Weights real_weights(const Value& stored, std::size_t channels, std::size_t taps, ChannelsAre where) const;
  Weights parameters(const Node& node, float in_scale, std::size_t channels, std::size_t taps,
                     ChannelsAre where) const;
  void read_bias(const Node& node, float in_scale, Weights& to) const;
  void read_real_bias(const Node& node, Weights& to) const;

  // weighted.cpp: convolutions and dense layers
  void conv(const Node& node);
  void depthwise(const Node& node);
  void dense(const Node& node);
  std::shared_ptr<const Places> order_of_dense(const Node& node);
  struct Kernel {
    std::int64_t h = 1, w = 1;
  };
  ir::Layer window(const Node& node, ir::OpKind op, const Kernel& kernel);

  // transposed.cpp
  void transposed_conv(const Node& node);
  int cropped(const Node& node, int tensor, const Pair& rows, const Pair& columns);

  // wide_weights.cpp
  int add_weighted(const Node& node, ir::Layer layer, int channels, Weights weights,
                   const ir::TensorQuant& quant);
  void finish_weighted(const Node& node, ir::Layer layer, int channels, Weights weights);
  ir::Layer on_columns_twice(const Node& node, ir::Layer layer);
  int with_channels_again(const Node& node, int tensor, const std::vector<int>& again);

  // plain.cpp: the other layers
  void pool(const Node& node);
  // reduce.cpp: over rows, columns, channels
  void reduce(const Node& node);
  int summed(const Node& node, int tensor, const ir::Layer& window, bool over_channels);
  int largest_of(const Node& node, int tensor, const ir::Layer& window, bool over_channels);
  int negated(const Node& node, int tensor, const ir::TensorQuant& quant);
  void add(const Node& node);
  void mul(const Node& node);
  void extreme(const Node& node);
  std::array<int, 2> of_one_shape(const Node& node);
  int repeated(const Node& node, int tensor, const ir::Shape& shape);
  int bounded_by(const Node& node, int tensor, ir::Function function, double bound);
  void prelu_by_channel(const Node& node, const std::vector<double>& alphas);
  void scale_channels(const Node& node, std::size_t tensor_input);
  void scale_values(const Node& node, std::size_t tensor_input, const std::vector<double>& numbers);
  int by_channel(const Node& node, std::size_t tensor_input, int tensor, const std::vector<double>& numbers);
  void softmax(const Node& node);
  void resize(const Node& node);
  void depth_to_space(const Node& node);
  void function(const Node& node);
  void prelu(const Node& node);
  void clip(const Node& node);
  void clip_anywhere(const Node& node);

  // places.cpp: nodes that change the places of values
  struct Range {
    std::int64_t begin = 0, count = 0, step = 1;
  };
  Moved moved(const Node& node, std::size_t input);
  std::shared_ptr<const Places> keep_places(Places places);
  void define_moved(const Node& node, std::size_t output, const Moved& made);
  void define_moved(const Node& node, std::size_t output, const Moved& from, Places places);
  int settled(const Node& node, const Value& read, const Source& from);
  std::optional<int> settled_by_one(const Node& node, const Value& read, const Source& from);
  int choose_channels(const Node& node, int tensor, const ir::ChannelMap& from);
  std::optional<int> row_by_row(const Node& node, const Source& from, const ir::Shape& shape);
  int joined_rows(const Node& node, int tensor, const std::vector<int>& rows);
  void join(const Node& node, std::size_t axis);
  void join_places(const Node& node, std::size_t axis);
  void pick(const Node& node, std::size_t input, std::size_t axis,
            const std::vector<std::vector<std::int64_t>>& indices);
  void cut(const Node& node, const std::vector<Range>& ranges);
  void concat(const Node& node);
  void pack(const Node& node);
  void split(const Node& node);
  void unpack(const Node& node);
  void gather(const Node& node);
  void slice(const Node& node);
  std::vector<Range> strided_ranges(const Node& node) const;
  void strided_slice(const Node& node);
  void reverse(const Node& node);

  // repeats.cpp: nodes that put values in several places
  void mirror_pad(const Node& node);
  void broadcast(const Node& node);
  void space_to_depth(const Node& node);
  void resize_unevenly(const Node& node, const std::vector<std::int64_t>& sizes);

  // bilinear.cpp
  void resize_bilinear(const Node& node);
  int in_phases(const Node& node, const Source& read, const std::array<int, 2>& factors, bool centred);
  int of_four(const Node& node, const ir::Shape& to, bool centred, bool corners);

  // streams.cpp: rows of earlier calls
  struct Rows {
    std::int64_t first = 0, behind = 0;
    friend bool operator==(const Rows&, const Rows&) = default;
  };
  void variable(const Node& node);
  void read_variable(const Node& node);
  std::optional<Rows> sliced_rows(const Node& node) const;
  void join_state(const Node& node);
  void slice_state(const Node& node);
  void split_state(const Node& node);
  void stream(const Source& from, const Value& read, ir::Layer& layer) const;
  static void refuse_state(const Source& from, const Value& read);

  // moves.cpp: nodes that are no layers
  void quantize(const Node& node);
  void dequantize(const Node& node);
  void pad(const Node& node);
  void reshape(const Node& node);
  void transpose(const Node& node);
  bool fold_numbers(const Node& node);

  struct Rule {
    std::string_view op;
    void (Folder::*fold)(const Node&);
  };
  static const std::vector<Rule>& rules();

  const Model& model_;
  std::vector<Value> values_;    ///< of the model; an end's type may be settled here
  std::vector<int> same_as_;     ///< by value: itself, or what a DEQUANTIZE made it of
  std::vector<int> reads_;       ///< by value: how many needed nodes and outputs read it
  std::vector<bool> needed_;     ///< by node
  std::vector<Source> sources_;  ///< by value
  bool only_moves_ = false;      ///< values: integers without a scale stand for themselves
  bool is_float_ = false;        ///< the graph will have `parameters`, not `quant`
  Refusals refusals_;
  struct Input {
    int tensor = -1;       ///< once its quantization is known
    bool is_read = false;  ///< by a layer: its shape is settled
  };
  std::vector<Input> inputs_;                          ///< of the model
  std::map<std::pair<int, ir::Shape>, int> reshaped_;  ///< tensors in another shape
  std::map<int, std::string> orders_;                  ///< of outputs that are in another one, by value
  std::int64_t places_ = 0;                            ///< that are kept
  ir::Graph graph_;
};

/// Whether a relu vanishes into the saturation: none of the 256 values is changed by it.
bool saturates(ir::Function relu, const ir::TensorQuant& quant);
/// The tensor's quantization as the file states it (of uint8, less 128), or Refused.
ir::TensorQuant stated_quant(const Value& value);
/// [1, H, W, C], [1, H, C] (one column), [1, C] or less; or Refused.
ir::Shape image_shape(const Value& value);
/// "NHWC" where it is empty, or its end.
std::string order_of(const Source& source, const Value& value);
/// Whether values lie in the order of rows, columns, channels.
bool in_order(const std::string& order, const Value& value);
/// "[1, 28, 28, 1]".
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace tinynas::import
