/* Residual add of two rows. */
#include "tinynas_add_unrolled.h"
#include "tinynas_arith.h"

void tn_add(const tn_add_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  const int32_t ma = layer->multiplier_a, mb = layer->multiplier_b, offset = layer->offset, shift = layer->shift;
  int32_t i = 0;
  if (layer->unrolled && layer->n >= 4) {
    layer->unrolled(a, b, out, layer->n / 4, layer);
    i = layer->n & ~3;
  }
  for (; i < layer->n; ++i) out[i] = tn_saturate((a[i] * ma + b[i] * mb + offset) >> shift);
}
