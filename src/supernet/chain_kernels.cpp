#include "supernet/chain_kernels.h"

#include "tinynas/core/error.h"

namespace tinynas::supernet::kernels {

#if defined(__x86_64__)

bool available() { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; }

#else  // the other files are empty here, and nobody calls what they would define

bool available() { return false; }

namespace {
[[noreturn]] void not_here() { check_failed("kernels::available()", "kernels for AVX2 called elsewhere"); }
}  // namespace

std::size_t depthwise_scratch(const DepthwiseShape&) { not_here(); }
void depthwise_forward(const DepthwiseShape&, const DepthwiseTask&, float*, Sums) { not_here(); }
void depthwise_backward(const DepthwiseShape&, const DepthwiseTask&, const Gradient&, Sums) { not_here(); }
std::size_t pointwise_scratch(int, int) { not_here(); }
void pointwise_forward(const PointwiseTask&, float*, Sums) { not_here(); }
void pointwise_backward(const PointwiseTask&, const Gradient&, Sums) { not_here(); }
void finish_forward(std::int64_t, int, const float*, Norm, After, const float*, float*) { not_here(); }
void finish_backward(std::int64_t, int, const float*, Norm, After, const float*, float*, Sums) { not_here(); }
void sum_squares(std::int64_t, int, const float*, Sums) { not_here(); }
void before_norm(std::int64_t, int, const float*, const float*, const NormGradient&, float*) { not_here(); }

#endif

}  // namespace tinynas::supernet::kernels
