/* Depthwise rows by SMLAD. Of one channel at a time, the kernel's input rows are copied to lines in scratch with the
 * zero point on both sides, so that every output is computed alike and words are read aligned; then four outputs at
 * a time. A word of four inputs becomes the pairs (0, 2) and (1, 3); a pair meets the weights (t, t + 2). */
#ifndef TINYNAS_DEPTHWISE_DSP_H
#define TINYNAS_DEPTHWISE_DSP_H

#include "tinynas_dsp.h"
#include "tinynas_kernels.h"

enum { kGroup = 4, kMostPairs = 5 };

/* Words of a line that a group of outputs reads. */
static inline int tn_group_words(int kernel, int stride) { return ((kGroup - 1) * stride + kernel + 3) / 4; }

/* The weights of a kernel row as pairs: pair[t] = (w[t], w[t + 2]), or crossed from t = 2 on for want of an instruction
 * that would make them straight. w[1] of a 3x3 stands at the bottom of pair[1]. */
typedef struct {
  uint32_t pair[kMostPairs];
} tn_row_weights;

static inline __attribute__((always_inline)) tn_row_weights tn_unpack_row(const int32_t *weights, int r, int kernel) {
  tn_row_weights w = {{0}};
  const uint32_t first = (uint32_t)weights[kernel == 7 ? 2 * r : r];
  w.pair[0] = tn_even_bytes(first);
  w.pair[1] = tn_odd_bytes(first);
  if (kernel == 5) w.pair[2] = tn_pkhbt((uint32_t)((const int8_t *)weights)[20 + r], w.pair[0]);
  if (kernel == 7) {
    const uint32_t second = (uint32_t)weights[2 * r + 1];
    w.pair[4] = tn_even_bytes(second);
    w.pair[2] = tn_pkhbt(w.pair[4], w.pair[0]);
    w.pair[3] = tn_pkhbt(tn_odd_bytes(second), w.pair[1]);
  }
  return w;
}

/* pair[t] stands crossed: (w[t + 2], w[t]). */
static inline int tn_crossed(int t, int kernel) { return t == 2 || (t == 3 && kernel == 7); }

/* Weight t alone times the bottom or top half of `inputs`. */
static inline __attribute__((always_inline)) int32_t tn_single_tap(const tn_row_weights *w, int t, int kernel,
                                                                   uint32_t inputs, int top, int32_t acc) {
  const int pairs = kernel == 3 ? 2 : kernel - 2, from = t < pairs ? t : t - 2;
  const int weight_top = (t >= pairs) != tn_crossed(from, kernel);
  const uint32_t weights = w->pair[from];
  if (top) return weight_top ? tn_smlatt(inputs, weights, acc) : tn_smlatb(inputs, weights, acc);
  return weight_top ? tn_smlabt(inputs, weights, acc) : tn_smlabb(inputs, weights, acc);
}

/* Adds one kernel row to output j of a group: tap t reads column c = j * stride + t, in half c / 2 % 2 of the even or
 * odd pair of word c / 4. */
static inline __attribute__((always_inline)) int32_t tn_add_row(const tn_row_weights *w, const uint32_t *even,
                                                                const uint32_t *odd, int j, int kernel, int stride,
                                                                int32_t acc) {
#pragma GCC unroll 7
  for (int t = 0; t < kernel; ++t) {
    const int c = j * stride + t, top = c % 4 >= 2;
    const uint32_t inputs = c % 2 ? odd[c / 4] : even[c / 4];
    if (!top && t + 2 < kernel) {
      acc = tn_crossed(t, kernel) ? tn_smladx(inputs, w->pair[t], acc) : tn_smlad(inputs, w->pair[t], acc);
    } else if (!top || t < 2) {
      acc = tn_single_tap(w, t, kernel, inputs, top, acc);
    } /* else it went with tap t - 2 */
  }
  return acc;
}

static inline __attribute__((always_inline)) void tn_group_row(const tn_row_weights *w, const int8_t *line, int kernel,
                                                               int stride, int32_t acc[kGroup]) {
  uint32_t even[4], odd[4];
#pragma GCC unroll 4
  for (int i = 0; i < tn_group_words(kernel, stride); ++i) {
    const uint32_t word = tn_load_word(line + 4 * i);
    even[i] = tn_even_bytes(word);
    odd[i] = tn_odd_bytes(word);
  }
#pragma GCC unroll 4
  for (int j = 0; j < kGroup; ++j) acc[j] = tn_add_row(w, even, odd, j, kernel, stride, acc[j]);
}

/* `count` > 0 bytes, by words where there are four. */
static inline __attribute__((always_inline)) void tn_copy_line(int8_t *to, const int8_t *from, int count) {
  if (count < 4) {
    while (count-- > 0) to[count] = from[count];
    return;
  }
  const int8_t *const last = from + count - 4;
  int8_t *const to_last = to + count - 4;
  for (; from < last; from += 4, to += 4) tn_store_word(to, tn_load_word(from));
  tn_store_word(to_last, tn_load_word(last));
}

static inline __attribute__((always_inline)) void tn_depthwise_lines(const tn_depthwise_square_layer *layer,
                                                                     const int8_t *const rows[], int8_t *out,
                                                                     int8_t *lines, int kernel, int stride) {
  const int in_w = layer->in_w, out_w = layer->out_w;
  const int groups = (out_w + kGroup - 1) / kGroup;
  const int reads = (groups - 1) * kGroup * stride + 4 * tn_group_words(kernel, stride);
  const int holds = (layer->pad_left + in_w + 3) & ~3;
  const int line_bytes = reads > holds ? reads : holds;
  const int32_t multiplier_at = (kernel == 3 ? 3 : kernel == 5 ? 7 : 14) + 1;
  const int32_t zero_point = layer->out_zero_point;
  memset(lines, layer->in_zero_point, (size_t)(kernel * line_bytes));

  const int32_t *weights = layer->weights;
  int plane = 0;
  for (int c = 0; c < layer->c; ++c, plane += in_w, weights += multiplier_at + 1) {
    int8_t *to = lines + layer->pad_left;
    for (int r = 0; r < kernel; ++r, to += line_bytes)
      if (rows[r]) tn_copy_line(to, rows[r] + plane, in_w);
    const int32_t bias = weights[multiplier_at - 1], multiplier = weights[multiplier_at];
    const int8_t *line = lines;
    for (int left = out_w; left > 0; left -= kGroup, line += kGroup * stride) {
      int32_t acc[kGroup] = {bias, bias, bias, bias};
      const int8_t *at = line;
#pragma GCC unroll 3
      for (int r = 0; r < kernel; ++r, at += line_bytes) {
        const tn_row_weights w = tn_unpack_row(weights, r, kernel);
        tn_group_row(&w, at, kernel, stride, acc);
      }
      out[0] = tn_requantize_dsp(acc[0], multiplier, zero_point);
      if (left > 1) out[1] = tn_requantize_dsp(acc[1], multiplier, zero_point);
      if (left > 2) out[2] = tn_requantize_dsp(acc[2], multiplier, zero_point);
      if (left > 3) out[3] = tn_requantize_dsp(acc[3], multiplier, zero_point);
      out += left < kGroup ? left : kGroup;
    }
  }
}

#endif
