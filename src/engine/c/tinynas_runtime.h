/* What the generated model.c needs around the kernels: where the rows of a tensor lie. No state, no heap. */
#ifndef TINYNAS_RUNTIME_H
#define TINYNAS_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tinynas_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every model calls it once: it links only with the kernels it was generated for. Does nothing. Models of two
 * versions of tinynas in one image are an error of the linker: generate both with the same tinynas. So are
 * kernels of two forms: plan both for the same core, and compile both with the same flags. */
#if TN_FORM == TN_FORM_MVE
#define TN_KERNELS_VERSION tinynas_kernels_0_1_0_mve
#elif TN_FORM == TN_FORM_DSP
#define TN_KERNELS_VERSION tinynas_kernels_0_1_0_dsp
#else
#define TN_KERNELS_VERSION tinynas_kernels_0_1_0_portable
#endif
void TN_KERNELS_VERSION(void);

/* A tensor in the arena. It keeps `rows` rows at a time: all of them, or the few that somebody still needs (a
 * ring). Row y is row_bytes at offset + (y % rows) * row_bytes, laid out [C][W]; the network's input
 * [W][C]. A ring of more rows than the tensor is high keeps some of earlier calls. */
typedef struct {
  uint32_t offset;
  uint32_t row_bytes;
  uint16_t rows;
  uint16_t height;
} tn_tensor;

static inline int tn_min(int a, int b) { return a < b ? a : b; }

/* The place of row y, 0 <= y. */
static inline int8_t *tn_row(int8_t *arena, const tn_tensor *tensor, int y) {
  return arena + tensor->offset + (uint32_t)y % tensor->rows * tensor->row_bytes;
}

/* Sets window[i] to row first + i, or to NULL where that lies above or below the image. */
void tn_window(const int8_t *window[], int count, int8_t *arena, const tn_tensor *tensor, int first);

/* The same of a tensor whose last rows are kept from call to call: its row 0 lies where row `past` of the
 * ring is, and above it are `history` rows of earlier calls. */
static inline void tn_stream_window(const int8_t *window[], int count, int8_t *arena, const tn_tensor *tensor,
                                    int first, int history, int past) {
  for (int i = 0; i < count; ++i) {
    const int y = first + i;
    window[i] = y < -history || y >= tensor->height ? NULL : tn_row(arena, tensor, past + tensor->rows + y);
  }
}

#ifdef __cplusplus
}
#endif
#endif
