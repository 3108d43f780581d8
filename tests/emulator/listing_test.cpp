#include "emulator/listing.h"

#include "support/catch.h"

using namespace tinynas;
using cost::Event;

namespace {

using cost::Architecture;

emulator::Instruction instruction(std::string_view line, Architecture architecture = Architecture::kArm) {
  emulator::Instruction parsed;
  INFO(line);
  REQUIRE(emulator::parse_listing_line(architecture, line, parsed));
  return parsed;
}

}  // namespace

TEST_CASE("instructions are classified by mnemonic and operands") {
  struct Row {
    const char* line;
    Event kind;
    int words;
  };
  for (const Row& row : {Row{"    2010:\tldr.w\tr3, [r0], #4", Event::kLoad, 0},
                         Row{"    2014:\tldrd\tr6, r7, [ip], #8", Event::kLoad, 1},
                         Row{"    2018:\tldmia.w\tlr!, {r9, sl, fp}", Event::kLoad, 2},
                         Row{"    201c:\tpush\t{r4, r5, r6, r7, r8, r9, sl, fp, lr}", Event::kStore, 8},
                         Row{"    201e:\tpop\t{r4-r7, pc}", Event::kLoad, 4},
                         Row{"    2020:\tstrb\tr1, [r9, #1]", Event::kStore, 0},
                         Row{"    2024:\tsmlad\tr0, r8, r9, r0", Event::kMultiply, 0},
                         Row{"    2028:\tsmlabb\tr0, r8, r9, r0", Event::kMultiply, 0},
                         Row{"    202c:\tsmmlar\tr0, r0, r6, r9", Event::kMultiply, 0},
                         Row{"    2030:\tsmull\tr0, r1, r2, r3", Event::kLongMultiply, 0},
                         Row{"    2034:\tsxtb16\tr8, r6", Event::kOther, 0},
                         Row{"    2038:\tbne.w\t2010 <loop>", Event::kBranch, 0},
                         Row{"    203c:\tbl\t100 <tn_conv>", Event::kBranch, 0},
                         Row{"    2040:\tbic.w\tr1, r1, #3", Event::kOther, 0},
                         Row{"    2044:\tbfi\tr1, r2, #0, #8", Event::kOther, 0},
                         Row{"    2048:\tcbz\tr0, 2050 <x>", Event::kBranch, 0},
                         Row{"    204a:\tudiv\tr0, r0, r1", Event::kDivide, 0},
                         Row{"    204e:\tvldrb.s32\tq0, [r0]", Event::kVectorMemory, 0},
                         Row{"    2052:\tvmladava.s8\tr0, q0, q1", Event::kVector, 0},
                         Row{"    2056:\tvldr\ts0, [r0]", Event::kLoad, 0}}) {
    const emulator::Instruction parsed = instruction(row.line);
    CAPTURE(row.line);
    CHECK(parsed.kind == row.kind);
    CHECK(parsed.words == row.words);
  }
  CHECK(instruction("    2010:\tldr.w\tr3, [r0], #4").address == 0x2010);
  CHECK(instruction("    2060:\tle\tlr, 2054 <x>").loop_end);
}

TEST_CASE("instructions of a RISC-V are classified") {
  struct Row {
    const char* line;
    Event kind;
  };
  for (const Row& row : {Row{"80000400:\tlb\ta5,0(a0)", Event::kLoad},
                         Row{"80000404:\tlhu\ta5,2(a0)", Event::kLoad},
                         Row{"80000408:\tlw\tra,28(sp)", Event::kLoad},
                         Row{"8000040a:\tlui\ta5,0x20", Event::kOther},
                         Row{"8000040e:\tli\ta0,32", Event::kOther},
                         Row{"80000410:\tsb\ta5,0(a0)", Event::kStore},
                         Row{"80000414:\tsh\ta5,0(a0)", Event::kStore},
                         Row{"80000418:\tsw\tra,28(sp)", Event::kStore},
                         Row{"8000041a:\tsll\ta5,a5,0x2", Event::kOther},
                         Row{"8000041c:\tsub\ta0,a0,a4", Event::kOther},
                         Row{"8000041e:\tmul\ta0,a0,a1", Event::kMultiply},
                         Row{"80000422:\tmulh\ta0,a0,a1", Event::kLongMultiply},
                         Row{"80000426:\tmulhsu\ta0,a0,a1", Event::kLongMultiply},
                         Row{"8000042a:\tdivu\ta0,a0,a1", Event::kDivide},
                         Row{"8000042e:\trem\ta0,a0,a1", Event::kDivide},
                         Row{"80000432:\tbgeu\ta4,a5,8000046a <start+0x32>", Event::kBranch},
                         Row{"80000436:\tbeqz\ta4,80000440 <x>", Event::kBranch},
                         Row{"80000438:\tjal\t800004b0 <semihost>", Event::kBranch},
                         Row{"8000043a:\tjr\ta5", Event::kBranch},
                         Row{"8000043c:\tj\t80000420 <x>", Event::kBranch},
                         Row{"8000043e:\tret", Event::kBranch},
                         Row{"80000440:\tmv\ta0,a1", Event::kOther}}) {
    CAPTURE(row.line);
    const emulator::Instruction parsed = instruction(row.line, Architecture::kRiscv);
    CHECK(parsed.kind == row.kind);
    CHECK(parsed.words == 0);
  }
  CHECK(instruction("8000043e:\tret", Architecture::kRiscv).address == 0x8000043e);
}

TEST_CASE("lines of a listing that hold no instruction are skipped") {
  emulator::Instruction parsed;
  for (const char* line : {"", "firmware.elf:     file format elf32-littlearm",
                           "00002000 <tn_conv>:", "\t...", "Disassembly of section .text:"})
    CHECK_FALSE(emulator::parse_listing_line(Architecture::kArm, line, parsed));
}

TEST_CASE("a block's events are its instructions' times its executions") {
  std::vector<emulator::Instruction> block;
  for (const char* line :
       {"    10:\tldr\tr3, [r0]", "    12:\tldr\tr4, [r1]", "    14:\tldmia.w\tr2!, {r5, r6}",
        "    18:\tmla\tr7, r3, r4, r7", "    1c:\tbne.n\t10 <x>"})
    block.push_back(instruction(line));
  cost::EventCounts counts;
  emulator::add_block(block, {.executions = 10, .jumps = 9}, counts);
  CHECK(counts[Event::kLoad] == 30);
  CHECK(counts[Event::kWords] == 10);
  CHECK(counts[Event::kPipelined] == 10);  // the second behind the first; the third moves two registers
  CHECK(counts[Event::kMultiply] == 10);
  CHECK(counts[Event::kBranch] == 10);
  CHECK(counts[Event::kTaken] == 9);
  CHECK(counts.instructions() == 50);
}

TEST_CASE("vector instructions overlap with neighbours of the other group; hardware loops jump for nothing") {
  std::vector<emulator::Instruction> block;
  for (const char* line : {"    10:\tvldrb.u8\tq0, [r0], #16", "    14:\tvmladava.s8\tr2, q0, q1",
                           "    18:\tvmladava.s8\tr4, q0, q2", "    1c:\tletp\tlr, 10 <x>"})
    block.push_back(instruction(line));
  cost::EventCounts counts;
  emulator::add_block(block, {.executions = 5, .jumps = 4}, counts);
  CHECK(counts[Event::kVectorMemory] == 5);
  CHECK(counts[Event::kVector] == 10);
  CHECK(counts[Event::kOverlapped] == 5);
  CHECK(counts[Event::kTaken] == 0);
}
