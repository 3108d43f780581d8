/* One layer, its input and the output it must make: run by the host's tests and by programs for the emulator.
 */
#ifndef TINYNAS_TESTS_KERNEL_CASE_H
#define TINYNAS_TESTS_KERNEL_CASE_H

#include <string.h>

#include "tinynas_kernels.h"

/* The shape of a kernel's function. */
typedef enum { CASE_WINDOW, CASE_ONE_ROW, CASE_TWO_ROWS, CASE_EITHER_ROW, CASE_GROUP, CASE_POOL } case_form;

typedef void window_kernel(const void* layer, const int8_t* const rows[], int8_t* out, void* scratch);
typedef void one_row_kernel(const void* layer, const int8_t* in, int8_t* out, void* scratch);
typedef void two_rows_kernel(const void* layer, const int8_t* a, const int8_t* b, int8_t* out);

typedef void group_kernel(const void* layer, const int8_t* const rows[], int32_t part, int8_t* out);

typedef struct {
  case_form form;
  const void* layer;
  void (*kernel)(void);                    /* cast to the type of `form`; for the pool it is not used */
  const int8_t *first, *second, *expected; /* rows as the engine holds them */
  int32_t in_h, in_row_bytes, out_h, out_row_bytes;
  int32_t second_row_bytes;            /* 0: one row serves all */
  int32_t kernel_h, stride_h, pad_top; /* one row: row y reads row pad_top + y * stride_h / kernel_h */
  int32_t scratch_bytes;
  int32_t dilation_h;
  int32_t part_bytes; /* one row: each of its stride_h output rows reads from so much further on */
} kernel_case;

enum { kCaseMaxKernel = 16, kCaseGuard = 64, kCaseFill = 0x5A };

static inline int case_guard_hits(const uint8_t* guard, int bytes) {
  int hits = 0;
  for (int i = 0; i < bytes; ++i) hits += guard[i] != kCaseFill;
  return hits;
}

/* The window of row y. */
static inline void case_rows(const kernel_case* c, int y, const int8_t* rows[]) {
  for (int k = 0; k < c->kernel_h; ++k) {
    const int row = y * c->stride_h - c->pad_top + k * c->dilation_h;
    rows[k] = row < 0 || row >= c->in_h ? NULL : c->first + row * c->in_row_bytes;
  }
}

static inline void case_run_row(const kernel_case* c, int y, int8_t* out, void* scratch) {
  const int8_t* rows[kCaseMaxKernel];
  switch (c->form) {
    case CASE_WINDOW:
      case_rows(c, y, rows);
      ((window_kernel*)c->kernel)(c->layer, rows, out, scratch);
      break;
    case CASE_ONE_ROW:
      ((one_row_kernel*)c->kernel)(c->layer,
                                   c->first + (c->pad_top + y * c->stride_h / c->kernel_h) * c->in_row_bytes +
                                       y % c->kernel_h * c->part_bytes,
                                   out, scratch);
      break;
    case CASE_TWO_ROWS:
      ((two_rows_kernel*)c->kernel)(c->layer, c->first + y * c->in_row_bytes,
                                    c->second + y * c->second_row_bytes, out);
      break;
    case CASE_EITHER_ROW:
      ((two_rows_kernel*)c->kernel)(c->layer, y < c->in_h ? c->first + y * c->in_row_bytes : NULL,
                                    y < c->in_h ? NULL : c->second + (y - c->in_h) * c->second_row_bytes,
                                    out);
      break;
    case CASE_GROUP:
      for (int k = 0; k < c->kernel_h; ++k)
        rows[k] = c->first + (y / c->stride_h * c->kernel_h + k) * c->in_row_bytes;
      ((group_kernel*)c->kernel)(c->layer, rows, y % c->stride_h, out);
      break;
    case CASE_POOL:
      tn_global_pool_begin((const tn_global_pool_layer*)c->layer, (int32_t*)scratch);
      for (int row = 0; row < c->in_h; ++row)
        tn_global_pool_row((const tn_global_pool_layer*)c->layer, c->first + row * c->in_row_bytes,
                           (int32_t*)scratch);
      tn_global_pool_end((const tn_global_pool_layer*)c->layer, (const int32_t*)scratch, out);
      break;
  }
}

/* Runs every row between guard zones in `arena` (aligned to 8); returns how many bytes are wrong, guards
 * included. Output rows begin at every alignment in turn; scratch is as large as the register says and full
 * of garbage. */
static inline int case_wrong_bytes(const kernel_case* c, uint8_t* arena, int arena_bytes) {
  const int scratch_at = kCaseGuard, out_at = scratch_at + ((c->scratch_bytes + 3) & ~3) + kCaseGuard;
  if (out_at + 4 + c->out_row_bytes + kCaseGuard > arena_bytes) return 1 << 20;
  int wrong = 0;
  for (int y = 0; y < c->out_h; ++y) {
    const int from = out_at + (y & 3), to = from + c->out_row_bytes;
    memset(arena, kCaseFill, (size_t)(to + kCaseGuard));
    case_run_row(c, y, (int8_t*)arena + from, arena + scratch_at);
    for (int i = 0; i < c->out_row_bytes; ++i)
      wrong += (int8_t)arena[from + i] != c->expected[y * c->out_row_bytes + i];
    wrong += case_guard_hits(arena, scratch_at);
    wrong += case_guard_hits(arena + scratch_at + c->scratch_bytes, from - scratch_at - c->scratch_bytes);
    wrong += case_guard_hits(arena + to, kCaseGuard);
  }
  return wrong;
}

#endif
