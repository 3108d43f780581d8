/* Residual add of two rows. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"

void tn_add(const tn_add_layer* layer, const int8_t* a, const int8_t* b, int8_t* out) {
  const int32_t ma = layer->multiplier_a, mb = layer->multiplier_b, offset = layer->offset;
  const int32_t shift = layer->shift;
  for (int32_t i = 0; i < layer->n; ++i) out[i] = tn_saturate((a[i] * ma + b[i] * mb + offset) >> shift);
}
