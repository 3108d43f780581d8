/* board.h for QEMU's boards: a UART that is QEMU's standard input and output. A real board's file looks much
 * the same: its manual names the registers, its own code has the start-up. */
#include "../board.h"

#include <stdbool.h>

#include "start.h"

#define REGISTER(type, offset) (*(volatile type *)(BOARD_UART + (offset))) /* -DBOARD_UART=<address> */

#ifdef __riscv
/* 16550: data, line status. */
enum { DATA = 0, STATUS = 5, RECEIVED = 1 << 0, CAN_SEND = 1 << 5 };
typedef uint8_t uart_register;

void board_init(void) {}
static bool can_send(void) { return (REGISTER(uart_register, STATUS) & CAN_SEND) != 0; }
#else
/* CMSDK APB UART of Arm's MPS2 and MPS3. */
enum {
  DATA = 0,
  STATUS = 4,
  CONTROL = 8,
  BAUD_DIVIDER = 16,
  SENDING_IS_FULL = 1,
  RECEIVED = 2,
  ENABLE_BOTH = 3
};
typedef uint32_t uart_register;

void board_init(void) {
  REGISTER(uart_register, BAUD_DIVIDER) = 16; /* the least it takes */
  REGISTER(uart_register, CONTROL) = ENABLE_BOTH;
}
static bool can_send(void) { return (REGISTER(uart_register, STATUS) & SENDING_IS_FULL) == 0; }
#endif

void board_put(char byte) {
  while (!can_send()) {
  }
  REGISTER(uart_register, DATA) = (uint8_t)byte;
}
int board_get(void) {
  while ((REGISTER(uart_register, STATUS) & RECEIVED) == 0) {
  }
  return (uint8_t)REGISTER(uart_register, DATA);
}
void board_exit(int status) { host_exit(status); }
