#include "emulator/linker_map.h"
#include "tinynas/core/error.h"

#include "support/catch.h"

using namespace tinynas;

namespace {

// What ld prints, cut down: a dropped section, a long name on its own line, libc, start-up, alignment.
constexpr const char* kMap = R"(Discarded input sections

 .text.net_run  0x00000000       0x30 net.o

Linker script and memory map

.text           0x00000400      0x200
 *(.text*)
 .text.net_push_row
                0x00000400       0x64 net.o
 .text.tn_add   0x00000464       0x10 build/tinynas_add.o
 *fill*         0x00000474        0x4
 .text.main     0x00000478       0x40 start.o
 .text.memcpy   0x000004b8       0x20 /usr/lib/libc_nano.a(memcpy.o)
.rodata         0x00000600       0x18
 .rodata.l1     0x00000600       0x18 net.o
.arena          0x20000000      0x100
 .bss.tinynas_arena
                0x20000000      0x100 net.o
.bss            0x20000100        0xc
 .bss.next      0x20000100        0xc net.o
 .debug_info    0x00000000      0x999 net.o
)";

}  // namespace

TEST_CASE("sizes are summed over the model's objects as linked") {
  const emulator::LinkedSizes sizes =
      emulator::sizes_from_map(kMap, {"net.o", "tinynas_add.o"}, ".bss.tinynas_arena");
  CHECK(sizes.text == 0x74);
  CHECK(sizes.rodata == 0x18);
  CHECK(sizes.data == 0);
  CHECK(sizes.bss == 0x10c);
  CHECK(sizes.arena == 0x100);
  CHECK(sizes.flash() == 0x8c);
  CHECK(sizes.sram() == 0x10c);
}

TEST_CASE("small data of a RISC-V counts, what relaxing saved does not") {
  const emulator::LinkedSizes sizes = emulator::sizes_from_map(R"(Linker script and memory map

 .text.tn_add   0x80000464       0x0c tinynas_add.o
                                 0x10 (size before relaxing)
 .srodata.l1    0x80000600        0x8 net.o
 .sdata.on      0x80400000        0x4 net.o
 .sbss.rows     0x80400100        0x2 net.o
)",
                                                               {"net.o", "tinynas_add.o"}, ".bss.x");
  CHECK(sizes.text == 12);
  CHECK(sizes.rodata == 8);
  CHECK(sizes.data == 4);
  CHECK(sizes.bss == 2);
}

TEST_CASE("a file that is no linker map is refused") {
  CHECK_THROWS_AS(emulator::sizes_from_map("hello", {}, ".arena"), IoError);
}
