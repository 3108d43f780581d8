/* Depthwise 3x3, 5x5 and 7x7, stride 1 or 2 along the row, of planar rows: in tiles of vectors, or tap by tap. */
#include "tinynas_depthwise_taps.h"
#if TN_FORM == TN_FORM_MVE
#include "tinynas_depthwise_mve.h"
#endif

static __attribute__((noinline)) void by_taps(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out) {
  tn_depthwise_by_taps(layer, rows, out);
}

/* Layers with scales of 0.5 or more have shifts: rare, and then only small. */
#if TN_FORM == TN_FORM_MVE
#define TILES(KERNEL)                                                \
  if (!layer->shifts) {                                              \
    tn_depthwise_mve(layer, rows, out, scratch, tn_tiles_##KERNEL);  \
    return;                                                          \
  }                                                                  \
  by_taps(layer, rows, out);
#else
#define TILES(KERNEL) \
  (void)scratch;      \
  by_taps(layer, rows, out);
#endif

void tn_depthwise_tiles_3x3(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
  TILES(3)
}
void tn_depthwise_tiles_5x5(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
  TILES(5)
}
void tn_depthwise_tiles_7x7(const tn_depthwise_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
  TILES(7)
}
