/* Windowed average and maximum pooling. What lies outside the image takes no part. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"
#if TN_FORM != TN_FORM_PORTABLE
#include "tinynas_pool_window_dsp.h"
#else
/* The part of a row under one output: `count` values, the first at `from`. */
typedef struct {
  ptrdiff_t from;
  int count;
} span;

static inline span span_under(const tn_window_pool_layer *layer, int channel, int x) {
  int first = x * layer->stride_w - layer->pad_left, end = first + layer->kernel_w;
  if (first < 0) first = 0;
  if (end > layer->in_w) end = layer->in_w;
  return (span){(ptrdiff_t)channel * layer->channel_step + (ptrdiff_t)first * layer->column_step,
                end - first};
}

TN_SHARED void tn_average_pool(const tn_window_pool_layer *layer, const int8_t *const rows[], int8_t *out,
                               void *scratch) {
  (void)scratch;
  int rows_inside = 0;
  for (int r = 0; r < layer->kernel_h; ++r) rows_inside += rows[r] != NULL;
  for (int c = 0; c < layer->c; ++c)
    for (int x = 0; x < layer->out_w; ++x) {
      const span under = span_under(layer, c, x);
      const int values = under.count * rows_inside;
      int32_t sum = -layer->in_zero_point * values;
      for (int r = 0; r < layer->kernel_h; ++r) {
        if (!rows[r]) continue;
        const int8_t *in = rows[r] + under.from;
        for (int i = 0; i < under.count; ++i, in += layer->column_step) sum += *in;
      }
      *out++ = tn_requantize(sum, layer->multipliers[values - 1], layer->shifts[values - 1],
                             layer->out_zero_point);
    }
}

TN_SHARED void tn_max_pool(const tn_window_pool_layer *layer, const int8_t *const rows[], int8_t *out,
                           void *scratch) {
  (void)scratch;
  for (int c = 0; c < layer->c; ++c)
    for (int x = 0; x < layer->out_w; ++x) {
      const span under = span_under(layer, c, x);
      int8_t largest = INT8_MIN;
      for (int r = 0; r < layer->kernel_h; ++r) {
        if (!rows[r]) continue;
        const int8_t *in = rows[r] + under.from;
        for (int i = 0; i < under.count; ++i, in += layer->column_step)
          if (*in > largest) largest = *in;
      }
      *out++ = largest;
    }
}
#endif
