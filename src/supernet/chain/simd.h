#pragma once

#include <immintrin.h>

#include "supernet/chain/chain_kernels.h"

/// Floats in registers, for files compiled for one kind of CPU (named *_avx2.cpp and *_avx512.cpp).
/// Everything has internal linkage and nothing of the standard library is used: an inline function shared
/// with the rest of the program could end up there compiled for a CPU that it does not run on.
namespace tinynas::supernet::simd {
namespace {

using kernels::Bfloat16;

struct Float8 {
  static constexpr int kLanes = 8;
  __m256 value;

  static Float8 load(const float* from) { return {_mm256_loadu_ps(from)}; }
  static Float8 load(const Bfloat16* from) {
    const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16))};
  }
  static Float8 splat(float x) { return {_mm256_set1_ps(x)}; }
};

inline void store(float* to, Float8 x) { _mm256_storeu_ps(to, x.value); }
/// Rounded to the nearest, halves to even.
inline void store(Bfloat16* to, Float8 x) {
  const __m256i bits = _mm256_castps_si256(x.value);
  const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i half = _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff));
  const __m256i rounded = _mm256_srli_epi32(_mm256_add_epi32(bits, half), 16);
  const __m128i packed =
      _mm_packus_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), packed);
}
inline Float8 add(Float8 a, Float8 b) { return {_mm256_add_ps(a.value, b.value)}; }
/// a * b + c, rounded once.
inline Float8 fma(Float8 a, Float8 b, Float8 c) { return {_mm256_fmadd_ps(a.value, b.value, c.value)}; }
inline Float8 clamp6(Float8 x) {
  return {_mm256_min_ps(_mm256_max_ps(x.value, _mm256_setzero_ps()), _mm256_set1_ps(6.0F))};
}
/// `gradient` where ReLU6 passes it on: 0 < activated < 6.
inline Float8 relu6_gradient(Float8 gradient, Float8 activated) {
  const __m256 above = _mm256_cmp_ps(activated.value, _mm256_setzero_ps(), _CMP_GT_OQ);
  const __m256 below = _mm256_cmp_ps(activated.value, _mm256_set1_ps(6.0F), _CMP_LT_OQ);
  return {_mm256_and_ps(gradient.value, _mm256_and_ps(above, below))};
}
inline Float8 maximum(Float8 a, Float8 b) { return {_mm256_max_ps(a.value, b.value)}; }
/// x where a and b are equal (or where they are not), else 0.
inline Float8 where_equal(Float8 x, Float8 a, Float8 b) {
  return {_mm256_and_ps(x.value, _mm256_cmp_ps(a.value, b.value, _CMP_EQ_OQ))};
}
inline Float8 where_unequal(Float8 x, Float8 a, Float8 b) {
  return {_mm256_and_ps(x.value, _mm256_cmp_ps(a.value, b.value, _CMP_NEQ_UQ))};
}

#ifdef __AVX512F__

struct Float16 {
  static constexpr int kLanes = 16;
  __m512 value;

  static Float16 load(const float* from) { return {_mm512_loadu_ps(from)}; }
  static Float16 load(const Bfloat16* from) {
    const __m256i bits = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16))};
  }
  static Float16 splat(float x) { return {_mm512_set1_ps(x)}; }
};

inline void store(float* to, Float16 x) { _mm512_storeu_ps(to, x.value); }
inline void store(Bfloat16* to, Float16 x) {
  const __m512i bits = _mm512_castps_si512(x.value);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i half = _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff));
  const __m256i rounded = _mm512_cvtepi32_epi16(_mm512_srli_epi32(_mm512_add_epi32(bits, half), 16));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), rounded);
}
inline Float16 add(Float16 a, Float16 b) { return {_mm512_add_ps(a.value, b.value)}; }
inline Float16 fma(Float16 a, Float16 b, Float16 c) { return {_mm512_fmadd_ps(a.value, b.value, c.value)}; }
inline Float16 clamp6(Float16 x) {
  return {_mm512_min_ps(_mm512_max_ps(x.value, _mm512_setzero_ps()), _mm512_set1_ps(6.0F))};
}
inline Float16 relu6_gradient(Float16 gradient, Float16 activated) {
  const __mmask16 above = _mm512_cmp_ps_mask(activated.value, _mm512_setzero_ps(), _CMP_GT_OQ);
  const __mmask16 passes = _mm512_mask_cmp_ps_mask(above, activated.value, _mm512_set1_ps(6.0F), _CMP_LT_OQ);
  return {_mm512_maskz_mov_ps(passes, gradient.value)};
}
inline Float16 maximum(Float16 a, Float16 b) { return {_mm512_max_ps(a.value, b.value)}; }
inline Float16 where_equal(Float16 x, Float16 a, Float16 b) {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.value, b.value, _CMP_EQ_OQ), x.value)};
}
inline Float16 where_unequal(Float16 x, Float16 a, Float16 b) {
  return {_mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a.value, b.value, _CMP_NEQ_UQ), x.value)};
}

/// The widest register, and how many there are.
using Wide = Float16;
constexpr int kRegisters = 32;

#else

using Wide = Float8;
constexpr int kRegisters = 16;

#endif

/// *sums += value
template <class R>
void accumulate(float* sums, R value) {
  store(sums, add(R::load(sums), value));
}

/// Loops over registers are written as loops and must become none.
#define TINYNAS_UNROLL _Pragma("GCC unroll 64")

/// V registers R: neighbouring channels.
template <class R, int V>
struct Registers {
  using Register = R;
  static constexpr int kCount = V;
};

/// Calls body(first channel, Registers) for all channels, a multiple of 8: in runs of `Most` wide registers,
/// then fewer, then of 8 channels.
template <int Most, typename Body>
void for_channels(int channels, const Body& body) {
  int c = 0;
  const auto runs = [&]<class R, int V>(Registers<R, V> registers) {
    for (; c + V * R::kLanes <= channels; c += V * R::kLanes) body(c, registers);
  };
  runs(Registers<Wide, Most>{});
  if constexpr (Most > 2) runs(Registers<Wide, 2>{});
  if constexpr (Most > 1) runs(Registers<Wide, 1>{});
  if constexpr (Wide::kLanes > Float8::kLanes) runs(Registers<Float8, 1>{});
}

}  // namespace
}  // namespace tinynas::supernet::simd
