#include <fmt/format.h>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"
#include "tinynas/ir/ops.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kMakefile = R"(# @origin@
# The example for this computer:  make && ./@n@_example IMAGE
# The library for a Cortex-M:     make lib CROSS=arm-none-eabi- CPU=cortex-m7
CPU ?=
ifneq ($(CROSS),)
CC := $(CROSS)gcc
AR := $(CROSS)ar
endif
CFLAGS ?= -O2
CFLAGS += -std=c11 -Wall -Wextra -Wpedantic -Wconversion -ffunction-sections -fdata-sections
ifneq ($(CPU),)
CFLAGS += -mcpu=$(CPU) -mthumb
endif

OBJECTS := @objects@

all: @n@_example
lib: lib@n@.a

@n@_example: main.o lib@n@.a
	$(CC) $(CFLAGS) -o $@@ $^ $(LDFLAGS)

lib@n@.a: $(OBJECTS)
	$(AR) rcs $@@ $^

$(OBJECTS) main.o: $(wildcard *.h)

clean:
	rm -f *.o lib@n@.a @n@_example

.PHONY: all lib clean
)";

constexpr std::string_view kCMakeLists = R"(# @origin@
# A library and an example by itself; an ESP-IDF component or a Zephyr module where those build it.
set(@n@_sources @sources@)
list(TRANSFORM @n@_sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)

if(ESP_PLATFORM)
  idf_component_register(SRCS ${@n@_sources} INCLUDE_DIRS .)
elseif(ZEPHYR_BASE)
  zephyr_library_named(@n@)
  zephyr_library_sources(${@n@_sources})
  zephyr_include_directories(${CMAKE_CURRENT_LIST_DIR})
else()
  cmake_minimum_required(VERSION 3.16)
  project(@n@ C)
  if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
  endif()
  add_library(@n@ STATIC ${@n@_sources})
  set_target_properties(@n@ PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON)
  target_include_directories(@n@ PUBLIC ${CMAKE_CURRENT_LIST_DIR})
  if(NOT CMAKE_CROSSCOMPILING)
    add_executable(@n@_example ${CMAKE_CURRENT_LIST_DIR}/main.c)
    target_link_libraries(@n@_example PRIVATE @n@)
  endif()
endif()
)";

constexpr std::string_view kMain = R"(/* main.c: @origin@
 * Example: @n@_example IMAGE reads a raw image (@h@ rows of @w@ pixels, @c@ interleaved,
 * one unsigned byte each) row by row, as a camera would deliver it, and prints the outputs. In
 * firmware, the body of the loop belongs where a line of the camera has arrived. */
#include <stdio.h>

#include "@n@.h"

static void print_outputs(const int8_t *output) {
  int best = 0;
  for (int i = 0; i < @U@_OUTPUT_BYTES; ++i) {
    const double value = (double)@U@_OUTPUT_SCALE * (output[i] - @U@_OUTPUT_ZERO_POINT);
    printf("@name_format@ %4d  %8.4f\n", @name@, output[i], value);
    if (output[i] > output[best]) best = i;
  }
  printf("largest: @best_format@\n", @best@);
}

int main(int argc, char **argv) {
  FILE *const image = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (image == NULL) {
    fprintf(stderr, "usage: %s IMAGE, a file of %d bytes\n", argv[0],
            @U@_INPUT_HEIGHT * @U@_ROW_BYTES);
    return 2;
  }
  @n@_init();
  for (bool done = false; !done;) {
    static uint8_t pixels[@U@_ROW_BYTES];
    int8_t *const row = @n@_input_row();
    if (fread(pixels, 1, sizeof pixels, image) != sizeof pixels) {
      fprintf(stderr, "%s: shorter than %d bytes\n", argv[1], @U@_INPUT_HEIGHT * @U@_ROW_BYTES);
      return 3;
    }
    for (int i = 0; i < @U@_ROW_BYTES; ++i) row[i] = (int8_t)(pixels[i] - 128);
    done = @n@_push_row(row);
  }
  fclose(image);
  print_outputs(@n@_output());
  return 0;
}
)";

std::string joined(const std::vector<std::string>& files) { return fmt::format("{}", fmt::join(files, " ")); }

std::vector<std::string> all_sources(const FirmwareModel& model,
                                     const std::vector<std::string>& engine_sources) {
  std::vector<std::string> sources = {model.name() + ".c", model.name() + "_weights.c"};
  sources.insert(sources.end(), engine_sources.begin(), engine_sources.end());
  return sources;
}

}  // namespace

std::string write_makefile(const FirmwareModel& model, const std::vector<std::string>& engine_sources) {
  std::vector<std::string> objects = all_sources(model, engine_sources);
  for (std::string& object : objects) object.back() = 'o';
  return fill_template(kMakefile, {{"origin", origin_line(model)},
                                   {"n", model.name()},
                                   {"objects", joined(objects)},
                                   {"", "@"}});  // make's own $@
}

std::string write_cmakelists(const FirmwareModel& model, const std::vector<std::string>& engine_sources) {
  return fill_template(kCMakeLists, {{"origin", origin_line(model)},
                                     {"n", model.name()},
                                     {"sources", joined(all_sources(model, engine_sources))}});
}

std::string write_main_c(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  const bool labelled = !model.options.classes.empty();
  const auto label = [&](std::string_view index) {
    return labelled ? fmt::format("{}_labels[{}]", model.name(), index) : std::string(index);
  };
  return fill_template(kMain, {{"origin", origin_line(model)},
                               {"n", model.name()},
                               {"U", model.upper},
                               {"h", std::to_string(in.h)},
                               {"w", std::to_string(in.w)},
                               {"c", in.c == 1 ? "1 channel" : fmt::format("{} channels", in.c)},
                               {"name_format", labelled ? "%-16s" : "%4d"},
                               {"name", label("i")},
                               {"best_format", labelled ? "%s" : "%d"},
                               {"best", label("best")}});
}

}  // namespace tinynas::engine
