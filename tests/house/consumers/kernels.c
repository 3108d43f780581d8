/* Adds two rows with a kernel of tinynas::kernels. */
#include <stdio.h>
#include <tinynas_kernels.h>

int main(void) {
  const int8_t a[4] = {1, -3, 100, 127}, b[4] = {2, 4, 50, 127};
  /* (2 a + b + 1) >> 1: 5 >> 1, -1 >> 1, 251 >> 1, and 382 >> 1 = 191, which saturates. */
  const int8_t expected[4] = {2, -1, 125, 127};
  const tn_add_layer layer = {.offset = 1, .multiplier_a = 2, .multiplier_b = 1, .shift = 1, .n = 4};
  int8_t sum[4] = {0};
  tn_add(&layer, a, b, sum);
  for (int i = 0; i < 4; ++i)
    if (sum[i] != expected[i]) {
      printf("sum[%d] is %d, expected %d\n", i, sum[i], expected[i]);
      return 1;
    }
  return 0;
}
