/* Windowed pooling on ARMv7E-M and ARMv8-M with the DSP extension: first down the columns, four at a time,
 * into a line in scratch, then along the line. A line is a plane of a row, or all of an interleaved row. */
#ifndef TINYNAS_POOL_WINDOW_DSP_H
#define TINYNAS_POOL_WINDOW_DSP_H

#include "tinynas_arith.h"
#include "tinynas_dsp.h"

typedef struct {
  const int8_t *const *rows; /* those inside the image */
  int count;                 /* of them */
  int lines, bytes;          /* of a row, of a line */
} tn_pool_columns;

static inline tn_pool_columns tn_columns_under(const tn_window_pool_layer *layer,
                                               const int8_t *const rows[]) {
  int first = 0, end = layer->kernel_h;
  while (!rows[first]) ++first;
  while (!rows[end - 1]) --end;
  return (tn_pool_columns){.rows = rows + first,
                           .count = end - first,
                           .lines = layer->column_step == 1 ? layer->c : 1,
                           .bytes = layer->in_w * layer->column_step};
}

/* The pools met most: windows of 2x2 side by side in the planes of two rows. */
static inline int tn_halves_rows(const tn_window_pool_layer *layer, const tn_pool_columns *columns) {
  return columns->count == 2 && layer->kernel_w == 2 && layer->stride_w == 2 && layer->pad_left == 0 &&
         layer->column_step == 1 && 2 * layer->out_w <= layer->in_w;
}

static inline int8_t tn_larger(int8_t a, int8_t b) { return a > b ? a : b; }

static __attribute__((noinline)) void tn_column_maxima(const tn_pool_columns *columns, ptrdiff_t from,
                                                       int8_t *line) {
  const int bytes = columns->bytes;
  for (int i = 0; bytes >= 4 && i < bytes; i += 4) {
    const int at = i + 4 > bytes ? bytes - 4 : i; /* no word reaches beyond the line */
    uint32_t largest = tn_load_word(columns->rows[0] + from + at);
    for (int r = 1; r < columns->count; ++r)
      largest = tn_larger_bytes(largest, tn_load_word(columns->rows[r] + from + at));
    tn_store_word(line + at, largest);
  }
  for (int i = 0; bytes < 4 && i < bytes; ++i) {
    line[i] = INT8_MIN;
    for (int r = 0; r < columns->count; ++r) line[i] = tn_larger(line[i], columns->rows[r][from + i]);
  }
}

/* Maxima of `kernel` values `step` apart, for the first `count` places of the line; `out` may be the line. */
static __attribute__((noinline)) void tn_window_maxima(const int8_t *line, int count, int kernel, int step,
                                                       int8_t *out) {
  for (int i = 0; i < count; i += 4) {
    uint32_t largest = tn_load_word(line + i);
    const int8_t *in = line + i;
    for (int k = 1; k < kernel; ++k) largest = tn_larger_bytes(largest, tn_load_word(in += step));
    if (i + 4 <= count) {
      tn_store_word(out + i, largest);
    } else {
      for (int k = i; k < count; ++k, largest >>= 8) out[k] = (int8_t)largest;
    }
  }
}

static __attribute__((noinline)) void tn_maxima_2x2(const int8_t *top, const int8_t *bottom, int8_t *out,
                                                    const int8_t *end) {
  for (; end - out >= 4; out += 4, top += 8, bottom += 8) {
    uint32_t a = tn_larger_bytes(tn_load_word(top), tn_load_word(bottom));
    uint32_t b = tn_larger_bytes(tn_load_word(top + 4), tn_load_word(bottom + 4));
    a = tn_larger_bytes(a, a >> 8); /* of neighbours, in bytes 0 and 2 */
    b = tn_larger_bytes(b, b >> 8);
    tn_store_word(out, (tn_low_halves(a, b) & 0xff00ff) | (tn_high_halves(a, b) & 0xff00ff) << 8);
  }
  for (; out < end; top += 2, bottom += 2)
    *out++ = tn_larger(tn_larger(top[0], top[1]), tn_larger(bottom[0], bottom[1]));
}

TN_SHARED void tn_max_pool(const tn_window_pool_layer *layer, const int8_t *const rows[], int8_t *out,
                           void *scratch) {
  const tn_pool_columns columns = tn_columns_under(layer, rows);
  const int step = layer->column_step, kernel = layer->kernel_w, out_w = layer->out_w,
            stride = layer->stride_w * step;
  const int windows = (out_w - 1) * stride + step, left = layer->pad_left * step,
            end = windows + (kernel - 1) * step;
  int8_t *const line = scratch;
  if (tn_halves_rows(layer, &columns)) {
    for (ptrdiff_t l = 0, at = 0; l < columns.lines; ++l, at += columns.bytes, out += out_w)
      tn_maxima_2x2(columns.rows[0] + at, columns.rows[1] + at, out, out + out_w);
    return;
  }
  for (int l = 0; l < columns.lines; ++l) {
    for (int i = 0; i < left; ++i) line[i] = INT8_MIN;
    tn_column_maxima(&columns, (ptrdiff_t)l * columns.bytes, line + left);
    for (int i = left + columns.bytes; i < end; ++i) line[i] = INT8_MIN;
    if (stride == 1) {
      tn_window_maxima(line, windows, kernel, step, out);
      out += out_w;
      continue;
    }
    tn_window_maxima(line, windows, kernel, step, line);
    for (int c = 0; c < step; ++c)
      for (int i = c; i < windows; i += stride) *out++ = line[i];
  }
}

static __attribute__((noinline)) void tn_column_sums(const tn_pool_columns *columns, ptrdiff_t from,
                                                     int16_t *line) {
  const int bytes = columns->bytes;
  for (int i = 0; bytes >= 4 && i < bytes; i += 4) {
    const int at = i + 4 > bytes ? bytes - 4 : i;
    uint32_t even = 0, odd = 0;
    for (int r = 0; r < columns->count; ++r) {
      const uint32_t word = tn_load_word(columns->rows[r] + from + at);
      even = tn_add_even_bytes(even, word);
      odd = tn_add_odd_bytes(odd, word);
    }
    tn_store_word(line + at, tn_low_halves(even, odd));
    tn_store_word(line + at + 2, tn_high_halves(even, odd));
  }
  for (int i = 0; bytes < 4 && i < bytes; ++i) {
    int sum = 0;
    for (int r = 0; r < columns->count; ++r) sum += columns->rows[r][from + i];
    line[i] = (int16_t)sum;
  }
}

/* Sums of `count` values `step` apart, requantized for windows of as many columns and `rows` rows. */
typedef struct {
  int32_t offset, multiplier, zero_point;
  int shift, count, step;
} tn_mean;

static inline tn_mean tn_mean_of(const tn_window_pool_layer *layer, int columns, int rows) {
  const int values = columns * rows;
  return (tn_mean){.offset = -layer->in_zero_point * values,
                   .multiplier = layer->multipliers[values - 1],
                   .zero_point = layer->out_zero_point,
                   .shift = layer->shifts[values - 1],
                   .count = columns,
                   .step = layer->column_step};
}

static inline int8_t tn_take_mean(const tn_mean *mean, const int16_t *sums) {
  int32_t sum = mean->offset;
  for (int k = mean->count; k > 0; --k, sums += mean->step) sum += *sums;
  return tn_requantize(sum, mean->multiplier, mean->shift, mean->zero_point);
}

/* Of the outputs from `out` to `end`, whose windows begin `advance` sums after one another. */
static __attribute__((noinline)) void tn_take_means(const tn_mean *mean, const int16_t *sums, int advance,
                                                    int8_t *out, const int8_t *end) {
  const tn_mean m = *mean; /* out might be it, for all that a compiler knows */
  for (; out < end; sums += advance) *out++ = tn_take_mean(&m, sums);
}

static __attribute__((noinline)) void tn_means_2x2(const tn_mean *mean, const int8_t *top,
                                                   const int8_t *bottom, int8_t *out, const int8_t *end) {
  const tn_mean m = *mean;
  const int32_t factor = 1 << m.shift, offset = m.offset * factor;
  for (; end - out >= 2; out += 2, top += 4, bottom += 4) {
    const uint32_t above = tn_load_word(top), below = tn_load_word(bottom);
    uint32_t sums = tn_add_odd_bytes(tn_even_bytes(above), above);
    sums = tn_add_odd_bytes(tn_add_even_bytes(sums, below), below);
    out[0] = tn_requantize((int16_t)sums * factor + offset, m.multiplier, 0, m.zero_point);
    out[1] = tn_requantize(((int32_t)sums >> 16) * factor + offset, m.multiplier, 0, m.zero_point);
  }
  if (out < end)
    *out = tn_requantize(top[0] + top[1] + bottom[0] + bottom[1] + m.offset, m.multiplier, m.shift,
                         m.zero_point);
}

/* Output x, whose window has columns outside the image. */
static __attribute__((noinline)) int8_t tn_mean_at_border(const tn_window_pool_layer *layer, int rows,
                                                          const int16_t *sums, int x) {
  const int first = x * layer->stride_w - layer->pad_left, end = first + layer->kernel_w;
  const int from = first < 0 ? 0 : first, until = end > layer->in_w ? layer->in_w : end;
  const tn_mean mean = tn_mean_of(layer, until - from, rows);
  return tn_take_mean(&mean, sums + from * layer->column_step);
}

TN_SHARED void tn_average_pool(const tn_window_pool_layer *layer, const int8_t *const rows[], int8_t *out,
                               void *scratch) {
  const tn_pool_columns columns = tn_columns_under(layer, rows);
  const int out_w = layer->out_w, stride = layer->stride_w, step = layer->column_step, pad = layer->pad_left;
  /* Outputs [inner, border) have whole windows. */
  const int room = layer->in_w + pad - layer->kernel_w, fit = room < 0 ? 0 : room / stride + 1;
  const int first = (pad + stride - 1) / stride, border = fit < out_w ? fit : out_w,
            inner = first < border ? first : border;
  const tn_mean mean = tn_mean_of(layer, layer->kernel_w, columns.count);
  int16_t *const line = scratch;
  if (tn_halves_rows(layer, &columns)) {
    for (ptrdiff_t l = 0, at = 0; l < columns.lines; ++l, at += columns.bytes, out += out_w)
      tn_means_2x2(&mean, columns.rows[0] + at, columns.rows[1] + at, out, out + out_w);
    return;
  }
  for (int l = 0; l < columns.lines; ++l) {
    tn_column_sums(&columns, (ptrdiff_t)l * columns.bytes, line);
    for (int c = 0; c < step; ++c, out += out_w) {
      for (int x = 0; x < inner; ++x) out[x] = tn_mean_at_border(layer, columns.count, line + c, x);
      tn_take_means(&mean, line + c + (inner * stride - pad) * step, stride * step, out + inner,
                    out + border);
      for (int x = border; x < out_w; ++x) out[x] = tn_mean_at_border(layer, columns.count, line + c, x);
    }
  }
}

#endif
