#include <fmt/format.h>

#include "engine/c_text.h"
#include "engine/firmware_model.h"

namespace tinynas::engine {
namespace {

std::string quantization(const FirmwareModel& model, std::string_view which, int tensor) {
  return fmt::format("#define {0}_{1}_SCALE {2}\n#define {0}_{1}_ZERO_POINT ({3})\n", model.upper, which,
                     float_literal(model.quant(tensor).scale), model.quant(tensor).zero_point);
}

std::string sizes(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  const ir::Shape& out = model.shape(model.graph.output);
  return fmt::format(
      "#define {0}_INPUT_HEIGHT {1}\n#define {0}_INPUT_WIDTH {2}\n#define {0}_INPUT_CHANNELS {3}\n"
      "#define {0}_ROW_BYTES {4}\n#define {0}_OUTPUT_BYTES {5}\n#define {0}_ARENA_BYTES {6}\n"
      "#define {0}_ARENA_ALIGN 8\n",
      model.upper, in.h, in.w, in.c, in.row_bytes(), out.bytes(), model.schedule.arena_bytes);
}

std::string input_words(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  std::string text = fmt::format("Input: {} rows of {} pixels, {} channel{} interleaved; int8: pixel - 128.",
                                 in.h, in.w, in.c, in.c == 1 ? "" : "s");
  if (!model.options.input_description.empty()) text += " " + plain_text(model.options.input_description);
  return text;
}

constexpr std::string_view kPlaces =
    "/* Where the arena lies, if not in .bss: -D{U}_ARENA_PLACE='__attribute__((section(\".dtcm\")))', say. "
    "Or let\n"
    " * the caller own it (and reuse it between inferences): -D{U}_ARENA_FROM_CALLER for every file. */\n"
    "#ifndef {U}_ARENA_PLACE\n"
    "#define {U}_ARENA_PLACE\n"
    "#endif\n";

constexpr std::string_view kFunctions =
    "/* Call once, before anything else; later to drop an image that was pushed in part. */\n"
    "#ifdef {U}_ARENA_FROM_CALLER\n"
    "void {n}_init(int8_t *memory); /* {U}_ARENA_BYTES bytes, aligned to {U}_ARENA_ALIGN; kept until the "
    "next init */\n"
    "#else\n"
    "void {n}_init(void);\n"
    "#endif\n\n"
    "/* Gives the network the next row of the image ({U}_ROW_BYTES bytes), top first, and computes all that "
    "this\n"
    " * row makes possible. True after the last row: {n}_output() is ready. */\n"
    "bool {n}_push_row(const int8_t *row);\n\n"
    "/* Where the next row will lie: write it here (by DMA, say), then push this pointer, and nothing is "
    "copied. */\n"
    "int8_t *{n}_input_row(void);\n\n"
    "/* A whole image at once: all its rows, then {n}_output(). */\n"
    "const int8_t *{n}_run(const int8_t *image);\n\n"
    "/* {U}_OUTPUT_BYTES values, valid until the next row is pushed. */\n"
    "const int8_t *{n}_output(void);\n";

std::string fill(std::string_view text, const FirmwareModel& model) {
  return fmt::format(fmt::runtime(text), fmt::arg("U", model.upper), fmt::arg("n", model.name()));
}

}  // namespace

std::string write_model_h(const FirmwareModel& model) {
  std::string text = fmt::format("/* {}.h: {}\n", model.name(), origin_line(model));
  text += comment_lines(input_words(model)) + " */\n";
  text += fmt::format(
      "#ifndef TINYNAS_{0}_H\n#define TINYNAS_{0}_H\n\n#include <stdbool.h>\n#include <stdint.h>\n\n",
      model.upper);
  text += "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n" + sizes(model) + "\n";
  text += "/* real value = SCALE * (int8 value - ZERO_POINT) */\n" +
          quantization(model, "INPUT", model.graph.input) +
          quantization(model, "OUTPUT", model.graph.output) + "\n";
  text += fill(kPlaces, model) + "\n" + fill(kFunctions, model);
  if (!model.options.classes.empty())
    text += fmt::format("\n#define {0}_CLASSES {1}\nextern const char *const {2}_labels[{0}_CLASSES];\n",
                        model.upper, model.options.classes.size(), model.name());
  return text + "\n#ifdef __cplusplus\n}\n#endif\n#endif\n";
}

}  // namespace tinynas::engine
