/* RV32: from reset to start(), semihosting's call, the counter of instructions. */
#include "start.h"

/* RISC-V Semihosting 0.2: these three instructions, uncompressed; operation in a0, arguments at a1. */
int semihost(int operation, const void *arguments) {
  register int a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = arguments;
  __asm__ volatile(
      ".balign 16\n"
      ".option push\n"
      ".option norvc\n"
      "slli x0, x0, 0x1f\n"
      "ebreak\n"
      "srai x0, x0, 7\n"
      ".option pop\n"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
}

/* minstret is 64 bits in two halves; rv32imc does not name the instructions that read it. */
#define READ_CSR(name, to)     \
  __asm__ volatile(            \
      ".option push\n"         \
      ".option arch, +zicsr\n" \
      "csrr %0, " name         \
      "\n"                     \
      ".option pop\n"          \
      : "=r"(to))

static uint64_t retired(void) {
  uint32_t high, low, again;
  do {
    READ_CSR("minstreth", high);
    READ_CSR("minstret", low);
    READ_CSR("minstreth", again);
  } while (high != again);
  return (uint64_t)high << 32 | low;
}

static uint64_t started;

void ticks_start(void) { started = retired(); }
uint64_t ticks_now(void) { return retired() - started; }

__attribute__((aligned(4), used)) static void trap(void) { fault(); }

__attribute__((section(".vectors"), naked, noreturn, used)) void reset(void) {
  __asm__ volatile(
      ".option push\n"
      ".option arch, +zicsr\n"
      "la   sp, __stack_top\n"
      "la   t0, trap\n"
      "csrw mtvec, t0\n"
      "j    start\n"
      ".option pop\n");
}
