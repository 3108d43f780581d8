#pragma once

#include "tinynas/cost/device.h"
#include "tinynas/cost/terms.h"
#include "tinynas/ir/graph.h"

namespace tinynas::cost {

/// How often each term of its kernel happens in a layer, from the shape and the structure of the kernel's
/// code (engine/c/tinynas_*): one function for each such structure, named in the kernel register.

/// 1x1 convolutions: all input channels of a few neighbouring outputs are gathered, then all pairs of output
/// channels made (tinynas_conv.c).
LayerWork conv1x1_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
/// The same of windows of planar rows, and of interleaved ones, which unrolled code can gather.
LayerWork conv_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
LayerWork conv_input_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
/// Four output channels at a time, what is left in pairs.
LayerWork dense_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
/// Tap by tap (tinynas_depthwise_taps.h), or unrolled (tinynas_depthwise_unrolled.h).
LayerWork depthwise_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
LayerWork global_pool_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
LayerWork window_pool_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
/// Value by value: sums, products, concatenation, resizing.
LayerWork values_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
LayerWork softmax_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
/// Convolutions and dense layers in vectors of 16 inputs, depthwise ones in vectors of columns
/// (tinynas_*_mve.h).
LayerWork conv1x1_x16_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
LayerWork conv_x16_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
LayerWork dense_x16_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);
LayerWork depthwise_tiles_work(const ir::Graph& graph, const ir::Layer& layer, KernelIsa isa);

}  // namespace tinynas::cost
