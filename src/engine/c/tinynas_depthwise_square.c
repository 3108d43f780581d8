/* Depthwise 3x3, 5x5 and 7x7, stride 1 or 2 along the row, of planar rows. */
#include <string.h>

#include "tinynas_depthwise_taps.h"
#include "tinynas_depthwise_unrolled.h"

/* A channel's stream: words of constants before the weights, the multiplier last; words in all. */
static int constant_words(const tn_depthwise_square_layer *layer, int kernel) {
  return kernel == 3 && layer->in_w >= TN_WIDE_ROW ? 4 : 1;
}
static int stream_words(const tn_depthwise_square_layer *layer, int kernel) {
  return constant_words(layer, kernel) + (kernel * kernel + 3) / 4;
}

/* Weight j of kernel row r of the stream's bytes. */
static int8_t weight_at(const int32_t *words, int kernel, int r, int j) {
  static const uint8_t order_3x3[9] = {0, 5, 2, 1, 7,
                                       3, 4, 8, 6}; /* pairs that one SXTB16 makes stand together */
  const int at = kernel == 3 ? order_3x3[3 * r + j] : kernel * r + j;
  return (int8_t)((uint32_t)words[at / 4] >> at % 4 * 8);
}

/* Tap by tap, from weights put into the order [kernel][kernel] in scratch. */
static __attribute__((noinline)) void tn_stream_by_taps(const tn_depthwise_square_layer *layer,
                                                        const int8_t *const rows[], int8_t *out,
                                                        int8_t *scratch, int kernel) {
  const tn_depthwise_shape shape = {.in_w = layer->in_w,
                                    .out_w = layer->out_w,
                                    .kernel_h = kernel,
                                    .kernel_w = kernel,
                                    .stride_w = layer->stride_w,
                                    .pad_left = layer->pad_left,
                                    .in_zero_point = layer->in_zero_point,
                                    .out_zero_point = layer->out_zero_point};
  const int32_t *stream = layer->weights;
  const int constants_before = constant_words(layer, kernel), words = stream_words(layer, kernel);
  for (int c = 0; c < layer->c; ++c, stream += words, out += layer->out_w) {
    int32_t sum = 0;
    for (int r = 0, k = 0; r < kernel; ++r)
      for (int j = 0; j < kernel; ++j, ++k) {
        scratch[k] = weight_at(stream + constants_before, kernel, r, j);
        sum += scratch[k];
      }
    /* The larger kernels take inputs less their zero point: it is not in the stream's bias, but in this one.
     */
    const int32_t folded = kernel == 3 ? 0 : sum * layer->in_zero_point;
    const int32_t bias = constants_before > 1 ? stream[0] : stream[words - 1] >> 8;
    const int32_t constants[2] = {bias - folded, stream[constants_before - 1]};
    tn_depthwise_channel(&shape, rows, c, scratch, constants, layer->shifts ? layer->shifts[c] : 0, out);
  }
}

#if TN_FORM == TN_FORM_PORTABLE
#define depthwise tn_stream_by_taps
#else
/* Rows of a 3x3 kernel; those outside the image become a row of zero points in scratch. False if the middle
 * one does. */
static inline int rows_3x3(struct tn_depthwise_task *task, const tn_depthwise_square_layer *layer,
                           const int8_t *const rows[], int8_t *scratch) {
  if (!rows[1]) return 0;
  if (!rows[0] || !rows[2]) memset(scratch, layer->in_zero_point, (size_t)layer->in_w);
  task->rows[0] = rows[0] ? rows[0] : scratch;
  task->rows[1] = rows[1];
  task->rows[2] = rows[2] ? rows[2] : scratch;
  task->missing = (rows[0] ? 0 : 1) + (rows[2] ? 0 : 2);
  return 1;
}

/* Rows of a larger kernel that lie in the image, as the last of task->rows. False if none does. */
static inline int rows_inside(struct tn_depthwise_task *task, const int8_t *const rows[], int kernel) {
  int end = kernel, at = kernel;
  while (end > 0 && !rows[end - 1]) --end;
  int first = end;
  while (first > 0 && rows[first - 1]) task->rows[--at] = rows[--first];
  task->missing = at;
  task->weights_from = kernel * (first - at);
  return at < kernel;
}

/* Layers whose scales need shifts and shapes that have no unrolled form are rare, and then only small. */
static __attribute__((noinline)) void depthwise(const tn_depthwise_square_layer *layer,
                                                const int8_t *const rows[], int8_t *out, int8_t *scratch,
                                                int kernel) {
  struct tn_depthwise_task task;
  if (!layer->unrolled || layer->shifts ||
      !(kernel == 3 ? rows_3x3(&task, layer, rows, scratch) : rows_inside(&task, rows, kernel))) {
    tn_stream_by_taps(layer, rows, out, scratch, kernel);
    return;
  }
  const uint32_t minus_in_zero = (uint32_t)-layer->in_zero_point;
  task.out = out;
  task.stream = layer->weights;
  task.end = layer->weights + layer->c * stream_words(layer, kernel);
  task.minus_in_zero = (minus_in_zero & 0xffff) | minus_in_zero << 16;
  task.out_zero_point = layer->out_zero_point;
  layer->unrolled(&task);
}
#endif

TN_SHARED void tn_depthwise_3x3(const tn_depthwise_square_layer *layer, const int8_t *const rows[],
                                int8_t *out, void *scratch) {
  depthwise(layer, rows, out, scratch, 3);
}
TN_SHARED void tn_depthwise_5x5(const tn_depthwise_square_layer *layer, const int8_t *const rows[],
                                int8_t *out, void *scratch) {
  depthwise(layer, rows, out, scratch, 5);
}
TN_SHARED void tn_depthwise_7x7(const tn_depthwise_square_layer *layer, const int8_t *const rows[],
                                int8_t *out, void *scratch) {
  depthwise(layer, rows, out, scratch, 7);
}
