#include "tinynas_runtime.h"

#include <stddef.h>

TN_SHARED void TN_KERNELS_VERSION(void) {}

/* One symbol in a group that is named after the version. The linker keeps one group of a name, so that the
 * files of several models link; groups of two names define the symbol twice, which is an error. */
#ifdef __ELF__
#define TN_TEXT(NAME) #NAME
#define TN_GROUP(VERSION) \
  ".pushsection .rodata.tinynas, \"aG\", %progbits, " TN_TEXT(VERSION) "_group, comdat\n" \
  ".globl tinynas_kernels_of_two_versions_or_cores_in_one_image\n" \
  "tinynas_kernels_of_two_versions_or_cores_in_one_image:\n" \
  ".byte 0\n" \
  ".popsection\n"
__asm__(TN_GROUP(TN_KERNELS_VERSION));
#endif

TN_SHARED void tn_window(const int8_t *window[], int count, int8_t *arena, const tn_tensor *tensor,
                         int first) {
  for (int i = 0; i < count; ++i) {
    const int y = first + i;
    window[i] = y < 0 || y >= tensor->height ? NULL : tn_row(arena, tensor, y);
  }
}
