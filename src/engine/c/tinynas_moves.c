/* Values that only change places: channels, columns, shapes. */
#include <string.h>

#include "tinynas_kernels.h"

TN_SHARED void tn_gather(const tn_gather_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  (void)scratch;
  const int32_t w = layer->w;
  for (int32_t i = 0; i < layer->out_c; ++i, out += w) {
    const int32_t from = layer->map[i];
    if (from < 0)
      memset(out, layer->zero_point, (size_t)w);
    else
      memcpy(out, in + from * w, (size_t)w);
  }
}

TN_SHARED void tn_slice(const tn_slice_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  (void)scratch;
  const int32_t out_w = layer->out_w, step = layer->step;
  in += layer->first;
  for (int32_t c = 0; c < layer->c; ++c, in += layer->in_w, out += out_w) {
    if (step == 1)
      memcpy(out, in, (size_t)out_w);
    else
      for (int32_t x = 0; x < out_w; ++x) out[x] = in[x * step];
  }
}

TN_SHARED void tn_reshape(const tn_reshape_layer *layer, const int8_t *const rows[], int32_t part,
                          int8_t *out) {
  const int32_t in_w = layer->in_w, in_c = layer->in_c, out_w = layer->out_w, out_c = layer->out_c;
  const int32_t first = part * out_w * out_c; /* in the order rows, columns, channels */
  const int8_t *const *row = rows + first / (in_w * in_c);
  int32_t x = first / in_c % in_w, channel = first % in_c;
  for (int32_t out_x = 0; out_x < out_w; ++out_x)
    for (int32_t c = 0; c < out_c; ++c) {
      out[c * out_w + out_x] = (*row)[channel * in_w + x];
      if (++channel < in_c) continue;
      channel = 0;
      if (++x < in_w) continue;
      x = 0;
      ++row;
    }
}
