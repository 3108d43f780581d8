/* Plugin for qemu-system-arm: counts the instructions of every layer by class.
 *
 * Arguments: ranges=FILE, lines "address size slot" (hexadecimal, hexadecimal, decimal) of functions; out=FILE.
 * Code in a listed function counts for its slot, code elsewhere (kernels, libc) for the slot that called it.
 * Slot 0 is not counted. Blocks are counted when they are entered: QEMU ends a block at every branch.
 *
 * Declares the few entry points it uses (plugin API version 1, QEMU 4.2 and later), so that no header of QEMU is
 * needed to build it. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t plugin_id;
struct block;
struct instruction;
struct machine;
extern void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct block *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct block *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct block *);
extern uint64_t qemu_plugin_tb_vaddr(const struct block *);
extern struct instruction *qemu_plugin_tb_get_insn(const struct block *, size_t);
extern char *qemu_plugin_insn_disas(const struct instruction *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { LOAD, STORE, MULTIPLY, BRANCH, OTHER, CLASSES };
enum { INHERIT = -1, MAX_SLOTS = 4096 };

typedef struct {
  uint64_t begin, end;
  int slot;
} range;
static range *ranges;
static size_t range_count;

typedef struct {
  int slot; /* or INHERIT */
  uint64_t instructions[CLASSES];
} counted_block;

static uint64_t counts[MAX_SLOTS][CLASSES];
static int current_slot, slots;
static const char *out_name;

static bool begins_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* By the mnemonic, as the disassembler prints it. */
static int class_of(const char *text) {
  static const struct {
    const char *prefix;
    int class;
  } prefixes[] = {
      {"ldr", LOAD},     {"ldm", LOAD},      {"pop", LOAD},       {"vldr", LOAD},     {"vldm", LOAD},
      {"vpop", LOAD},    {"str", STORE},     {"stm", STORE},      {"push", STORE},    {"vstr", STORE},
      {"vstm", STORE},   {"vpush", STORE},   {"mul", MULTIPLY},   {"mla", MULTIPLY},  {"mls", MULTIPLY},
      {"smul", MULTIPLY}, {"smla", MULTIPLY}, {"smls", MULTIPLY}, {"smu", MULTIPLY},  {"smml", MULTIPLY},
      {"smmul", MULTIPLY}, {"umul", MULTIPLY}, {"umla", MULTIPLY}, {"umaal", MULTIPLY}, {"vmla", MULTIPLY},
      {"vmul", MULTIPLY}, {"vqrdmul", MULTIPLY}, {"vqdmul", MULTIPLY}, {"cbz", BRANCH}, {"cbnz", BRANCH},
      {"tb", BRANCH},    {"le ", BRANCH},    {"letp", BRANCH},
  };
  for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; ++i)
    if (begins_with(text, prefixes[i].prefix)) return prefixes[i].class;
  /* b, bl, bx, blx and conditional branches, but not bic, bfi, bfc. */
  if (text[0] == 'b' && !begins_with(text, "bic") && !begins_with(text, "bf")) return BRANCH;
  return OTHER;
}

static int slot_of(uint64_t address) {
  for (size_t i = 0; i < range_count; ++i)
    if (address >= ranges[i].begin && address < ranges[i].end) return ranges[i].slot;
  return INHERIT;
}

static void on_execute(unsigned cpu, void *data) {
  (void)cpu;
  const counted_block *const block = data;
  if (block->slot != INHERIT) current_slot = block->slot;
  for (int c = 0; c < CLASSES; ++c) counts[current_slot][c] += block->instructions[c];
}

static void on_translate(plugin_id id, struct block *block) {
  (void)id;
  counted_block *const counted = calloc(1, sizeof *counted); /* lives as long as the emulator */
  counted->slot = slot_of(qemu_plugin_tb_vaddr(block));
  const size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < count; ++i) {
    char *const text = qemu_plugin_insn_disas(qemu_plugin_tb_get_insn(block, i));
    ++counted->instructions[class_of(text == NULL ? "" : text)];
    free(text);
  }
  qemu_plugin_register_vcpu_tb_exec_cb(block, on_execute, 0, counted);
}

static void write_counts(plugin_id id, void *data) {
  (void)id;
  (void)data;
  FILE *const out = fopen(out_name, "w");
  if (out == NULL) return;
  for (int slot = 1; slot < slots; ++slot) {
    fprintf(out, "%d", slot);
    for (int c = 0; c < CLASSES; ++c) fprintf(out, " %" PRIu64, counts[slot][c]);
    fputc('\n', out);
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

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const struct machine *machine, int argc,
                                                               char **argv) {
  (void)machine;
  bool ready = false;
  for (int i = 0; i < argc; ++i) {
    if (begins_with(argv[i], "ranges=")) ready = read_ranges(argv[i] + strlen("ranges="));
    if (begins_with(argv[i], "out=")) out_name = argv[i] + strlen("out=");
  }
  if (!ready || out_name == NULL) {
    fprintf(stderr, "count_plugin: expected ranges=FILE,out=FILE\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  qemu_plugin_register_atexit_cb(id, write_counts, NULL);
  return 0;
}
