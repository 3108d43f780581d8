/* Global average pooling: rows are summed as they arrive. */
#include "tinynas_arith.h"
#include "tinynas_pool_unrolled.h"
#if TN_FORM != TN_FORM_PORTABLE
#include "tinynas_dsp.h"
#endif

TN_SHARED void tn_global_pool_begin(const tn_global_pool_layer *layer, int32_t *sums) {
  const int32_t offset = layer->offset;
  int32_t *const end = sums + layer->c, *const eights_end = sums + (layer->c & ~7);
  for (; sums < eights_end; sums += 8) {
    sums[0] = sums[1] = sums[2] = sums[3] = offset;
    sums[4] = sums[5] = sums[6] = sums[7] = offset;
  }
  while (sums < end) *sums++ = offset;
}

TN_SHARED void tn_global_pool_row(const tn_global_pool_layer *layer, const int8_t *row, int32_t *sums) {
  if (layer->unrolled && (uintptr_t)row % 4 == 0) {
    layer->unrolled(row, sums, sums + layer->c);
    return;
  }
  const int w = layer->w;
  for (int c = 0; c < layer->c; ++c) {
    int32_t sum = sums[c] + 128 * w;
    for (int x = 0; x < w; ++x) sum += *row++;
    sums[c] = sum;
  }
}

TN_SHARED void tn_global_pool_end(const tn_global_pool_layer *layer, const int32_t *sums, int8_t *out) {
  const int32_t multiplier = layer->multiplier, zero_point = layer->out_zero_point;
  int c = 0;
#if TN_FORM != TN_FORM_PORTABLE
  if (layer->shift == 0 && layer->c >= 4) {
    c = layer->c & ~3;
    tn_requantize_fours(sums, sums + c, multiplier, zero_point, out);
  }
#endif
  for (; c < layer->c; ++c) out[c] = tn_requantize(sums[c], multiplier, layer->shift, zero_point);
}
