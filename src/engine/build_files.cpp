#include <fmt/format.h>

#include "engine/c_text.h"
#include "engine/firmware_model.h"
#include "tinynas/ir/ops.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kMakefile =
    "# {origin}\n"
    "# The example for this computer:  make && ./{n}_example IMAGE\n"
    "# The library for a Cortex-M:     make lib CROSS=arm-none-eabi- CPU=cortex-m7\n"
    "CPU ?=\n"
    "ifdef CROSS\n"
    "CC := $(CROSS)gcc\n"
    "AR := $(CROSS)ar\n"
    "endif\n"
    "CFLAGS ?= -O2\n"
    "CFLAGS += -std=c11 -Wall -Wextra -Wpedantic -Wconversion -ffunction-sections -fdata-sections\n"
    "ifneq ($(CPU),)\n"
    "CFLAGS += -mcpu=$(CPU) -mthumb\n"
    "endif\n\n"
    "OBJECTS := {objects}\n\n"
    "all: {n}_example\n"
    "lib: lib{n}.a\n\n"
    "{n}_example: main.o lib{n}.a\n"
    "\t$(CC) $(CFLAGS) -o $@ $^ $(LDFLAGS)\n\n"
    "lib{n}.a: $(OBJECTS)\n"
    "\t$(AR) rcs $@ $^\n\n"
    "$(OBJECTS) main.o: $(wildcard *.h)\n\n"
    "clean:\n"
    "\trm -f *.o lib{n}.a {n}_example\n\n"
    ".PHONY: all lib clean\n";

constexpr std::string_view kCMakeLists =
    "# {origin}\n"
    "# A library and an example by itself; an ESP-IDF component or a Zephyr module where those build it.\n"
    "set({n}_sources {sources})\n"
    "list(TRANSFORM {n}_sources PREPEND ${{CMAKE_CURRENT_LIST_DIR}}/)\n\n"
    "if(ESP_PLATFORM)\n"
    "  idf_component_register(SRCS ${{{n}_sources}} INCLUDE_DIRS .)\n"
    "elseif(ZEPHYR_BASE)\n"
    "  zephyr_library_named({n})\n"
    "  zephyr_library_sources(${{{n}_sources}})\n"
    "  zephyr_include_directories(${{CMAKE_CURRENT_LIST_DIR}})\n"
    "else()\n"
    "  cmake_minimum_required(VERSION 3.16)\n"
    "  project({n} C)\n"
    "  if(NOT CMAKE_BUILD_TYPE)\n"
    "    set(CMAKE_BUILD_TYPE Release)\n"
    "  endif()\n"
    "  add_library({n} STATIC ${{{n}_sources}})\n"
    "  set_target_properties({n} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON)\n"
    "  target_include_directories({n} PUBLIC ${{CMAKE_CURRENT_LIST_DIR}})\n"
    "  if(NOT CMAKE_CROSSCOMPILING)\n"
    "    add_executable({n}_example main.c)\n"
    "    target_link_libraries({n}_example PRIVATE {n})\n"
    "  endif()\n"
    "endif()\n";

constexpr std::string_view kMain =
    "/* main.c: {origin}\n"
    " * Example: {n}_example IMAGE reads a raw image ({h} rows of {w} pixels, {c} channel{s} interleaved, "
    "one unsigned\n"
    " * byte each) row by row, as a camera would deliver it, and prints the outputs. In firmware, the body "
    "of the\n"
    " * loop belongs where a line of the camera has arrived. */\n"
    "#include <stdio.h>\n\n"
    "#include \"{n}.h\"\n\n"
    "static void print_outputs(const int8_t *output) {{\n"
    "  int best = 0;\n"
    "  for (int i = 0; i < {U}_OUTPUT_BYTES; ++i) {{\n"
    "    const double value = (double){U}_OUTPUT_SCALE * (output[i] - {U}_OUTPUT_ZERO_POINT);\n"
    "    printf(\"{entry}, value);\n"
    "    if (output[i] > output[best]) best = i;\n"
    "  }}\n"
    "  printf(\"largest: {largest});\n"
    "}}\n\n"
    "int main(int argc, char **argv) {{\n"
    "  FILE *const image = argc == 2 ? fopen(argv[1], \"rb\") : NULL;\n"
    "  if (image == NULL) {{\n"
    "    fprintf(stderr, \"usage: %s IMAGE (a file of %d bytes)\\n\", argv[0], {U}_INPUT_HEIGHT * "
    "{U}_ROW_BYTES);\n"
    "    return 2;\n"
    "  }}\n"
    "  {n}_init();\n"
    "  bool done = false;\n"
    "  while (!done) {{\n"
    "    static uint8_t pixels[{U}_ROW_BYTES];\n"
    "    static int8_t row[{U}_ROW_BYTES];\n"
    "    if (fread(pixels, 1, sizeof pixels, image) != sizeof pixels) {{\n"
    "      fprintf(stderr, \"%s: shorter than %d bytes\\n\", argv[1], {U}_INPUT_HEIGHT * {U}_ROW_BYTES);\n"
    "      return 3;\n"
    "    }}\n"
    "    for (int i = 0; i < {U}_ROW_BYTES; ++i) row[i] = (int8_t)(pixels[i] - 128);\n"
    "    done = {n}_push_row(row);\n"
    "  }}\n"
    "  fclose(image);\n"
    "  print_outputs({n}_output());\n"
    "  return 0;\n"
    "}}\n";

std::string joined(const std::vector<std::string>& files, std::string_view separator) {
  return fmt::format("{}", fmt::join(files, separator));
}

std::vector<std::string> all_sources(const FirmwareModel& model,
                                     const std::vector<std::string>& engine_sources) {
  std::vector<std::string> sources = {model.name() + ".c", model.name() + "_weights.c"};
  sources.insert(sources.end(), engine_sources.begin(), engine_sources.end());
  return sources;
}

}  // namespace

std::string write_makefile(const FirmwareModel& model, const std::vector<std::string>& engine_sources) {
  std::vector<std::string> objects = all_sources(model, engine_sources);
  for (std::string& object : objects) object.replace(object.size() - 1, 1, "o");
  return fmt::format(fmt::runtime(kMakefile), fmt::arg("origin", origin_line(model)),
                     fmt::arg("n", model.name()), fmt::arg("objects", joined(objects, " ")));
}

std::string write_cmakelists(const FirmwareModel& model, const std::vector<std::string>& engine_sources) {
  return fmt::format(fmt::runtime(kCMakeLists), fmt::arg("origin", origin_line(model)),
                     fmt::arg("n", model.name()),
                     fmt::arg("sources", joined(all_sources(model, engine_sources), " ")));
}

std::string write_main_c(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  const bool labelled = !model.options.classes.empty();
  const std::string entry = labelled ? fmt::format("%-16s %8.4f\\n\", {}_labels[i]", model.name())
                                     : std::string("%4d %8.4f\\n\", i");
  const std::string largest =
      labelled ? fmt::format("%s\\n\", {}_labels[best]", model.name()) : std::string("%d\\n\", best");
  return fmt::format(fmt::runtime(kMain), fmt::arg("origin", origin_line(model)), fmt::arg("n", model.name()),
                     fmt::arg("U", model.upper), fmt::arg("h", in.h), fmt::arg("w", in.w),
                     fmt::arg("c", in.c), fmt::arg("s", in.c == 1 ? "" : "s"), fmt::arg("entry", entry),
                     fmt::arg("largest", largest));
}

}  // namespace tinynas::engine
