/* Depthwise 3x3, 5x5 and 7x7, stride 1 or 2 along the row, of planar rows. */
#include "tinynas_depthwise_taps.h"
#if TN_FORM != TN_FORM_PORTABLE
#include "tinynas_depthwise_dsp.h"
#endif

/* Words of a channel's kernel rows in the stream. */
static inline int weight_words(int kernel) { return kernel == 3 ? 3 : kernel == 5 ? 7 : 14; }

/* Byte of the stream at which weight j of kernel row r stands. */
static inline int weight_at(int kernel, int r, int j) {
  if (kernel == 7) return 8 * r + j;
  return j < 4 ? 4 * r + j : 20 + r;
}

/* Tap by tap, after the weights were put into the order [kernel][kernel] in scratch. */
static __attribute__((noinline)) void tn_depthwise_by_taps(const tn_depthwise_square_layer *layer, const int8_t *const rows[],
                                              int8_t *out, int8_t *scratch, int kernel) {
  const tn_depthwise_shape shape = {.in_w = layer->in_w,
                                    .out_w = layer->out_w,
                                    .kernel_h = kernel,
                                    .kernel_w = kernel,
                                    .stride_w = layer->stride_w,
                                    .pad_left = layer->pad_left,
                                    .in_zero_point = layer->in_zero_point,
                                    .out_zero_point = layer->out_zero_point};
  const int words = weight_words(kernel);
  const int32_t *stream = layer->weights;
  for (int c = 0; c < layer->c; ++c, stream += words + 2, out += layer->out_w) {
    for (int r = 0, k = 0; r < kernel; ++r)
      for (int j = 0; j < kernel; ++j, ++k) {
        const int at = weight_at(kernel, r, j);
        scratch[k] = (int8_t)((uint32_t)stream[at / 4] >> at % 4 * 8);
      }
    tn_depthwise_channel(&shape, rows, c, scratch, stream + words, layer->shifts ? layer->shifts[c] : 0, out);
  }
}

#if TN_FORM == TN_FORM_PORTABLE
#define DEPTHWISE(KERNEL) tn_depthwise_by_taps(layer, rows, out, scratch, KERNEL);
#else
/* Layers with scales of 0.5 or more are rare, and then only small. */
#define DEPTHWISE(KERNEL)                                                                                        \
  if (layer->shifts) {                                                                                           \
    tn_depthwise_by_taps(layer, rows, out, scratch, KERNEL);                                                                  \
  } else {                                                                                                       \
    tn_depthwise_lines(layer, rows, out, scratch, KERNEL, weight_words(KERNEL),                                   \
                       layer->stride_w == 1 ? tn_lines_##KERNEL##_1 : tn_lines_##KERNEL##_2);                     \
  }
#endif

void tn_depthwise_3x3(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
  DEPTHWISE(3)
}
void tn_depthwise_5x5(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
  DEPTHWISE(5)
}
void tn_depthwise_7x7(const tn_depthwise_square_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
  DEPTHWISE(7)
}
