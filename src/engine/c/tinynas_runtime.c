#include "tinynas_runtime.h"

#include <stddef.h>

void tn_window(const int8_t *window[], int count, int8_t *arena, const tn_tensor *tensor, int first) {
  for (int i = 0; i < count; ++i) {
    const int y = first + i;
    window[i] = y < 0 || y >= tensor->height ? NULL : tn_row(arena, tensor, y);
  }
}
