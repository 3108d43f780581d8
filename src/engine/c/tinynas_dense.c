/* Fully connected layer: four outputs at a time, so that an input is read once for four weights. */
#include "tinynas_arith.h"
#include "tinynas_kernels.h"

/* Outputs a, b of a pair: their sums over the inputs k and k + 2, or k + 1 and k + 3. */
typedef struct {
  uint32_t a, halves;
} tn_pair_sum;

static inline void add_word(tn_pair_sum* sum, int32_t word, int32_t x_low, int32_t x_high) {
  const int32_t low = tn_low_half(word), high = tn_high_half(word);
  sum->halves += (uint32_t)(low * x_low + high * x_high);
  sum->a += (uint32_t)((int8_t)low * x_low + (int8_t)high * x_high);
}

/* Words of four inputs, of which `count` exist; weights of the others are zero. */
static inline void add_four(tn_pair_sum sums[2], const int32_t* w, const int8_t* in, int count) {
  const int32_t x1 = count > 1 ? in[1] : 0, x2 = count > 2 ? in[2] : 0, x3 = count > 3 ? in[3] : 0;
  add_word(&sums[0], w[0], in[0], x2);
  add_word(&sums[1], w[1], in[0], x2);
  add_word(&sums[0], w[2], x1, x3);
  add_word(&sums[1], w[3], x1, x3);
}

static void finish(const tn_dense_layer* layer, int first, const int32_t acc[4], const int32_t* multipliers,
                   int8_t* out) {
  for (int i = 0; i < 4 && first + i < layer->out_c; ++i) {
    const int shift = layer->shifts ? layer->shifts[first + i] : 0;
    out[first + i] = tn_requantize(acc[i], multipliers[i], shift, layer->out_zero_point);
  }
}

void tn_dense(const tn_dense_layer* layer, const int8_t* in, int8_t* out, void* scratch) {
  (void)scratch;
  const int32_t* w = layer->weights;
  for (int o = 0; o < layer->out_c; o += 4) {
    tn_pair_sum sums[2] = {{(uint32_t)w[0], (uint32_t)w[0]}, {(uint32_t)w[1], (uint32_t)w[1]}};
    w += 2;
    int k = 0;
    for (; k + 4 <= layer->in_c; k += 4, w += 4) add_four(sums, w, in + k, 4);
    if (k < layer->in_c) {
      add_four(sums, w, in + k, layer->in_c - k);
      w += 4;
    }
    const int32_t acc[4] = {(int32_t)sums[0].a, w[4] + tn_recover_b(sums[0].halves, sums[0].a),
                            (int32_t)sums[1].a, w[5] + tn_recover_b(sums[1].halves, sums[1].a)};
    finish(layer, o, acc, w, out);
    w += 6;
  }
}
