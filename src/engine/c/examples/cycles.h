/* A counter of the processor's cycles, 64 bits wide: cycles_start() once, then differences of cycles_now().
 *
 *   Cortex-M3 and up   CYCCNT of the DWT, 32 bits
 *   other Cortex-M     SysTick, 24 bits; also where CYCCNT is missing or stands still (as in QEMU)
 *   RISC-V             mcycle, 64 bits; an ESP32-C3 has none
 *   -DCYCLES_OF_BOARD  what you supply: the three functions below. On Espressif's processors, the ESP32-C3
 *                      among them, they read esp_cpu_get_cycle_count(), 32 bits
 *
 * cycles_now() adds up the wraps of a narrow counter, without an interrupt, as long as it is called in time:
 * at least once in 2^24 cycles of SysTick or 2^32 of CYCCNT. cycles_narrow() tells that 2^24 is the limit:
 * programs then call it after every row of a layer, which takes less on any core. SysTick must not be in use
 * otherwise (by an operating system, say).
 *
 * -DCYCLES_UNIT=... and -DCYCLES_PER_TICK=... are for emulators: QEMU counts instructions, and its SysTick is
 * slower than they are. */
#ifndef TINYNAS_EXAMPLES_CYCLES_H
#define TINYNAS_EXAMPLES_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

#ifndef CYCLES_UNIT
#define CYCLES_UNIT cycles
#endif

#if defined(CYCLES_OF_BOARD)

void cycles_start(void);
uint64_t cycles_now(void);
bool cycles_narrow(void);

#elif defined(__riscv)

/* -march need not name the instructions that read it (zicsr). */
#define CYCLES_READ(name, to)  \
  __asm__ volatile(            \
      ".option push\n"         \
      ".option arch, +zicsr\n" \
      "csrr %0, " name         \
      "\n"                     \
      ".option pop\n"          \
      : "=r"(to))

static inline void cycles_start(void) {}
static inline uint64_t cycles_now(void) {
  uint32_t high, low, again;
  do {
    CYCLES_READ("mcycleh", high);
    CYCLES_READ("mcycle", low);
    CYCLES_READ("mcycleh", again);
  } while (high != again);
  return (uint64_t)high << 32 | low;
}
static inline bool cycles_narrow(void) { return false; }

#elif defined(__arm__)

#ifndef CYCLES_PER_TICK
#define CYCLES_PER_TICK 1
#endif

#define CYCLES_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

static struct {
  bool by_systick;
  uint32_t last;
  uint64_t passed;
} cycles_state;

/* A Cortex-M0 or M23 has no CYCCNT; elsewhere it is optional, and may stand still. */
static inline bool cycles_start_dwt(void) {
#if defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_8M_BASE__)
  return false;
#else
  enum { TRACE_ENABLE = 1 << 24, COUNT_ENABLE = 1, LOOK_AT_MOST = 100 };
  CYCLES_REGISTER(0xE000EDFC) |= TRACE_ENABLE; /* DEMCR */
  CYCLES_REGISTER(0xE0001FB0) = 0xC5ACCE55;    /* DWT_LAR: unlocks it on a Cortex-M7 */
  CYCLES_REGISTER(0xE0001004) = 0;             /* DWT_CYCCNT */
  CYCLES_REGISTER(0xE0001000) |= COUNT_ENABLE; /* DWT_CTRL */
  for (int i = 0; i < LOOK_AT_MOST; ++i)
    if (CYCLES_REGISTER(0xE0001004) != 0) return true;
  return false;
#endif
}

enum { CYCLES_SYSTICK_MOST = 0xFFFFFF };

static inline uint32_t cycles_counter(void) {
  return cycles_state.by_systick ? CYCLES_SYSTICK_MOST - CYCLES_REGISTER(0xE000E018) /* it counts down */
                                 : CYCLES_REGISTER(0xE0001004);
}

static inline void cycles_start(void) {
  cycles_state.by_systick = !cycles_start_dwt();
  if (cycles_state.by_systick) {
    CYCLES_REGISTER(0xE000E014) = CYCLES_SYSTICK_MOST; /* SYST_RVR */
    CYCLES_REGISTER(0xE000E018) = 0;                   /* SYST_CVR: begins anew */
    CYCLES_REGISTER(0xE000E010) = 5;                   /* SYST_CSR: the processor's clock, no interrupt, on */
  }
  cycles_state.last = cycles_counter();
  cycles_state.passed = 0;
}

static inline uint64_t cycles_now(void) {
  const uint32_t now = cycles_counter();
  cycles_state.passed += (now - cycles_state.last) & (cycles_state.by_systick ? CYCLES_SYSTICK_MOST : ~0U);
  cycles_state.last = now;
  return cycles_state.passed * CYCLES_PER_TICK;
}

static inline bool cycles_narrow(void) { return cycles_state.by_systick; }

#else
#error "how does this processor count cycles? Supply cycles_start() and cycles_now(), and -DCYCLES_OF_BOARD"
#endif
#endif
