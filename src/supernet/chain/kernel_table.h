#pragma once

#include "supernet/chain/depthwise_kernels.h"
#include "supernet/chain/pointwise_kernels.h"

namespace tinynas::supernet::kernels {
namespace {

/// The functions above, as the including file's options compile them.
constexpr Table kTable = {.depthwise_scratch = depthwise_scratch,
                          .pointwise_scratch = pointwise_scratch,
                          .depthwise_forward = depthwise_forward,
                          .pointwise_forward = pointwise_forward,
                          .depthwise_backward = depthwise_backward,
                          .pointwise_backward = pointwise_backward,
                          .rows = kRowPasses<float>,
                          .bfloat_rows = kRowPasses<Bfloat16>};

}  // namespace
}  // namespace tinynas::supernet::kernels
