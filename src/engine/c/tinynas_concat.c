/* The planes of two rows, one row's after the other's. */
#include <string.h>

#include "tinynas_kernels.h"
#include "tinynas_line.h"

/* Values already quantized as the output have the multiplier 0: they are only moved. */
static __attribute__((noinline)) void put(const int8_t *in, int32_t count, int32_t multiplier, int shift,
                                          int32_t zero_point, int32_t out_zero_point, int8_t *out) {
  if (multiplier == 0) {
    memcpy(out, in, (size_t)count);
    return;
  }
  const int32_t factor = (int32_t)(UINT32_C(1) << shift);
  const tn_line_scale scale = {factor, -zero_point * factor, multiplier, out_zero_point};
  tn_scale_line(&scale, in, count, out);
}

TN_SHARED void tn_concat(const tn_concat_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  put(a, layer->a_count, layer->a_multiplier, layer->a_shift, layer->a_zero_point, layer->out_zero_point,
      out);
  put(b, layer->b_count, layer->b_multiplier, layer->b_shift, layer->b_zero_point, layer->out_zero_point,
      out + layer->a_count);
}

TN_SHARED void tn_concat_rows(const tn_concat_layer *layer, const int8_t *a, const int8_t *b, int8_t *out) {
  if (a != NULL)
    put(a, layer->a_count, layer->a_multiplier, layer->a_shift, layer->a_zero_point, layer->out_zero_point,
        out);
  else
    put(b, layer->b_count, layer->b_multiplier, layer->b_shift, layer->b_zero_point, layer->out_zero_point,
        out);
}
