/* What the programs in this folder need of a board: four functions, which you write for yours (qemu/board.c
 * does for an emulated one), and printing on top of them. No libc is used. */
#ifndef TINYNAS_EXAMPLES_BOARD_H
#define TINYNAS_EXAMPLES_BOARD_H

#include <stdint.h>

void board_init(void);     /* clocks and a UART, the first thing that main() calls */
void board_put(char byte); /* sends one byte; waits until it is taken */
int board_get(void);       /* waits for a byte, 0 to 255; less than 0: none will come any more */
/* The program is done, 0: well. On a board: wait for ever. */
_Noreturn void board_exit(int status);

/* A macro's value as text: -DNAME=value needs no quotes. */
#define BOARD_TEXT_OF(value) #value
#define BOARD_TEXT(macro) BOARD_TEXT_OF(macro)

/* Text; every '\n' is sent as CR LF, as terminals and serial monitors expect. */
static inline void board_print(const char *text) {
  for (; *text != 0; ++text) {
    if (*text == '\n') board_put('\r');
    board_put(*text);
  }
}

static inline void board_print_unsigned(uint64_t value) {
  char digits[20]; /* of 2^64 - 1 */
  int count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) != 0);
  while (count > 0) board_put(digits[--count]);
}

static inline void board_print_number(int64_t value) {
  if (value < 0) board_put('-');
  board_print_unsigned(value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/* value / 10^decimals: 12345 with 3 decimals is 12.345. */
static inline void board_print_fixed(int64_t value, int decimals) {
  uint64_t one = 1;
  for (int i = 0; i < decimals; ++i) one *= 10;
  const uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  if (value < 0) board_put('-');
  board_print_unsigned(size / one);
  if (decimals > 0) board_put('.');
  for (uint64_t rest = size % one; one > 1; rest %= one) {
    one /= 10;
    board_put((char)('0' + rest / one));
  }
}

#endif
