// NAME_self_test(): runs the vectors and finds the first difference.
#include <fmt/format.h>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kSelfTestHeader = R"(#ifndef TINYNAS_NET_@U@_SELF_TEST_H
#define TINYNAS_NET_@U@_SELF_TEST_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define @U@_SELF_TEST_IMAGES @images@

/* Where the model first differs from what it was generated to compute. */
typedef struct {
  int image;         /* 0 to @U@_SELF_TEST_IMAGES - 1; -1: it does not differ */
  int output;        /* of that image the first output that differs; -1: none does */
  int8_t expected;   /* this output as it should be, */
  int8_t found;      /* and as it is */
  int tensor;        /* the first layer whose rows differ: N of its tN_step() in @n@.c; -1: none */
  const char *layer; /* what this layer is: "features.3: depthwise 3x3 of t2"; "" for none */
} @n@_difference;

/* Runs the images and compares; true if nothing differs. It stops at the first image that differs
 * and fills *first, which may be NULL. @when@
 *
 * Without @U@_TRACE it compares the outputs. With it, defined for every file, it also compares a
 * check value of all rows of every layer. So a layer that differs is found even where the outputs
 * are equal, and it is the place of the mistake: no layer before it differs. This takes @state@ bytes
 * of SRAM more, and ends what @n@_trace() began. */
bool @n@_self_test(@n@_difference *first);

#ifdef __cplusplus
}
#endif
#endif
)";

constexpr std::string_view kWhen =
    "Call it between images, after @n@_init(); an image that was\n * pushed in part is dropped.";
constexpr std::string_view kWhenStreaming =
    "Call it after @n@_init(); the images are calls one after\n * the other, from the first on, and what was "
    "pushed before is forgotten.";

constexpr std::string_view kSource = R"(/* @n@_self_test.c: @origin@ */
#include "@n@_self_test.h"

#include <stddef.h>

#include "@n@.h"
#include "@n@_vectors.h"

#ifdef @U@_TRACE
enum { LAYERS = @layers@, TENSORS = @tensors@ };

/* In the order of @n@.c: a layer reads only what stands before it. */
static const struct {
  int tensor;
  const char *text;
} layers[LAYERS] = {
@layer_list@};

/* Of the rows made so far: FNV-1a. */
static uint32_t checks[TENSORS];

static void add_row(int tensor, const int8_t *row, uint32_t row_bytes) {
  if (row == NULL) return; /* a pool only took a row in */
  uint32_t check = checks[tensor];
  for (uint32_t i = 0; i < row_bytes; ++i) check = (check ^ (uint8_t)row[i]) * 0x01000193u;
  checks[tensor] = check;
}

static const int8_t *run(const int8_t *image) {
  static const @n@_tracer tracer = {.end = add_row};
  for (int t = 0; t < TENSORS; ++t) checks[t] = 0x811c9dc5u;
  @n@_trace(&tracer);
  const int8_t *const output = @n@_run(image);
  @n@_trace(NULL);
  return output;
}

static void compare_layers(int image, @n@_difference *difference) {
  for (int i = 0; i < LAYERS; ++i) {
    if (checks[layers[i].tensor] == @n@_vectors_checks[image][i]) continue;
    difference->image = image;
    difference->tensor = layers[i].tensor;
    difference->layer = layers[i].text;
    return;
  }
}
#else
static const int8_t *run(const int8_t *image) { return @n@_run(image); }

static void compare_layers(int image, @n@_difference *difference) {
  (void)image;
  (void)difference;
}
#endif

@compare_outputs@
bool @n@_self_test(@n@_difference *first) {
  @n@_difference difference = {.image = -1, .output = -1, .tensor = -1, .layer = ""};
@reset@  for (int image = 0; image < @U@_SELF_TEST_IMAGES && difference.image < 0; ++image) {
    compare_outputs(image, run(@n@_vectors_inputs[image]), &difference);
    compare_layers(image, &difference);
  }
@reset@  if (first != NULL) *first = difference;
  return difference.image < 0;
}
)";

constexpr std::string_view kCompareOutput =
    R"(static void compare_outputs(int image, const int8_t *output, @n@_difference *difference) {
  for (int i = 0; i < @U@_OUTPUT_BYTES; ++i) {
    if (output[i] == @n@_vectors_outputs[image][i]) continue;
    difference->image = image;
    difference->output = i;
    difference->expected = @n@_vectors_outputs[image][i];
    difference->found = output[i];
    return;
  }
}
)";

constexpr std::string_view kCompareOutputs =
    R"(static void compare_outputs(int image, const int8_t *first, @n@_difference *difference) {
  static const int32_t sizes[@U@_OUTPUTS] = @U@_OUTPUT_SIZES;
  int k = 0; /* counts the values of all outputs */
  (void)first;
  for (int output = 0; output < @U@_OUTPUTS; ++output) {
    const int8_t *const values = @n@_output_at(output);
    for (int32_t i = 0; i < sizes[output]; ++i, ++k) {
      if (values[i] == @n@_vectors_outputs[image][k]) continue;
      difference->image = image;
      difference->output = k;
      difference->expected = @n@_vectors_outputs[image][k];
      difference->found = values[i];
      return;
    }
  }
}
)";

std::string compare_outputs(const FirmwareModel& model) {
  return fill_template(model.graph.has_several_ends() ? kCompareOutputs : kCompareOutput,
                       {{"n", model.name()}, {"U", model.upper}});
}

constexpr std::string_view kExample = R"(/* self_test.c: @origin@
 * A program for a board: prints "pass", or where the model differs from what it was generated to
 * compute. board.h says what it needs of the board; with -D@U@_TRACE for every file it names the
 * layer. */
#include "@n@_self_test.h"

#include "@n@.h"
#include "board.h"

static void print_output(const @n@_difference *difference) {
  board_print("  output ");
  board_print_number(difference->output);
  board_print(" is ");
  board_print_number(difference->found);
  board_print(", expected ");
  board_print_number(difference->expected);
  board_print("\n");
}

static void print_layer(const @n@_difference *difference) {
  board_print("  the first layer that differs is t");
  board_print_number(difference->tensor);
  board_print(" = ");
  board_print(difference->layer);
  board_print("\n");
}

int main(void) {
  board_init();
#ifdef @U@_ARENA_FROM_CALLER
  static _Alignas(@U@_ARENA_ALIGN) int8_t arena[@U@_ARENA_BYTES];
  @n@_init(arena);
#else
  @n@_init();
#endif
  @n@_difference difference;
  if (@n@_self_test(&difference)) {
    board_print("pass: ");
    board_print_number(@U@_SELF_TEST_IMAGES);
    board_print(" images\n");
    board_exit(0);
  }
  board_print("FAIL: image ");
  board_print_number(difference.image);
  board_print("\n");
  if (difference.output >= 0) print_output(&difference);
  if (difference.tensor >= 0) print_layer(&difference);
  board_exit(1);
}
)";

/// "layer2: depthwise 3x3 of t2".
std::string layer_text(const FirmwareModel& model, int index) {
  const auto& names = model.graph.names;
  const std::string name = names.empty() ? std::string() : names[static_cast<std::size_t>(index)];
  return (name.empty() ? "" : plain_text(name) + ": ") + layer_summary(model, index);
}

std::string layer_list(const FirmwareModel& model) {
  std::string text;
  for (std::size_t i = 0; i < model.graph.layers.size(); ++i)
    text += fmt::format("    {{{}, \"{}\"}},\n", model.graph.layers[i].output,
                        layer_text(model, static_cast<int>(i)));
  return text;
}

std::string test_comment(const FirmwareModel& model) {
  const SelfTest& self_test = model.options.self_test;
  const Bytes images = static_cast<Bytes>(self_test.images.size());
  const Bytes inputs = images * ir::input_elements(model.graph),
              outputs = images * ir::output_elements(model.graph);
  return fmt::format("/* {}_self_test.h: {}\n", model.name(), origin_line(model)) +
         comment_lines(fmt::format(
             "Does the model compute on this board what it was generated to compute? {}_self_test() runs {} "
             "({}) and compares with the interpreter of tinynas, bit for bit. A program that does not call "
             "it "
             "pays nothing, where the linker drops what nobody uses (--gc-sections). One that does links {} "
             "bytes of inputs and {} of outputs, from {}_vectors.c.",
             model.name(), images == 1 ? "1 image" : fmt::format("{} images", images),
             plain_text(self_test.source), inputs, outputs, model.name())) +
         " */\n";
}

}  // namespace

std::string write_self_test_h(const FirmwareModel& model) {
  return test_comment(model) +
         fill_template(
             kSelfTestHeader,
             {{"n", model.name()},
              {"U", model.upper},
              {"images", std::to_string(model.options.self_test.images.size())},
              {"when", fill_template(model.streams() ? kWhenStreaming : kWhen, {{"n", model.name()}})},
              {"state", std::to_string(4 * model.graph.tensors.size())}});
}

std::string write_self_test_example(const FirmwareModel& model) {
  return fill_template(kExample, {{"origin", origin_line(model)}, {"n", model.name()}, {"U", model.upper}});
}

std::string write_self_test_c(const FirmwareModel& model) {
  return fill_template(kSource, {{"origin", origin_line(model)},
                                 {"n", model.name()},
                                 {"U", model.upper},
                                 {"reset", model.streams() ? "  " + model.name() + "_reset();\n" : ""},
                                 {"layers", std::to_string(model.graph.layers.size())},
                                 {"tensors", std::to_string(model.graph.tensors.size())},
                                 {"compare_outputs", compare_outputs(model)},
                                 {"layer_list", layer_list(model)}});
}

}  // namespace tinynas::engine
