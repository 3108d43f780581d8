/* What programs under QEMU need on every core: memory filled as the linker script says, and semihosting, by
 * which they ask something of the host. */
#include "start.h"

extern uint32_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];

enum { SYS_OPEN = 1, SYS_CLOSE = 2, SYS_WRITE0 = 4, SYS_WRITE = 5, SYS_READ = 6, SYS_EXIT_EXTENDED = 0x20 };

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

void fault(void) {
  host_print("fault: the program did something the core forbids\n");
  host_exit(99);
}

void start(void) {
  const uint32_t *from = __data_load;
  for (uint32_t *to = __data_start; to < __data_end;) *to++ = *from++;
  for (uint32_t *to = __bss_start; to < __bss_end;) *to++ = 0;
  host_exit(main());
}
