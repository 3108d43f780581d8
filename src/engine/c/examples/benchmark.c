/* Measures the model on a board: an image, each row that is pushed, each layer.
 *
 * What it prints goes as it is, lines that begin with # included, into a file for
 *     tinynas calibrate --csv FILE
 * which fits the estimates of latency to this board. Compile all files with -D<MODEL>_TRACE; with
 * -DBOARD_HZ=<clock> it also prints times. */
#include <stddef.h>

#include "benchmark_layers.h" /* LAYERS, TENSORS, layers, sheet_header */
#include "board.h"
#include "cycles.h"
#include "model_binding.h"

#ifndef TN_NET_TRACE
#error "compile this file and the model with -D<MODEL>_TRACE (of a model named `model`: -DMODEL_TRACE)"
#endif

enum { IMAGES = 3, PAIRS = 1024 };

/* ---- Layers: what passes between the two calls around every row that they make ---- */

static uint64_t began;
static struct {
  uint64_t cycles;
  uint32_t rows;
} measured[TENSORS];

static void begin(int tensor) {
  (void)tensor;
  began = cycles_now();
}
static void end(int tensor, const int8_t *row, uint32_t row_bytes) {
  (void)row;
  (void)row_bytes;
  measured[tensor].cycles += cycles_now() - began;
  ++measured[tensor].rows;
}
static const tn_net_tracer measuring = {begin, end};

/* Of PAIRS pairs of calls with nothing between them. */
static uint64_t cycles_of_pairs(void) {
  measured[0].cycles = 0;
  for (int i = 0; i < PAIRS; ++i) {
    measuring.begin(0);
    measuring.end(0, NULL, 0);
  }
  return measured[0].cycles;
}

/* A narrow counter must be read in time. */
static void keep_counting(int tensor, const int8_t *row, uint32_t row_bytes) {
  (void)tensor;
  (void)row;
  (void)row_bytes;
  (void)cycles_now();
}
static const tn_net_tracer counting = {NULL, keep_counting};

/* ---- Images and rows ---- */

/* Kernels take the same time for all values, or nearly: any will do. */
static void make_row(int8_t *row, int y) {
  for (int x = 0; x < TN_NET_ROW_BYTES; ++x) row[x] = (int8_t)((x * 37 + y * 101) % 256 - 128);
}

static uint64_t push_row(int y) {
  int8_t *const row = tn_net_input_row(); /* as a camera's DMA would: nothing is copied */
  make_row(row, y);
  const uint64_t before = cycles_now();
  tn_net_push_row(row);
  return cycles_now() - before;
}

static uint32_t row_cycles[TN_NET_HEIGHT]; /* the most that any image took */
static uint64_t image_cycles[IMAGES];

static void measure_rows(void) {
  tn_net_trace(cycles_narrow() ? &counting : NULL);
  for (int image = 0; image < IMAGES; ++image) {
    for (int y = 0; y < TN_NET_HEIGHT; ++y) {
      const uint64_t taken = push_row(y);
      image_cycles[image] += taken;
      if (taken > row_cycles[y]) row_cycles[y] = (uint32_t)taken;
    }
  }
}

static uint64_t layer_cycles[LAYERS]; /* the least that any image took: interrupts left out */

static void measure_layers(void) {
  const uint64_t pairs = cycles_of_pairs();
  tn_net_trace(&measuring);
  for (int image = 0; image < IMAGES; ++image) {
    for (int t = 0; t < TENSORS; ++t) measured[t].cycles = measured[t].rows = 0;
    for (int y = 0; y < TN_NET_HEIGHT; ++y) push_row(y);
    for (int i = 0; i < LAYERS; ++i) {
      const uint64_t seen = measured[layers[i].tensor].cycles;
      const uint64_t own = pairs * measured[layers[i].tensor].rows / PAIRS;
      const uint64_t taken = seen > own ? seen - own : 1;
      if (image == 0 || taken < layer_cycles[i]) layer_cycles[i] = taken;
    }
  }
  tn_net_trace(NULL);
}

/* ---- What is printed ---- */

static void print_cycles(const char *what, uint64_t cycles) {
  board_print(what);
  board_print_unsigned(cycles);
  board_print(" " BOARD_TEXT(CYCLES_UNIT));
#ifdef BOARD_HZ
  board_print(" (");
  board_print_unsigned(cycles * 1000000U / (BOARD_HZ));
  board_print(" us)");
#endif
}

static uint64_t sort_images(void) { /* returns the median */
  for (int i = 1; i < IMAGES; ++i)
    for (int k = i; k > 0 && image_cycles[k] < image_cycles[k - 1]; --k) {
      const uint64_t larger = image_cycles[k - 1];
      image_cycles[k - 1] = image_cycles[k];
      image_cycles[k] = larger;
    }
  return image_cycles[IMAGES / 2];
}

/* The value that half of the first `count` rows do not exceed. */
static uint32_t median_row(int count) {
  for (int y = 0; y < count; ++y) {
    int below = 0, equal = 0;
    for (int k = 0; k < count; ++k) {
      below += row_cycles[k] < row_cycles[y];
      equal += row_cycles[k] == row_cycles[y];
    }
    if (below <= count / 2 && count / 2 < below + equal) return row_cycles[y];
  }
  return 0;
}
static int worst_row(int count) {
  int worst = 0;
  for (int y = 1; y < count; ++y)
    if (row_cycles[y] > row_cycles[worst]) worst = y;
  return worst;
}

static void print_worst_row(const char *what, int count) {
  const int worst = worst_row(count);
  print_cycles(what, row_cycles[worst]);
  board_print(" in row ");
  board_print_number(worst);
  board_print("\n");
}

static void print_rows(void) {
  const uint64_t median = sort_images();
  print_cycles("# image: median ", median);
  print_cycles(", worst ", image_cycles[IMAGES - 1]);
  print_cycles("\n# row: median ", median_row(TN_NET_HEIGHT));
  print_worst_row(", worst ", TN_NET_HEIGHT);
  /* After the last row a camera pauses, and the work on whole tensors is done. */
  if (TN_NET_HEIGHT > 1) print_worst_row("# row before the last: worst ", TN_NET_HEIGHT - 1);
}

static void print_layers(void) {
  uint64_t sum = 0;
  for (int i = 0; i < LAYERS; ++i) sum += layer_cycles[i];
  const uint64_t image = image_cycles[IMAGES / 2] > 0 ? image_cycles[IMAGES / 2] : 1;
  print_cycles("# layers: ", sum);
  board_print(", of the image ");
  board_print_fixed((int64_t)(sum * 1000U / image), 1);
  board_print(" %\n");
  if (sum > image + image / 10 || sum < image / 2)
    board_print("# WARNING: the layers should take what the image takes; is the counter used elsewhere?\n");
  board_print("#\n# For tinynas calibrate --csv:\n");
  board_print(sheet_header);
  board_print("\n");
  for (int i = 0; i < LAYERS; ++i) {
    board_print(layers[i].sheet);
    board_print_unsigned(layer_cycles[i]);
    board_print("\n");
  }
}

int main(void) {
  board_init();
  cycles_start();
  board_print("# benchmark of " TN_NET_NAME ", made for " PLANNED_CORE "\n");
  tn_net_init();
  measure_rows();
  measure_layers();
  print_rows();
  print_layers();
  board_print("# done\n");
  board_exit(0);
}
