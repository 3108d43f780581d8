/* Global average pooling: rows are summed as they arrive. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"

void tn_global_pool_row(const tn_global_pool_layer* layer, const int8_t* row, int32_t* sums) {
  for (int c = 0; c < layer->c; ++c) {
    int32_t sum = sums[c];
    for (int x = 0; x < layer->w; ++x) sum += *row++;
    sums[c] = sum;
  }
}

void tn_global_pool_end(const tn_global_pool_layer* layer, const int32_t* sums, int8_t* out) {
  for (int c = 0; c < layer->c; ++c)
    out[c] = tn_requantize(sums[c] + layer->offset, layer->multiplier, layer->shift, layer->out_zero_point);
}
