/* What a program under QEMU can ask of the host, and a counter of instructions. */
#ifndef TINYNAS_EMULATOR_START_H
#define TINYNAS_EMULATOR_START_H

#include <stdint.h>

enum { HOST_READ_BINARY = 1, HOST_WRITE_BINARY = 5 }; /* modes of host_open, as fopen's "rb" and "wb" */

int main(void);

/* Arm's operations, which are RISC-V's too (IHI 0100); the answer. */
int semihost(int operation, const void *arguments);

void host_print(const char *text); /* to QEMU's stderr */
_Noreturn void host_exit(int code);
int host_open(const char *name, int mode);
void host_read(int file, void *data, uint32_t bytes);
void host_write(int file, const void *data, uint32_t bytes);
void host_close(int file);

/* Ticks of SysTick since ticks_start(), with -icount shift=0 a fixed number of instructions each; on RISC-V
 * instructions. */
void ticks_start(void);
uint64_t ticks_now(void);

/* Between the core's own file (start_arm.c, start_riscv.c) and start.c. */
_Noreturn void start(void); /* fills memory, runs main and exits */
_Noreturn void fault(void);

#endif
