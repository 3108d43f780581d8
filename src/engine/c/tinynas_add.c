/* Residual add of two rows. */
#include "tinynas_add_unrolled.h"
#include "tinynas_arith.h"

#if TN_FORM == TN_FORM_MVE
#include <arm_mve.h>

/* The first outputs, eight at a time, even and odd ones in a vector of words each; returns how many. */
static inline int32_t tn_add_vectors(const tn_add_layer *layer, const int8_t *a, const int8_t *b,
                                     int8_t *out) {
  if (layer->n < 8) return 0;
  __asm__ volatile(
      "  dls          lr, %[turns]\n"
      "1:\n"
      "  vldrb.s16    q0, [%[a]], #8\n"
      "  vldrb.s16    q1, [%[b]], #8\n"
      "  vmullb.s16   q2, q0, %q[ma]\n"
      "  vmullt.s16   q0, q0, %q[ma]\n"
      "  vmullb.s16   q3, q1, %q[mb]\n"
      "  vmullt.s16   q1, q1, %q[mb]\n"
      "  vadd.i32     q2, q2, q3\n"
      "  vadd.i32     q0, q0, q1\n"
      "  vadd.i32     q2, q2, %[offset]\n"
      "  vadd.i32     q0, q0, %[offset]\n"
      "  vshl.s32     q2, %[left]\n"
      "  vshl.s32     q0, %[left]\n"
      "  vqmovnb.s32  q2, q2\n"
      "  vqmovnt.s32  q2, q0\n"
      "  vqmovnb.s16  q2, q2\n"
      "  vstrb.16     q2, [%[out]], #8\n"
      "  le           lr, 1b"
      : [a] "+l"(a), [b] "+l"(b), [out] "+l"(out)
      : [turns] "r"(layer->n / 8), [offset] "r"(layer->offset), [left] "r"(-layer->shift),
        [ma] "w"(vdupq_n_s16(layer->multiplier_a)), [mb] "w"(vdupq_n_s16(layer->multiplier_b))
      : "lr", "q0", "q1", "q2", "q3", "memory");
  return layer->n & ~7;
}
#else
static inline int32_t tn_add_vectors(const tn_add_layer *layer, const int8_t *a, const int8_t *b,
                                     int8_t *out) {
  if (!layer->unrolled || layer->n < 4) return 0;
  layer->unrolled(a, b, out, layer->n / 4, layer);
  return layer->n & ~3;
}
#endif

TN_SHARED void tn_add(const tn_add_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  const int32_t ma = layer->multiplier_a, mb = layer->multiplier_b, offset = layer->offset,
                shift = layer->shift;
  for (int32_t i = tn_add_vectors(layer, a, b, out); i < layer->n; ++i)
    out[i] = tn_saturate((a[i] * ma + b[i] * mb + offset) >> shift);
}
