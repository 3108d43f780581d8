#pragma once

#include <immintrin.h>

/// Eight floats in a register, for files compiled with AVX2 and FMA (named *_avx2.cpp). Nothing of the
/// standard library is used there: its inline functions, compiled for AVX2, could end up in the whole
/// program.
namespace tinynas::supernet::avx2 {

using float8 = __m256;
constexpr int kLanes = 8;

inline float8 load(const float* from) { return _mm256_loadu_ps(from); }
inline void store(float* to, float8 value) { _mm256_storeu_ps(to, value); }
inline float8 splat(float value) { return _mm256_set1_ps(value); }
inline float8 add(float8 a, float8 b) { return _mm256_add_ps(a, b); }
/// a * b + c, rounded once.
inline float8 fma(float8 a, float8 b, float8 c) { return _mm256_fmadd_ps(a, b, c); }
inline float8 clamp6(float8 x) {
  return _mm256_min_ps(_mm256_max_ps(x, _mm256_setzero_ps()), _mm256_set1_ps(6.0F));
}
/// `gradient` where ReLU6 passes it on: 0 < activated < 6.
inline float8 relu6_gradient(float8 gradient, float8 activated) {
  const float8 above = _mm256_cmp_ps(activated, _mm256_setzero_ps(), _CMP_GT_OQ);
  const float8 below = _mm256_cmp_ps(activated, _mm256_set1_ps(6.0F), _CMP_LT_OQ);
  return _mm256_and_ps(gradient, _mm256_and_ps(above, below));
}
/// *sums += value
inline void accumulate(float* sums, float8 value) { store(sums, add(load(sums), value)); }

/// Loops over registers are written as loops and must become none.
#define TINYNAS_UNROLL _Pragma("GCC unroll 16")

}  // namespace tinynas::supernet::avx2
