#pragma once

#include <span>
#include <string_view>

#include "tinynas/ir/builder.h"
#include "tinynas/space/search_space.h"

namespace tinynas::space {

/// Every layer but projections, additions and the classifier has one. ReLU6, which Function::kNone stands
/// for, is part of the layer; another function is a layer behind it.
inline ir::Activation activation_inside(ir::Function function) {
  return function == ir::Function::kNone ? ir::Activation::kRelu6 : ir::Activation::kNone;
}
inline int function_behind(ir::Builder& to, int in, ir::Function function, std::string_view name) {
  return function == ir::Function::kNone ? in : to.function(in, function, name);
}

/// One block of a network, as numbers.
struct BlockShape {
  int middle = 0;  ///< channels between expansion and projection
  int out = 0, kernel = 3, stride = 1;
  ir::Function function = ir::Function::kNone;
  int squeezed = 0;  ///< channels inside squeeze-and-excite; 0: there is none
};

/// What is known about a block: one row per Block. A new block is an enumerator of Block, its write function
/// and its row in blocks.cpp.
struct BlockRow {
  Block block;
  std::string_view name;  ///< in search_spaces/*.yaml
  bool expands = true;    ///< has middle channels; else a stage has no 'expansions'
  bool pools = false;     ///< its stride is that of windows side by side, which must lie within their input
  /// Appends the layers but the residual addition; returns the tensor they make.
  int (*write)(ir::Builder& to, int in, const BlockShape& shape);
};

/// In the order of Block.
std::span<const BlockRow> block_rows();
inline const BlockRow& block_row(Block block) { return block_rows()[static_cast<std::size_t>(block)]; }

}  // namespace tinynas::space
