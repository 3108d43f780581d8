/* Plugin for QEMU (Arm and RISC-V): counts how often every block of code runs on behalf of every layer.
 *
 * Arguments: ranges=FILE, lines "address size slot" (hexadecimal, hexadecimal, decimal) of functions;
 * out=FILE. Code in a listed function runs for its slot, code elsewhere (kernels, libc) for the slot that
 * called it. Slot 0 is not counted, slot 1 is the loops around the layers, the others are layers. A call of a
 * layer's function that calls nothing itself found a row missing: it counts for slot 1, since how often that
 * happens is the schedule's matter. Blocks are counted when they are entered: QEMU ends a block at every
 * branch.
 *
 * Writes lines "slot address instructions executions jumps extra": how many instructions begin at the
 * address, how often they ran, how often what ran next stood elsewhere (a branch was taken), and how many
 * accesses more than aligned ones a 32-bit bus needs (1 for a halfword at an odd address or a word at an even
 * one, 2 for a word at an odd one).
 *
 * Declares the few entry points it uses (plugin API version 1, QEMU 4.2 and later), so that no header of QEMU
 * is needed to build it. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct tb;
struct insn;
struct machine {
  const char *target; /* "arm", "riscv32"; other fields follow */
};
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct tb *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_vcpu_mem_cb(struct insn *, void (*)(unsigned, uint32_t, uint64_t, void *),
                                             int, int, void *);
extern unsigned qemu_plugin_mem_size_shift(uint32_t);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct tb *);
extern struct insn *qemu_plugin_tb_get_insn(const struct tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct insn *);
extern const void *qemu_plugin_insn_data(const struct insn *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { NO_REGISTERS = 0, READS_AND_WRITES = 3 }; /* of the plugin API */
enum { INHERIT = -1, BETWEEN_LAYERS = 1, FIRST_LAYER = 2, MAX_SLOTS = 4096, MAX_UNDECIDED = 64 };

typedef struct {
  uint64_t begin, end;
  int slot;
} range;
static range *ranges;
static size_t range_count;

typedef struct {
  uint64_t executions, jumps, extra;
} tally;

typedef struct block {
  uint64_t begin, end;
  size_t instructions;
  int slot;       /* or INHERIT */
  tally *tallies; /* per slot */
  struct block *next;
} block;
static block *blocks;

static const block *last_block;
static int current_slot, slots; /* tallies[slots] is that of a call that is not decided yet */
static const char *out_name;

/* A call of a layer's function, for as long as it has called nothing: what it ran, and its slot. */
static const block *undecided[MAX_UNDECIDED];
static size_t undecided_count;
static int undecided_slot;

static int slot_of(uint64_t address) {
  for (size_t i = 0; i < range_count; ++i)
    if (address >= ranges[i].begin && address < ranges[i].end) return ranges[i].slot;
  return INHERIT;
}

static void decide(int slot) {
  for (size_t i = 0; i < undecided_count; ++i) {
    tally *const from = &undecided[i]->tallies[slots], *const to = &undecided[i]->tallies[slot];
    to->executions += from->executions, to->jumps += from->jumps, to->extra += from->extra;
    *from = (tally){0};
  }
  undecided_count = 0;
  current_slot = slot;
}

static void enter(const block *entered) {
  const int is_undecided = current_slot == slots;
  if (entered->slot == INHERIT) {
    if (is_undecided) decide(undecided_slot);
  } else if (entered->slot != (is_undecided ? undecided_slot : current_slot)) {
    if (is_undecided) decide(BETWEEN_LAYERS);
    current_slot = entered->slot < FIRST_LAYER ? entered->slot : slots;
    undecided_slot = entered->slot;
  }
  if (current_slot == slots && undecided_count == MAX_UNDECIDED) decide(undecided_slot); /* loops: it works */
  if (current_slot == slots) undecided[undecided_count++] = entered;
}

static void on_execute(unsigned cpu, void *data) {
  (void)cpu;
  const block *const entered = data;
  if (last_block != NULL && last_block->end != entered->begin) ++last_block->tallies[current_slot].jumps;
  enter(entered);
  ++entered->tallies[current_slot].executions;
  last_block = entered;
}

static void on_access(unsigned cpu, uint32_t info, uint64_t address, void *data) {
  (void)cpu;
  const block *const from = data;
  const unsigned shift = qemu_plugin_mem_size_shift(info);
  const unsigned odd = (unsigned)address & ((1U << (shift < 2 ? shift : 2)) - 1);
  if (odd != 0) from->tallies[current_slot].extra += odd & 1 ? shift : 1;
}

static bool is_riscv;

/* By its first halfword. (QEMU's own figure is 2 too many before one that lies across two pages.) */
static uint64_t bytes_of(const struct insn *instruction) {
  uint16_t first;
  memcpy(&first, qemu_plugin_insn_data(instruction), sizeof first);
  const bool is_long = is_riscv ? (first & 3) == 3 : first >> 11 >= 0x1d /* Thumb */;
  return is_long ? 4 : 2;
}

static void on_translate(plugin_id id, struct tb *tb) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(tb);
  const struct insn *const last = qemu_plugin_tb_get_insn(tb, count - 1);
  block *const made = calloc(1, sizeof *made); /* lives as long as the emulator */
  made->begin = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
  made->end = qemu_plugin_insn_vaddr(last) + bytes_of(last);
  made->instructions = count;
  made->slot = slot_of(made->begin);
  made->tallies = calloc((size_t)slots + 1, sizeof *made->tallies);
  made->next = blocks;
  blocks = made;
  qemu_plugin_register_vcpu_tb_exec_cb(tb, on_execute, NO_REGISTERS, made);
  for (size_t i = 0; i < count; ++i)
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), on_access, NO_REGISTERS,
                                     READS_AND_WRITES, made);
}

static void write_counts(plugin_id id, void *data) {
  (void)id;
  (void)data;
  FILE *const out = fopen(out_name, "w");
  if (out == NULL) return;
  for (const block *b = blocks; b != NULL; b = b->next)
    for (int slot = 1; slot < slots; ++slot) {
      const tally *const t = &b->tallies[slot];
      if (t->executions > 0)
        fprintf(out, "%d %" PRIx64 " %zu %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", slot, b->begin,
                b->instructions, t->executions, t->jumps, t->extra);
    }
  fclose(out);
}

static bool read_ranges(const char *name) {
  FILE *const in = fopen(name, "r");
  if (in == NULL) return false;
  uint64_t begin, size;
  int slot;
  while (fscanf(in, "%" SCNx64 " %" SCNx64 " %d", &begin, &size, &slot) == 3) {
    if (slot < 0 || slot >= MAX_SLOTS) return false;
    if (slot >= slots) slots = slot + 1;
    ranges = realloc(ranges, (range_count + 1) * sizeof *ranges);
    ranges[range_count++] = (range){begin, begin + size, slot};
  }
  fclose(in);
  return range_count > 0;
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const struct machine *machine,
                                                               int argc, char **argv) {
  static const char ranges_key[] = "ranges=", out_key[] = "out=", riscv[] = "riscv";
  is_riscv = strncmp(machine->target, riscv, strlen(riscv)) == 0;
  bool ready = false;
  for (int i = 0; i < argc; ++i) {
    if (strncmp(argv[i], ranges_key, strlen(ranges_key)) == 0)
      ready = read_ranges(argv[i] + strlen(ranges_key));
    if (strncmp(argv[i], out_key, strlen(out_key)) == 0) out_name = argv[i] + strlen(out_key);
  }
  if (!ready || out_name == NULL) {
    fprintf(stderr, "count_plugin: expected ranges=FILE,out=FILE\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  qemu_plugin_register_atexit_cb(id, write_counts, NULL);
  return 0;
}
