#include <fmt/format.h>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kHeader = R"(#ifndef TINYNAS_NET_@U@_H
#define TINYNAS_NET_@U@_H

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
#define @U@_ARENA_ALIGN @align@
#define @U@_IS_STREAMING @streaming@ /* 1: an output depends on inputs before its own */

/* What an application may rely on, by _Static_assert: 1 is yes, 0 is no or not known. */
#define @U@_INPUT_IS_INT8 1        /* @int8@; @n@_push_row_u8() takes @bytes@ */
#define @U@_INPUT_IS_INTERLEAVED 1 /* [H][W][C], top row and left pixel first */
#define @U@_INPUT_IS_RGB @rgb@         /* red, green, blue */
#define @U@_INPUT_IS_GREY @grey@
#define @U@_INPUT_IS_CENTRE_CROPPED @crop@ /* pictures were cut to a square, the middle kept */
#define @U@_INPUT_IS_STRETCHED @stretch@   /* or scaled to one as they were */
#define @U@_INPUT_IS_ANTIALIASED @pictures@ /* a triangle filter, as wide as an output pixel */

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

/* Call once, before anything else; later to drop @partly@. */
#ifdef @U@_ARENA_FROM_CALLER
void @n@_init(int8_t *memory); /* @U@_ARENA_BYTES, aligned to @U@_ARENA_ALIGN (asserted) */
#else
void @n@_init(void);
#endif

@reset@/* Gives the network the next row of the @image@ (@U@_ROW_BYTES int8 values, top first) and computes
 * all that this row makes possible. True after the last row: @n@_output() is ready. */
bool @n@_push_row(const int8_t *row);

/* The same of bytes from 0 to 255, int8 plus 128, which may stand in @n@_input_row().
 * tinynas_pixels.h makes such rows of RGB565 and of grey pixels. */
bool @n@_push_row_u8(const uint8_t *row);

/* Where the next row will lie: write it here, push this pointer, and nothing is copied. Only
 * between pushes: while @n@_push_row() runs, the network still reads there. */
int8_t *@n@_input_row(void);
@dma@
/* For sensors that deliver values in portions of any size: define @U@_PUSH_SAMPLES for every file (4 bytes
 * of SRAM more). Takes *count values, advancing both arguments, until none is left or an input is complete;
 * true in that case:
 *     while (@n@_push_samples(&samples, &count)) use(@n@_output());
 * Do not mix with the other functions within one input. */
#ifdef @U@_PUSH_SAMPLES
bool @n@_push_samples(const int8_t **samples, int *count);
#endif

/* To test and to measure: define @U@_TRACE for every file, and see every row of every layer.
 * `tensor` is the N of the tN_step() in @n@.c; `row` is what was made, NULL where a pool only took a
 * row in. */
#ifdef @U@_TRACE
typedef struct {
  void (*begin)(int tensor);
  void (*end)(int tensor, const int8_t *row, uint32_t row_bytes);
} @n@_tracer;
void @n@_trace(const @n@_tracer *by); /* NULL: nobody; either function may be NULL */
#endif

@whole_image@
const int8_t *@n@_run(const int8_t *image);

/* @U@_OUTPUT_BYTES values, [H][C][W], valid until the next row is pushed. */
const int8_t *@n@_output(void);
@several_ends@@labels@
#ifdef __cplusplus
}
#endif
#endif
)";

/// The ring has a row to spare (InputMode::kDma).
constexpr std::string_view kDma = R"(
/* Where the row after the next one will lie: a DMA may write there while @n@_push_row() runs. Both
 * begin on a cache line and share none with anything else. Where there is a data cache, invalidate a row
 * before it is pushed.
 *     start_dma(@n@_input_row());
 *     for (;;) {
 *       wait_for_dma();
 *       uint8_t *const row = (uint8_t *)@n@_input_row();
 *       start_dma(@n@_dma_row());
 *       if (@n@_push_row_u8(row)) use(@n@_output());
 *     } */
int8_t *@n@_dma_row(void);
)";

constexpr std::string_view kResetDeclaration =
    R"(/* Streaming: @h@ rows make a call, and every call gives an output, which depends on the calls before it.
 * This forgets them, as before the first call, and drops a call that was pushed in part. */
void @n@_reset(void);

)";

std::string flag(bool on) { return on ? "1" : "0"; }

std::string input_words(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  std::string text =
      fmt::format("Input: {} rows of {} {}, {} interleaved; int8: {}.", in.h, in.w,
                  model.takes_pixels() ? "pixels" : "columns",
                  in.c == 1 ? "1 channel" : fmt::format("{} channels", in.c), int8_meaning(model));
  if (!model.options.input_description.empty()) text += " " + plain_text(model.options.input_description);
  return text;
}

std::string label_declaration(const FirmwareModel& model) {
  if (model.options.classes.empty()) return {};
  return fmt::format("\n#define {0}_CLASSES {1}\nextern const char *const {2}_labels[{0}_CLASSES];\n",
                     model.upper, model.options.classes.size(), model.name());
}

/// What an init() that is called later does.
std::string partly(const FirmwareModel& model) {
  return model.streams() ? "what was pushed, as " + model.name() + "_reset()"
                         : "an image that was pushed in part";
}

std::string reset_declaration(const FirmwareModel& model) {
  if (!model.streams()) return {};
  return fill_template(kResetDeclaration,
                       {{"n", model.name()}, {"h", std::to_string(model.shape(model.graph.input).h)}});
}

std::string whole_image(const FirmwareModel& model) {
  if (model.streams())
    return fmt::format(
        "/* The rows of a call at once; drops a call that was pushed in part.\n * Returns {}_output(). */",
        model.name());
  if (model.graph.other_inputs.empty())
    return fmt::format("/* A whole image at once: pushes its rows, returns {}_output(). */", model.name());
  return fmt::format(
      "/* All inputs at once, {}_INPUTS_BYTES values, each [H][W][C], one behind the other: sets those that\n"
      " * are whole, pushes the rows of the first, returns {}_output(). */",
      model.upper, model.name());
}

}  // namespace

std::string write_model_h(const FirmwareModel& model) {
  const ir::Shape& in = model.shape(model.graph.input);
  const ir::TensorQuant& in_quant = model.quant(model.graph.input);
  const InputFit fit = model.options.fit;
  const bool pictures = model.takes_pixels();
  const ir::TensorQuant& out_quant = model.quant(model.graph.output);
  return fmt::format("/* {}.h: {}\n", model.name(), origin_line(model)) + comment_lines(input_words(model)) +
         " */\n" +
         fill_template(kHeader, {{"n", model.name()},
                                 {"U", model.upper},
                                 {"int8", pictures ? "pixel - 128" : "as the file says it"},
                                 {"bytes", pictures ? "pixels" : "bytes"},
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
                                 {"align", model.dma() ? std::to_string(cost::kDmaAlign) : "8"},
                                 {"dma", model.dma() ? fill_template(kDma, {{"n", model.name()}}) : ""},
                                 {"streaming", flag(model.streams())},
                                 {"image", model.streams() ? "call" : "image"},
                                 {"partly", partly(model)},
                                 {"reset", reset_declaration(model)},
                                 {"rgb", flag(pictures && in.c == 3)},
                                 {"grey", flag(pictures && in.c == 1)},
                                 {"crop", flag(fit == InputFit::kCentreCrop)},
                                 {"stretch", flag(fit == InputFit::kStretch)},
                                 {"pictures", flag(pictures)},
                                 {"several_ends", several_ends_header(model)},
                                 {"whole_image", whole_image(model)},
                                 {"labels", label_declaration(model)}});
}

}  // namespace tinynas::engine
