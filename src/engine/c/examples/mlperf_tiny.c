/* Answers the runner of MLPerf Tiny over the board's UART, in performance and accuracy mode.
 *
 * The protocol is that of github.com/mlcommons/tiny, benchmark/api: a command ends with '%', its answer is
 * lines of text, the last one m-ready. Compile with -DBOARD_HZ=<clock>, from which times come. */
#include <stdbool.h>
#include <string.h>

#include "board.h"
#include "cycles.h"
#include "model_binding.h"

#if defined(TN_NET_INPUTS) && TN_NET_INPUTS > 1
#error "the networks of MLPerf Tiny have one input"
#endif

#ifndef BOARD_HZ
#error "state the processor's clock, as in -DBOARD_HZ=216000000"
#endif

/* Who submits: -DMLPERF_VENDOR=name. */
#ifndef MLPERF_VENDOR
#define MLPERF_VENDOR unspecified
#endif

/* What the runner sends: pixels of 0 to 255 (the model takes pixel - 128), int8 as the model takes them, or
 * floats, which are quantized here; then the result is how far the outputs are from them (mean squared
 * error). */
#define MLPERF_PIXELS 0
#define MLPERF_INT8 1
#define MLPERF_FLOATS 2

/* The benchmark, by the size of an input; -DMLPERF_MODEL=ic01 -DMLPERF_INPUT=0 where that says too little. */
#define VALUES (TN_NET_HEIGHT * TN_NET_ROW_BYTES)
#ifndef MLPERF_MODEL
#if VALUES == 96 * 96 * 3
#define MLPERF_MODEL vww01
#elif VALUES == 32 * 32 * 3
#define MLPERF_MODEL ic01
#elif VALUES == 49 * 10
#define MLPERF_MODEL kws01
#define MLPERF_INPUT MLPERF_INT8
#elif VALUES == 5 * 128
#define MLPERF_MODEL ad01
#define MLPERF_INPUT MLPERF_FLOATS
#else
#define MLPERF_MODEL unknown
#endif
#endif
#ifndef MLPERF_INPUT
#define MLPERF_INPUT MLPERF_PIXELS
#endif
#if MLPERF_INPUT == MLPERF_FLOATS && VALUES != TN_NET_OUTPUT_BYTES
#error "with inputs in float the model gives back as many values as it takes"
#endif

#define FIRMWARE "ULPMark for tinyML Firmware V0.0.1" /* the version of the protocol that the runner knows */

enum {
  COMMAND_BYTES = 80,
  DEFAULT_WARMUPS = 10,
  PRINTED_IN_A_LINE = 8,
  INPUT_BYTES = VALUES * (MLPERF_INPUT == MLPERF_FLOATS ? 4 : 1),
  MICRO = 1000000,
};

/* ---- Answers ---- */

/* A command's function returns what is wrong with the command, or NULL. */
typedef const char *mistake;

static void print_count(const char *before, uint32_t count, const char *after) {
  board_print(before);
  board_print_unsigned(count);
  board_print(after);
}

static mistake mistaken_size(mistake what) {
  print_count("m-[The model takes ", INPUT_BYTES, " bytes]\n");
  return what;
}

static void print_timestamp(void) {
  const uint64_t cycles = cycles_now(), hz = BOARD_HZ;
  board_print("m-lap-us-");
  board_print_unsigned(cycles / hz * MICRO + cycles % hz * MICRO / hz);
  board_print("\n");
}

/* ---- The buffer that `db` fills: an input as the runner has it ---- */

static uint8_t buffer[INPUT_BYTES];
static uint32_t buffer_size, buffer_filled;

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}
static void print_hex(uint8_t byte) {
  static const char digits[] = "0123456789abcdef";
  board_put(digits[byte >> 4]);
  board_put(digits[byte & 15]);
}

/* A whole number of at most 9 digits; -1: it is none. */
static int32_t number_of(const char *word) {
  int32_t value = 0;
  const char *digit = word;
  for (; *digit >= '0' && *digit <= '9' && digit - word < 9; ++digit) value = 10 * value + (*digit - '0');
  return digit == word || *digit != 0 ? -1 : value;
}

static mistake begin_load(const char *size) {
  const int32_t bytes = size == NULL ? -1 : number_of(size);
  if (size == NULL) return "Command 'db load' requires the # of bytes";
  if (bytes <= 0) return "Command 'db load' must be >0 bytes";
  if (bytes > INPUT_BYTES) return mistaken_size("Supplied buffer size is more than the model takes");
  buffer_size = (uint32_t)bytes;
  buffer_filled = 0;
  print_count("m-[Expecting ", buffer_size, " bytes]\n");
  return NULL;
}

static mistake load_bytes(const char *hex) {
  if (buffer_size == 0) return "Command 'db load' comes before the bytes";
  if (strlen(hex) % 2 != 0) return "Insufficent number of hex digits"; /* as the runner spells it */
  for (; *hex != 0 && buffer_filled < buffer_size; hex += 2) {
    const int high = hex_digit(hex[0]), low = hex_digit(hex[1]);
    if (high < 0 || low < 0) return "Invalid hex digit";
    buffer[buffer_filled++] = (uint8_t)(high << 4 | low);
    if (buffer_filled == buffer_size) board_print("m-load-done\n");
  }
  return NULL;
}

static void print_buffer(void) {
  for (uint32_t i = 0; i < buffer_size; ++i) {
    if (i % PRINTED_IN_A_LINE == 0) board_print("m-buffer-");
    print_hex(buffer[i]);
    board_print((i + 1) % PRINTED_IN_A_LINE == 0 || i + 1 == buffer_size ? "\n" : "-");
  }
}

/* ---- Inference ---- */

#if MLPERF_INPUT == MLPERF_FLOATS
static float float_at(int i) {
  float value;
  memcpy(&value, buffer + (size_t)i * sizeof value, sizeof value); /* both are little-endian */
  return value;
}
static int8_t value_at(int i) {
  const float quotient = float_at(i) / TN_NET_INPUT_SCALE, q = quotient + TN_NET_INPUT_ZERO_POINT;
  if (!(q > -128)) return -128; /* or not a number */
  return q >= 127 ? 127 : (int8_t)(q < 0 ? q - 0.5f : q + 0.5f);
}
#elif MLPERF_INPUT == MLPERF_INT8
static int8_t value_at(int i) { return (int8_t)buffer[i]; }
#else
static int8_t value_at(int i) { return (int8_t)(buffer[i] - 128); }
#endif

/* The buffer as int8: what the measured inferences read. */
static int8_t image[VALUES];
static bool has_results;

#ifdef TN_NET_TRACE
/* A counter of 24 bits must be read in time. */
static void keep_counting(int tensor, const int8_t *row, uint32_t row_bytes) {
  (void)tensor;
  (void)row;
  (void)row_bytes;
  (void)cycles_now();
}
static bool prepare_counter(void) {
  static const tn_net_tracer counting = {NULL, keep_counting};
  tn_net_trace(cycles_narrow() ? &counting : NULL);
  return true;
}
#else
static bool prepare_counter(void) { return !cycles_narrow(); }
#endif

static double output_value(int i) {
  return (double)TN_NET_OUTPUT_SCALE * (tn_net_output()[i] - TN_NET_OUTPUT_ZERO_POINT);
}

static void print_value(double value) {
  const double millionths = value * MICRO;
  board_print_fixed((int64_t)(millionths < 0 ? millionths - 0.5 : millionths + 0.5), 6);
}

static mistake print_results(void) {
  if (!has_results) return "No inference was made";
  board_print("m-results-[");
#if MLPERF_INPUT == MLPERF_FLOATS
  double sum = 0;
  for (int i = 0; i < VALUES; ++i) {
    const double difference = output_value(i) - (double)float_at(i);
    sum += difference * difference;
  }
  print_value(sum / VALUES);
#else
  for (int i = 0; i < TN_NET_OUTPUT_BYTES; ++i) {
    if (i > 0) board_print(",");
    print_value(output_value(i));
  }
#endif
  board_print("]\n");
  return NULL;
}

static void run(int32_t times) {
  for (int32_t i = 0; i < times; ++i) tn_net_run(image);
}

static mistake infer(const char *times, const char *warmups) {
  const int32_t n = times == NULL ? 1 : number_of(times);
  const int32_t w = warmups == NULL ? DEFAULT_WARMUPS : number_of(warmups);
  if (n <= 0) return "Inference iterations must be >0";
  if (w < 0) return "Inference warmup must be >=0";
  if (buffer_filled != INPUT_BYTES) return mistaken_size("Input db is not loaded whole");
  if (!prepare_counter()) return "The cycle counter has 24 bits: compile with -D<MODEL>_TRACE";
  for (int i = 0; i < VALUES; ++i) image[i] = value_at(i);
  print_count("m-warmup-start-", (uint32_t)w, "\n");
  run(w);
  board_print("m-warmup-done\n");
  print_count("m-infer-start-", (uint32_t)n, "\n");
  print_timestamp();
  run(n);
  print_timestamp();
  board_print("m-infer-done\n");
  has_results = true;
  return print_results();
}

/* ---- Commands ---- */

/* Ends the next word of *rest with a 0 and returns it; NULL: there is none. */
static char *next_word(char **rest) {
  char *word = *rest;
  while (*word == ' ' || *word == '\r' || *word == '\n') ++word;
  char *end = word;
  while (*end != 0 && *end != ' ' && *end != '\r' && *end != '\n') ++end;
  *rest = *end == 0 ? end : end + 1;
  *end = 0;
  return end == word ? NULL : word;
}

static mistake db(char *rest) {
  const char *const word = next_word(&rest);
  if (word == NULL) return "Command 'db' requires a subcommand";
  if (strcmp(word, "load") == 0) return begin_load(next_word(&rest));
  if (strcmp(word, "print") != 0) return load_bytes(word);
  print_buffer();
  return NULL;
}

static void help(void) {
  board_print(FIRMWARE
              "\n\n"
              "help         : this text\n"
              "name         : the device's name\n"
              "profile      : the firmware's version and the benchmark\n"
              "timestamp    : microseconds\n"
              "db load N    : the input will have N bytes\n"
              "db HH[HH]*   : bytes of it, hexadecimal, until there are N\n"
              "db print     : these bytes\n"
              "infer N [W]  : N inferences after W (10) to warm up\n"
              "results      : of the last inference, in float\n");
}

static mistake answer(char *command) {
  char *rest = command;
  const char *const word = next_word(&rest);
  if (word == NULL) return NULL; /* the runner flushes what it may have sent in part */
  if (strcmp(word, "db") == 0) return db(rest);
  if (strcmp(word, "results") == 0) return print_results();
  if (strcmp(word, "infer") == 0) {
    const char *const times = next_word(&rest);
    return infer(times, next_word(&rest));
  }
  if (strcmp(word, "name") == 0)
    board_print("m-name-dut-[" BOARD_TEXT(MLPERF_VENDOR) "]\n");
  else if (strcmp(word, "profile") == 0)
    board_print("m-profile-[" FIRMWARE "]\nm-model-[" BOARD_TEXT(MLPERF_MODEL) "]\n");
  else if (strcmp(word, "timestamp") == 0)
    print_timestamp();
  else if (strcmp(word, "help") == 0)
    help();
  else {
    board_print("e-[Unknown command: ");
    board_print(word);
    board_print("]\n");
  }
  return NULL;
}

static void answer_line(char *command, bool too_long) {
  const mistake wrong = too_long ? "Command too long" : answer(command);
  if (wrong != NULL) {
    board_print("e-[");
    board_print(wrong);
    board_print("]\n");
  }
  board_print("m-ready\n");
}

int main(void) {
  board_init();
  cycles_start();
  tn_net_init();
  board_print("m-timestamp-mode-performance\nm-init-done\nm-ready\n");
  char command[COMMAND_BYTES + 1];
  uint32_t length = 0;
  for (int byte = board_get(); byte >= 0; byte = board_get()) {
    if (byte != '%') {
      if (length < COMMAND_BYTES) command[length] = (char)byte;
      ++length;
      continue;
    }
    command[length < COMMAND_BYTES ? length : COMMAND_BYTES] = 0;
    answer_line(command, length > COMMAND_BYTES);
    length = 0;
  }
  board_exit(0);
}
