/* Start-up for the emulated boards, and semihosting: the little that a program under QEMU needs. */
#include "start.h"

#include <stddef.h>

extern uint32_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[], __stack_top[];

enum { SYS_OPEN = 1, SYS_CLOSE = 2, SYS_WRITE0 = 4, SYS_WRITE = 5, SYS_READ = 6, SYS_EXIT_EXTENDED = 0x20 };

/* Arm semihosting (IHI 0100): operation in r0, block of arguments in r1. */
int semihost(int operation, const void *arguments) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = arguments;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void host_print(const char *text) { semihost(SYS_WRITE0, text); }

void host_exit(int code) {
  const uint32_t block[2] = {0x20026 /* application exit */, (uint32_t)code};
  semihost(SYS_EXIT_EXTENDED, block);
  for (;;) {
  }
}

int host_open(const char *name, int mode) {
  uint32_t length = 0;
  while (name[length] != 0) ++length;
  const uint32_t block[3] = {(uint32_t)name, (uint32_t)mode, length};
  const int file = semihost(SYS_OPEN, block);
  if (file < 0) {
    host_print("cannot open a file of the host\n");
    host_exit(90);
  }
  return file;
}

/* SYS_READ and SYS_WRITE return the number of bytes NOT transferred. */
static void transfer(int operation, int file, const void *data, uint32_t bytes) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)data, bytes};
  if (semihost(operation, block) != 0) {
    host_print("a file of the host is too short\n");
    host_exit(91);
  }
}
void host_read(int file, void *data, uint32_t bytes) { transfer(SYS_READ, file, data, bytes); }
void host_write(int file, const void *data, uint32_t bytes) { transfer(SYS_WRITE, file, data, bytes); }
void host_close(int file) {
  const uint32_t block[1] = {(uint32_t)file};
  semihost(SYS_CLOSE, block);
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

static void fault(void) {
  host_print("fault: the program did something the core forbids\n");
  host_exit(99);
}

__attribute__((used, noreturn)) static void start(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
  *(volatile uint32_t *)0xE000ED88 |= 0xFU << 20; /* CPACR: full access to FPU and MVE */
  __asm__ volatile(
      "dsb\n"
      "isb");
#endif
  const uint32_t *from = __data_load;
  for (uint32_t *to = __data_start; to < __data_end;) *to++ = *from++;
  for (uint32_t *to = __bss_start; to < __bss_end;) *to++ = 0;
  host_exit(main());
}

__attribute__((naked, noreturn)) void reset(void) {
  __asm__ volatile(
      "ldr  r0, =__stack_top\n"
      "mov  sp, r0\n"
      "ldr  r0, =start\n"
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
