/* Convolutions over all input channels: the inputs of a few neighbouring outputs are gathered once, in the
 * order of the weight stream, and a block then makes all their output channels, two at a time. */
#include <string.h>

#include "tinynas_conv_block.h"
#if TN_FORM == TN_FORM_PORTABLE
#include "tinynas_conv_portable.h"
#else
#include "tinynas_conv_dsp.h"
#endif

/* Words of a pair's stream: inputs are padded to four, so that two words go together. */
static inline int words_for(int inputs) { return (inputs + 3) / 4 * 2; }

/* Padding inputs have zero weights; they must only be numbers. */
static void pad_inputs(tn_input *inputs, int count, int pixels) {
  for (int k = count; k % 4 != 0; ++k)
    for (int p = 0; p < pixels; ++p) inputs[tn_input_at(k, p, pixels)] = 0;
}

TN_SHARED __attribute__((noinline)) void tn_conv1x1(const tn_conv1x1_layer *layer, const int8_t *const rows[],
                                                    int8_t *out, void *scratch) {
  const int width = layer->w;
  tn_block block = {.inputs = scratch,
                    .weights = layer->weights,
                    .shifts = layer->shifts,
                    .words = words_for(layer->in_c),
                    .out_c = layer->out_c,
                    .out_w = width,
                    .zero_point = layer->out_zero_point};
  int pixels;
  for (int x = 0; x < width; x += pixels) {
    pixels = tn_block_pixels(width - x);
    tn_gather_planes(block.inputs, rows[0], x, layer->in_c, width, pixels);
    pad_inputs(block.inputs, layer->in_c, pixels);
    block.out = out + x;
    tn_pair_block(&block, pixels);
  }
}

TN_SHARED void tn_dense(const tn_conv1x1_layer *layer, const int8_t *in, int8_t *out, void *scratch) {
  tn_input *inputs = scratch;
  int k = 0;
  for (; k + 4 <= layer->in_c; k += 4) tn_put_four(inputs + k, inputs + k + 2, in + k);
  for (; k < layer->in_c; ++k) inputs[k] = in[k];
  pad_inputs(inputs, layer->in_c, 1);
  tn_block block = {.inputs = inputs,
                    .weights = layer->weights,
                    .shifts = layer->shifts,
                    .words = words_for(layer->in_c),
                    .out_c = layer->out_c,
                    .out_w = 1,
                    .out = out,
                    .zero_point = layer->out_zero_point};
  tn_pairs_of_pairs(&block);
  const int done = layer->out_c & ~3;
  block.out += done;
  block.out_c -= done;
  block.weights += done / 2 * (block.words + 4);
  block.shifts = layer->shifts ? layer->shifts + done : NULL;
  if (block.out_c > 0) tn_pair_block(&block, 1);
}

/* A window is gathered in chunks, bytes that stand side by side in a row: a kernel row of one plane, or of
 * all channels where they are interleaved. Whole words of all chunks come first in the stream, then what is
 * left of each. */
typedef struct {
  int bytes, count; /* of a chunk, of chunks */
  int8_t *edge;     /* scratch for a chunk that lies partly outside the image */
} chunk_plan;

/* A chunk of `row` (NULL outside the image) from `first` on, with the zero point where [0, end) does not
 * reach. */
static const int8_t *edge_chunk(const chunk_plan *plan, const int8_t *row, int first, int end,
                                int zero_point) {
  for (int i = 0; i < plan->bytes; ++i) {
    const int at = first + i;
    plan->edge[i] = (int8_t)(row && at >= 0 && at < end ? row[at] : zero_point);
  }
  return plan->edge;
}

/* The inputs of output `pixel` of `pixels`, whose window begins at byte `first` of the rows' planes. */
static void gather_window(const tn_conv_layer *layer, const chunk_plan *plan, const int8_t *const rows[],
                          int first, int planes, int end, tn_input *inputs, int pixel, int pixels) {
  const int whole = plan->bytes & ~3, inside = first >= 0 && first + plan->bytes <= end;
  tn_input *words = inputs + 2 * pixel, *rest = words + whole * plan->count * pixels;
  int half = 0;
  for (int r = 0; r < layer->kernel_h; ++r) {
    const int8_t *row = rows[r];
    for (int c = 0; c < planes; ++c) {
      const int8_t *in =
          inside && row ? row + first : edge_chunk(plan, row, first, end, layer->in_zero_point);
      for (int i = 0; i < whole; i += 4, words += 4 * pixels) tn_put_four(words, words + 2 * pixels, in + i);
      for (int i = whole; i < plan->bytes; ++i, half ^= 1) {
        rest[half] = in[i];
        if (half) rest += 2 * pixels;
      }
      if (row) row += end;
    }
  }
}

static int has_unrolled_gather(const tn_conv_layer *layer, const int8_t *const rows[]) {
  if (!layer->unrolled) return 0;
  for (int r = 0; r < layer->kernel_h; ++r)
    if (!rows[r]) return 0;
  return 1;
}

/* `planes` planes of a row with `interleaved` channels each. */
static void conv(const tn_conv_layer *layer, const int8_t *const rows[], int8_t *out, int8_t *scratch,
                 int planes, int interleaved) {
  const int out_w = layer->out_w, end = layer->in_w * interleaved;
  const chunk_plan plan = {
      .bytes = layer->kernel_w * interleaved, .count = layer->kernel_h * planes, .edge = scratch};
  const int inputs = plan.bytes * plan.count;
  tn_block block = {.inputs = (tn_input *)(void *)(scratch + ((plan.bytes + 3) & ~3)),
                    .weights = layer->weights,
                    .shifts = layer->shifts,
                    .words = words_for(inputs),
                    .out_c = layer->out_c,
                    .out_w = out_w,
                    .zero_point = layer->out_zero_point};
  const int unrolled = has_unrolled_gather(layer, rows);
  int pixels, step = layer->stride_w * interleaved, first = -layer->pad_left * interleaved;
  for (int x = 0; x < out_w; x += pixels) {
    pixels = tn_block_pixels(out_w - x);
    for (int p = 0; p < pixels; ++p, first += step) {
      if (unrolled && pixels == TN_UNROLLED_PIXELS && first >= 0 && first + plan.bytes <= end)
        tn_gather_unrolled(layer, block.inputs + 2 * p, rows, first);
      else
        gather_window(layer, &plan, rows, first, planes, end, block.inputs, p, pixels);
    }
    pad_inputs(block.inputs, inputs, pixels);
    block.out = out + x;
    tn_pair_block(&block, pixels);
  }
}

TN_SHARED void tn_conv(const tn_conv_layer *layer, const int8_t *const rows[], int8_t *out, void *scratch) {
  conv(layer, rows, out, scratch, layer->in_c, 1);
}

TN_SHARED void tn_conv_input(const tn_conv_layer *layer, const int8_t *const rows[], int8_t *out,
                             void *scratch) {
  conv(layer, rows, out, scratch, 1, layer->in_c);
}
