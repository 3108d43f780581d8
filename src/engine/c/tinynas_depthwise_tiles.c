/* Depthwise 3x3, 5x5 and 7x7, stride 1 or 2 along the row, of planar rows: by vectors of columns, or tap by
 * tap. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"
#if TN_FORM == TN_FORM_MVE
#include "tinynas_depthwise_mve.h"
#endif

/* Kernel rows in fours, column by column (tinynas_kernels.h). */
static int8_t weight_at(const int8_t *weights, int kernel, int r, int j) {
  if (r < 4) return weights[4 * j + r];
  return weights[4 * kernel + (kernel == 5 ? j : 4 * j + r - 4)];
}

static int32_t window_sum(const tn_depthwise_layer *layer, const int8_t *const rows[], int channel, int x,
                          const int8_t *weights) {
  const int kernel = layer->kernel_w, first = x * layer->stride_w - layer->pad_left;
  int32_t sum = 0;
  for (int r = 0; r < kernel; ++r)
    for (int j = 0; j < kernel; ++j) {
      const int column = first + j, inside = rows[r] && column >= 0 && column < layer->in_w;
      const int in = inside ? rows[r][(ptrdiff_t)channel * layer->in_w + column] : layer->in_zero_point;
      sum += weight_at(weights, kernel, r, j) * in;
    }
  return sum;
}

static __attribute__((noinline)) void by_taps(const tn_depthwise_layer *layer, const int8_t *const rows[],
                                              int8_t *out) {
  const int kernel = layer->kernel_w, stream = kernel == 3 ? 12 : kernel == 5 ? 28 : 56;
  const int8_t *weights = layer->weights;
  for (int c = 0; c < layer->c; ++c, weights += stream)
    for (int x = 0; x < layer->out_w; ++x) {
      const int32_t *const constants = layer->channels + 2 * c;
      *out++ = tn_requantize_doubling(constants[0] + window_sum(layer, rows, c, x, weights), constants[1],
                                      layer->shifts ? layer->shifts[c] : 0, layer->out_zero_point);
    }
}

/* Layers with scales of 1 or more have shifts: rare, and then only small. */
#if TN_FORM == TN_FORM_MVE
#define TILES(KERNEL)                                                                                  \
  if (!layer->shifts) {                                                                                \
    static tn_columns_function *const columns[2] = {tn_columns_##KERNEL##_1, tn_columns_##KERNEL##_2}; \
    tn_depthwise_mve(layer, rows, out, scratch, columns);                                              \
    return;                                                                                            \
  }                                                                                                    \
  by_taps(layer, rows, out);
#else
#define TILES(KERNEL) \
  (void)scratch;      \
  by_taps(layer, rows, out);
#endif

TN_SHARED void tn_depthwise_tiles_3x3(const tn_depthwise_layer *layer, const int8_t *const rows[],
                                      int8_t *out, void *scratch){TILES(3)} TN_SHARED
    void tn_depthwise_tiles_5x5(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out,
                                void *scratch){TILES(5)} TN_SHARED
    void tn_depthwise_tiles_7x7(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out,
                                void *scratch) {
  TILES(7)
}
