/* Runs a generated model on the images in images.bin and writes results.bin for the emulator's caller:
 * per image the output and the ticks it took, at the end what was seen of stack and arena. */
#include <stddef.h>

#include "model_binding.h"
#include "start.h"

extern uint8_t __guard_low[], __guard_high[], __guard_end[], __stack_limit[], __stack_top[];

enum { FILL = 0xA5, FILL_FRAME = 32 /* bytes of stack that fill() itself may use */ };

register uint8_t *stack_pointer __asm__("sp");

#ifdef TN_NET_INPUTS
static int8_t image[TN_NET_INPUTS_BYTES]; /* all inputs, one behind the other */
#else
static int8_t image[TN_NET_HEIGHT * TN_NET_ROW_BYTES];
#endif

static void fill(uint8_t *from, const uint8_t *to) {
  while (from < to) *from++ = FILL;
}
static uint32_t untouched(const uint8_t *from, const uint8_t *to) {
  uint32_t bytes = 0;
  while (from + bytes < to && from[bytes] == FILL) ++bytes;
  return bytes;
}
static uint32_t untouched_at_end(const uint8_t *from, const uint8_t *to) {
  uint32_t bytes = 0;
  while (to > from && *--to == FILL) ++bytes;
  return bytes;
}

/* Apart, so that what it needs of the stack lies below what it fills. */
__attribute__((noinline)) static void infer(void) {
#if defined(TN_NET_INPUTS) && TN_NET_INPUTS > 1
  const int8_t *values = image + TN_NET_HEIGHT * TN_NET_ROW_BYTES;
  for (int i = 1; i < TN_NET_INPUTS; ++i) values = tn_net_set_input(i, values);
#endif
  for (int y = 0; y < TN_NET_HEIGHT; ++y) tn_net_push_row(image + y * TN_NET_ROW_BYTES);
}

static void write_outputs(int results) {
#ifdef TN_NET_OUTPUTS
  static const uint32_t sizes[] = TN_NET_OUTPUT_SIZES;
  for (int i = 0; i < TN_NET_OUTPUTS; ++i) host_write(results, tn_net_output_at(i), sizes[i]);
#else
  host_write(results, tn_net_output(), TN_NET_OUTPUT_BYTES);
#endif
}

int main(void) {
  const int images = host_open("images.bin", HOST_READ_BINARY);
  const int results = host_open("results.bin", HOST_WRITE_BINARY);
  uint32_t count = 0;
  host_read(images, &count, sizeof count);

  fill(__guard_low, __guard_end); /* guards and arena: no inference may rely on zeros */
  tn_net_init();
  uint32_t stack = 0;
  for (uint32_t i = 0; i < count; ++i) {
    host_read(images, image, sizeof image);
    uint8_t *const top = stack_pointer; /* main's own frame lies above and is not counted */
    fill(__stack_limit, top - FILL_FRAME);
    ticks_start();
    infer();
    const uint64_t ticks = ticks_now();
    const uint32_t used = (uint32_t)(top - __stack_limit) - untouched(__stack_limit, top - FILL_FRAME);
    if (used > stack) stack = used;
    write_outputs(results);
    host_write(results, &ticks, sizeof ticks);
    host_print("."); /* progress */
  }

  const uint32_t guard = (uint32_t)(__guard_end - __guard_high); /* both have this size */
  const uint32_t seen[4] = {
      stack,                                        /* bytes of it */
      untouched(__guard_low, __guard_high) < guard, /* written below the arena */
      untouched(__guard_high, __guard_end) < guard, /* written above it */
      untouched_at_end(__guard_low, __guard_high),  /* unused end of the arena */
  };
  host_write(results, seen, sizeof seen);
  host_close(results);
  return 0;
}
