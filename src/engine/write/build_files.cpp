#include <fmt/format.h>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"
#include "tinynas/engine/board.h"
#include "tinynas/engine/toolchain.h"
#include "tinynas/ir/ops.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kMakefile = R"(# @origin@
#   make                      the example for this computer: ./@n@_example IMAGE
#   make lib CPU=@core@   the library for a microcontroller: build/@core@/lib@n@.a
#   make emulate              runs programs of examples/ in QEMU; make emulate-NAME: examples/NAME.c
# It was planned for a @core@. CPU=... takes its compiler and flags from the table below; CC=..., AR=... and
# CPU_FLAGS=... replace them.
CPU ?=
CFLAGS ?= @optimization@

ifneq ($(filter emulate emulate-%,$(MAKECMDGOALS)),)
CPU := @core@
ifneq ($(CPU),@core@)
$(error CPU=$(CPU): make emulate runs the core that was planned for, @core@)
endif
endif

@toolchains@
ifneq ($(CPU),)
ifeq ($(CROSS_$(CPU)),)
$(error CPU=$(CPU) is not known here; known: @cores@)
endif
CROSS ?= $(CROSS_$(CPU))
CPU_FLAGS ?= $(FLAGS_$(CPU))
endif
ifneq ($(CROSS),)
CC := $(CROSS)gcc
AR := $(CROSS)ar
endif
# Without link-time optimization: it does not see what the assembly defines and calls.
ALL_CFLAGS := @language@ -Wall -Wextra -Wpedantic -Wconversion @sections@ \
  $(CPU_FLAGS) $(CFLAGS) -fno-lto

BUILD := build/$(if $(CPU),$(CPU),host)
OBJECTS := $(addprefix $(BUILD)/,@objects@)
LIBRARY := $(BUILD)/lib@n@.a

all: @n@_example
lib: $(LIBRARY)

@n@_example: examples/image.c $(LIBRARY) $(wildcard *.h) $(BUILD)/flags
	$(CC) $(ALL_CFLAGS) -I. -o $@@ $< $(LIBRARY) $(LDFLAGS)

$(LIBRARY): $(OBJECTS)
	rm -f $@@
	$(AR) rcs $@@ $^

$(BUILD)/%.o: %.c $(wildcard *.h) $(BUILD)/flags
	$(CC) $(ALL_CFLAGS) -c -o $@@ $<

# The compiler and its flags; it changes when they do, and all is made anew.
$(BUILD)/flags: always
	@@mkdir -p $(BUILD)
	@@echo '$(subst ','"'"',$(CC) $(ALL_CFLAGS))' | cmp -s - $@@ || echo '$(subst ','"'"',$(CC) $(ALL_CFLAGS))' > $@@

# Programs for a board, here an emulated one. They may look at every row of a layer (@U@_TRACE).
TRACED := @traced@
BOARD := $(wildcard examples/qemu/*)
# QEMU counts instructions; its SysTick is slower than they are.
BOARD_FLAGS := -DBOARD_UART=@uart@ -DCYCLES_UNIT=instructions -DCYCLES_PER_TICK=@per_tick@
$(BUILD)/%.elf: examples/%.c $(TRACED) $(BOARD) $(LIBRARY) $(wildcard *.h examples/*.h)
	$(CC) $(ALL_CFLAGS) $(BOARD_FLAGS) -D@U@_TRACE -I. -Iexamples -Iexamples/qemu @linking@ \
	  -Lexamples/qemu -Texamples/qemu/board.ld -o $@@ $< $(TRACED) $(filter %.c,$(BOARD)) $(LIBRARY)

$(BUILD)/mlperf_tiny.elf: BOARD_FLAGS += -DBOARD_HZ=1000000000

# One instruction takes a nanosecond of the board's time. The program's exit status is make's.
emulate: @programs@
emulate-image:
	@@echo "examples/image.c is for this computer: make" && false
emulate-%: $(BUILD)/%.elf
	@qemu@ -M @machine@ @options@-icount shift=0 -display none -monitor none -serial stdio \
	  -semihosting-config enable=on,target=native -kernel $<

clean:
	rm -rf build @n@_example

.PRECIOUS: $(BUILD)/%.elf
.PHONY: all lib emulate emulate-image clean always
)";

constexpr std::string_view kCMakeLists = R"(# @origin@
# By itself: a library, and an example where it is not compiled for another machine. In your project:
# add_subdirectory(this folder), target_link_libraries(... @n@); your own flags must name the core:
#   @core@: @flags@
cmake_minimum_required(VERSION 3.16)
project(@n@ C)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(@n@_sources @sources@)
list(TRANSFORM @n@_sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_library(@n@ STATIC ${@n@_sources})
set_target_properties(@n@ PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON)
target_include_directories(@n@ PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_compile_options(@n@ PRIVATE -fno-lto) # which does not see what the assembly defines and calls

if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)
  if(CMAKE_CROSSCOMPILING)
    set(@U@_CPU_FLAGS "@flags@" CACHE STRING "what tells the compiler the core")
    separate_arguments(@n@_flags UNIX_COMMAND "${@U@_CPU_FLAGS}")
    target_compile_options(@n@ PUBLIC ${@n@_flags} -ffunction-sections -fdata-sections)
  else()
    add_executable(@n@_example ${CMAKE_CURRENT_LIST_DIR}/examples/image.c)
    target_link_libraries(@n@_example PRIVATE @n@)
  endif()
endif()
)";

constexpr std::string_view kImage = R"(/* image.c: @origin@
 * Example: @n@_example IMAGE reads a raw image (@h@ rows of @w@ pixels, @c@ interleaved,
 * one unsigned byte each) row by row, as a camera would deliver it, and prints the outputs. In
 * firmware, the body of the loop belongs where a line of the camera has arrived. */
#include <stdio.h>

#include "@n@.h"

@print_outputs@
int main(int argc, char **argv) {
  FILE *const image = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (image == NULL) {
    fprintf(stderr, "usage: %s IMAGE, a file of %d bytes\n", argv[0],
            @U@_INPUT_HEIGHT * @U@_ROW_BYTES);
    return 2;
  }
#ifdef @U@_ARENA_FROM_CALLER
  static _Alignas(@U@_ARENA_ALIGN) int8_t arena[@U@_ARENA_BYTES];
  @n@_init(arena);
#else
  @n@_init();
#endif
  for (bool done = false; !done;) {
    static uint8_t pixels[@U@_ROW_BYTES];
    if (fread(pixels, 1, sizeof pixels, image) != sizeof pixels) {
      fprintf(stderr, "%s: shorter than %d bytes\n", argv[1], @U@_INPUT_HEIGHT * @U@_ROW_BYTES);
      return 3;
    }
    done = @n@_push_row_u8(pixels);
  }
  if (fgetc(image) != EOF) {
    fprintf(stderr, "%s: longer than %d bytes, one a value\n", argv[1], @U@_INPUT_HEIGHT * @U@_ROW_BYTES);
    return 3;
  }
  fclose(image);
  @print@;
  return 0;
}
)";

constexpr std::string_view kPrintOutput = R"(static void print_outputs(const int8_t *output) {
  int best = 0;
  for (int i = 0; i < @U@_OUTPUT_BYTES; ++i) {
    const double value = (double)@U@_OUTPUT_SCALE * (output[i] - @U@_OUTPUT_ZERO_POINT);
    printf("@name_format@ %4d  %8.4f\n", @name@, output[i], value);
    if (output[i] > output[best]) best = i;
  }
  printf("largest: @best_format@\n", @best@);
}
)";

/// One output, [H][C][W], a line a value.
constexpr std::string_view kPrintEnd = R"(
  for (int i = 0; i < @U@_OUTPUT_@k@_BYTES; ++i) {
    const int q = @n@_output_at(@k@)[i];
    const double value = (double)@U@_OUTPUT_@k@_SCALE * (q - @U@_OUTPUT_@k@_ZERO_POINT);
    printf("output @k@ %6d %4d  %8.4f\n", i, q, value);
  })";

std::string print_outputs(const FirmwareModel& model, const std::vector<Filling>& fillings) {
  if (!model.graph.has_several_ends()) return fill_template(kPrintOutput, fillings);
  std::string text =
      "/* The values of each output, [H][C][W]. Other inputs hold zeros: see @n@_set_input(). */\n";
  if (model.graph.other_inputs.empty()) text = "/* The values of each output, [H][C][W]. */\n";
  text += "static void print_outputs(void) {";
  for (int i = 0; i < model.graph.output_count(); ++i)
    text += fill_template(kPrintEnd, {{"n", model.name()}, {"U", model.upper}, {"k", std::to_string(i)}});
  return fill_template(text + "\n}\n", {{"n", model.name()}});
}

/// Of a streaming network: a file of any length, an output after every call.
constexpr std::string_view kStream = R"(/* image.c: @origin@
 * Example: @n@_example SIGNAL reads raw rows (@w@ columns of @c@, one int8 each) until the file
 * ends, and prints the outputs after every @h@ of them. In firmware, the body of the loop belongs where
 * new rows have been computed. */
#include <stdio.h>

#include "@n@.h"

static void print_outputs(int call, const int8_t *output) {
  printf("%6d", call);
  for (int i = 0; i < @U@_OUTPUT_BYTES; ++i)
    printf("  %4d %8.4f", output[i],
           (double)@U@_OUTPUT_SCALE * (output[i] - @U@_OUTPUT_ZERO_POINT));
  printf("\n");
}

int main(int argc, char **argv) {
  FILE *const signal = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (signal == NULL) {
    fprintf(stderr, "usage: %s SIGNAL, a file of rows of %d bytes\n", argv[0], @U@_ROW_BYTES);
    return 2;
  }
#ifdef @U@_ARENA_FROM_CALLER
  static _Alignas(@U@_ARENA_ALIGN) int8_t arena[@U@_ARENA_BYTES];
  @n@_init(arena);
#else
  @n@_init();
#endif
  static int8_t row[@U@_ROW_BYTES];
  for (int call = 0; fread(row, 1, sizeof row, signal) == sizeof row;)
    if (@n@_push_row(row)) print_outputs(call++, @n@_output());
  fclose(signal);
  return 0;
}
)";

std::string joined(const std::vector<std::string>& files) { return fmt::format("{}", fmt::join(files, " ")); }

std::vector<std::string> all_sources(const FirmwareModel& model,
                                     const std::vector<std::string>& engine_sources) {
  std::vector<std::string> sources = {model.name() + ".c", model.name() + "_weights.c"};
  if (model.has_self_test())
    sources.insert(sources.end(), {model.name() + "_self_test.c", model.name() + "_vectors.c"});
  sources.insert(sources.end(), engine_sources.begin(), engine_sources.end());
  return sources;
}

/// Those that look at the rows of layers.
std::vector<std::string> traced_sources(const FirmwareModel& model) {
  std::vector<std::string> sources = {model.name() + ".c"};
  if (model.has_self_test()) sources.push_back(model.name() + "_self_test.c");
  return sources;
}

/// CROSS_CORE and FLAGS_CORE of every core.
std::string make_toolchains() {
  std::string text;
  for (const cost::CoreInfo& core : cost::kCores) {
    const Toolchain& toolchain = toolchain_for(core.core);
    text += fmt::format("CROSS_{0} := {1}\nFLAGS_{0} := {2}\n", core.name, toolchain.prefix,
                        flags_text(toolchain));
  }
  return text;
}

}  // namespace

std::string write_makefile(const FirmwareModel& model, const std::vector<std::string>& engine_sources) {
  std::vector<std::string> objects = all_sources(model, engine_sources);
  for (std::string& object : objects) object.back() = 'o';
  std::vector<std::string_view> cores;
  for (const cost::CoreInfo& known : cost::kCores) cores.push_back(known.name);
  const cost::Core core = model.options.device.core;
  const Emulator& emulator = emulator_for(core);
  std::string options;
  for (const std::string& option : emulator.options) options += option + " ";
  return fill_template(
      kMakefile,
      {{"origin", origin_line(model)},
       {"n", model.name()},
       {"core", std::string(cost::core_info(core).name)},
       {"cores", fmt::format("{}", fmt::join(cores, " "))},
       {"toolchains", make_toolchains()},
       {"objects", joined(objects)},
       {"traced", joined(traced_sources(model))},
       {"programs", model.has_self_test() ? "emulate-self_test emulate-benchmark" : "emulate-benchmark"},
       {"U", model.upper},
       {"language", std::string(kLanguage)},
       {"optimization", std::string(kOptimization)},
       {"sections", fmt::format("{}", fmt::join(kSections, " "))},
       {"linking", fmt::format("{}", fmt::join(toolchain_for(core).linking, " "))},
       {"per_tick", fmt::format("{:.0f}/4", 4 * board_for(core).instructions_per_tick)},
       {"uart", fmt::format("{:#x}", board_for(core).uart)},
       {"qemu", std::string(emulator.program)},
       {"options", options},
       {"machine", std::string(board_for(core).machine)},
       {"", "@"}});  // make's own $@
}

std::string write_cmakelists(const FirmwareModel& model, const std::vector<std::string>& engine_sources) {
  const cost::Core core = model.options.device.core;
  return fill_template(kCMakeLists, {{"origin", origin_line(model)},
                                     {"n", model.name()},
                                     {"U", model.upper},
                                     {"core", std::string(cost::core_info(core).name)},
                                     {"flags", flags_text(toolchain_for(core))},
                                     {"sources", joined(all_sources(model, engine_sources))}});
}

std::string write_image_c(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  const bool labelled = !model.options.classes.empty();
  const auto label = [&](std::string_view index) {
    return labelled ? fmt::format("{}_labels[{}]", model.name(), index) : std::string(index);
  };
  std::vector<Filling> fillings = {{"origin", origin_line(model)},
                                   {"n", model.name()},
                                   {"U", model.upper},
                                   {"h", std::to_string(in.h)},
                                   {"w", std::to_string(in.w)},
                                   {"c", in.c == 1 ? "1 channel" : fmt::format("{} channels", in.c)},
                                   {"name_format", labelled ? "%-16s" : "%4d"},
                                   {"name", label("i")},
                                   {"best_format", labelled ? "%s" : "%d"},
                                   {"best", label("best")}};
  fillings.emplace_back("print_outputs", print_outputs(model, fillings));
  fillings.emplace_back("print", model.graph.has_several_ends()
                                     ? "print_outputs()"
                                     : fmt::format("print_outputs({}_output())", model.name()));
  return fill_template(model.streams() ? kStream : kImage, fillings);
}

}  // namespace tinynas::engine
