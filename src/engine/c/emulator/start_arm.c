/* Cortex-M: from reset to start(), semihosting's call, SysTick. */
#include "start.h"

extern uint32_t __stack_top[];

/* Arm semihosting (IHI 0100): operation in r0, block of arguments in r1. */
int semihost(int operation, const void *arguments) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = arguments;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

/* SysTick counts down at the board's clock; its interrupt counts the wraps of its 24 bits. */
#define SYST ((volatile uint32_t *)0xE000E010)
enum { SYST_CSR = 0, SYST_RVR = 1, SYST_CVR = 2, SYST_MAX = 0xFFFFFF };
static volatile uint32_t wraps;

static void sys_tick(void) { ++wraps; }

void ticks_start(void) {
  wraps = 0;
  SYST[SYST_RVR] = SYST_MAX;
  SYST[SYST_CVR] = 0;
  SYST[SYST_CSR] = 7; /* processor clock, interrupt, enable */
}

uint64_t ticks_now(void) {
  uint32_t before, value;
  do {
    before = wraps;
    value = SYST[SYST_CVR];
  } while (before != wraps);
  return (uint64_t)before * (SYST_MAX + 1U) + (SYST_MAX - value);
}

/* What reset runs before memory is filled. */
__attribute__((used, noreturn)) static void start_arm(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  *(volatile uint32_t *)0xE000ED88 |= 0xFU << 20; /* CPACR: full access to FPU and MVE */
  __asm__ volatile(
      "dsb\n"
      "isb");
#endif
  start();
}

__attribute__((naked, noreturn)) void reset(void) {
  __asm__ volatile(
      "ldr  r0, =__stack_top\n"
      "mov  sp, r0\n"
      "ldr  r0, =start_arm\n"
      "bx   r0\n");
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    [0] = __extension__(vector) __stack_top, /* ISO C has no such cast */
    [1] = reset,
    [2] = fault,
    [3] = fault,
    [4] = fault,
    [5] = fault,
    [6] = fault,
    [7] = fault,
    [11] = fault,
    [12] = fault,
    [14] = fault,
    [15] = sys_tick,
};
