/* Softmax over the channels of every pixel: exponentials from a table, one division per output. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"

/* The channels of a pixel are `w` apart. exponentials[d] <= 2^16 belongs to the value d below the largest, so that
 * 512 * exponential + sum fits 32 bits below 2^15 channels. */
static void softmax_pixel(const tn_softmax_layer *layer, const int8_t *in, int8_t *out) {
  const int count = layer->c * layer->w, step = layer->w;
  int largest = INT8_MIN;
  uint32_t sum = 0;
  for (int i = 0; i < count; i += step)
    if (in[i] > largest) largest = in[i];
  for (int i = 0; i < count; i += step) sum += layer->exponentials[largest - in[i]];
  for (int i = 0; i < count; i += step) {
    const uint32_t part = 512 * layer->exponentials[largest - in[i]];
    const uint32_t share = part < sum ? 0 : (part + sum) / (2 * sum); /* 256ths, rounded; most are 0: no division */
    out[i] = tn_saturate((int32_t)share - 128);
  }
}

void tn_softmax(const tn_softmax_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  (void)scratch;
  for (int x = 0; x < layer->w; ++x) softmax_pixel(layer, in + x, out + x);
}
