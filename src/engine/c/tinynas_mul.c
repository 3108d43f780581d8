/* Products: of two rows, or of every plane of a row with a factor of its own (squeeze and excite). */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"

static inline int8_t product(const tn_mul_layer *layer, int32_t a, int32_t factor) {
  return tn_requantize((a - layer->a_zero_point) * factor, layer->multiplier, layer->shift, layer->out_zero_point);
}

void tn_mul(const tn_mul_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  const int count = layer->c * layer->w;
  for (int i = 0; i < count; ++i) out[i] = product(layer, a[i], b[i] - layer->b_zero_point);
}

void tn_mul_channels(const tn_mul_layer *layer, const int8_t *a, const int8_t *factors, int8_t *out) {
  for (int c = 0; c < layer->c; ++c) {
    const int32_t factor = factors[c] - layer->b_zero_point;
    for (int x = 0; x < layer->w; ++x) *out++ = product(layer, *a++, factor);
  }
}
