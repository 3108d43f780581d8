#include <fmt/format.h>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kHeader = R"(#ifndef TINYNAS_@U@_H
#define TINYNAS_@U@_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define @U@_INPUT_HEIGHT @h@
#define @U@_INPUT_WIDTH @w@
#define @U@_INPUT_CHANNELS @c@
#define @U@_ROW_BYTES @row_bytes@
#define @U@_OUTPUT_BYTES @output_bytes@
#define @U@_ARENA_BYTES @arena_bytes@
#define @U@_ARENA_ALIGN 8

/* real value = SCALE * (int8 value - ZERO_POINT) */
#define @U@_INPUT_SCALE @in_scale@
#define @U@_INPUT_ZERO_POINT (@in_zero@)
#define @U@_OUTPUT_SCALE @out_scale@
#define @U@_OUTPUT_ZERO_POINT (@out_zero@)

/* Where the arena lies, if not in .bss: an attribute with a section, defined for @n@.c. Or define
 * @U@_ARENA_FROM_CALLER for every file, and the caller owns it (and may use it otherwise between
 * images). */
#ifndef @U@_ARENA_PLACE
#define @U@_ARENA_PLACE
#endif

/* Call once, before anything else; later to drop an image that was pushed in part. */
#ifdef @U@_ARENA_FROM_CALLER
void @n@_init(int8_t *memory); /* @U@_ARENA_BYTES, aligned to @U@_ARENA_ALIGN (asserted) */
#else
void @n@_init(void);
#endif

/* Gives the network the next row of the image (@U@_ROW_BYTES int8 values, top first) and computes
 * all that this row makes possible. True after the last row: @n@_output() is ready. */
bool @n@_push_row(const int8_t *row);

/* Where the next row will lie: write it here (by DMA, say), push this pointer, and nothing is
 * copied. */
int8_t *@n@_input_row(void);

/* For sensors that deliver values in portions of any size: define @U@_PUSH_SAMPLES for every file (4 bytes
 * of SRAM more). Takes *count values, advancing both arguments, until none is left or an input is complete;
 * true in that case:
 *     while (@n@_push_samples(&samples, &count)) use(@n@_output());
 * Do not mix with the other functions within one input. */
#ifdef @U@_PUSH_SAMPLES
bool @n@_push_samples(const int8_t **samples, int *count);
#endif

/* To test and to measure: define @U@_TRACE for every file, and see every row of every layer. `tensor` is the N
 * of the tN_step() in @n@.c; `row` is what was made, NULL where a pool only took a row in. */
#ifdef @U@_TRACE
typedef struct {
  void (*begin)(int tensor);
  void (*end)(int tensor, const int8_t *row, uint32_t row_bytes);
} @n@_tracer;
void @n@_trace(const @n@_tracer *by); /* NULL: nobody; either function may be NULL */
#endif

/* A whole image at once: pushes its rows, returns @n@_output(). */
const int8_t *@n@_run(const int8_t *image);

/* @U@_OUTPUT_BYTES values, valid until the next row is pushed. */
const int8_t *@n@_output(void);
@labels@
#ifdef __cplusplus
}
#endif
#endif
)";

std::string input_words(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  std::string text = fmt::format("Input: {} rows of {} pixels, {} interleaved; int8: pixel - 128.", in.h,
                                 in.w, in.c == 1 ? "1 channel" : fmt::format("{} channels", in.c));
  if (!model.options.input_description.empty()) text += " " + plain_text(model.options.input_description);
  return text;
}

std::string label_declaration(const FirmwareModel& model) {
  if (model.options.classes.empty()) return {};
  return fmt::format("\n#define {0}_CLASSES {1}\nextern const char *const {2}_labels[{0}_CLASSES];\n",
                     model.upper, model.options.classes.size(), model.name());
}

}  // namespace

std::string write_model_h(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  const ir::TensorQuant& in_quant = model.quant(model.graph.input);
  const ir::TensorQuant& out_quant = model.quant(model.graph.output);
  return fmt::format("/* {}.h: {}\n", model.name(), origin_line(model)) + comment_lines(input_words(model)) +
         " */\n" +
         fill_template(kHeader, {{"n", model.name()},
                                 {"U", model.upper},
                                 {"h", std::to_string(in.h)},
                                 {"w", std::to_string(in.w)},
                                 {"c", std::to_string(in.c)},
                                 {"row_bytes", std::to_string(in.row_bytes())},
                                 {"output_bytes", std::to_string(model.shape(model.graph.output).bytes())},
                                 {"arena_bytes", std::to_string(model.schedule.arena_bytes)},
                                 {"in_scale", float_literal(in_quant.scale)},
                                 {"in_zero", std::to_string(in_quant.zero_point)},
                                 {"out_scale", float_literal(out_quant.scale)},
                                 {"out_zero", std::to_string(out_quant.zero_point)},
                                 {"labels", label_declaration(model)}});
}

}  // namespace tinynas::engine
