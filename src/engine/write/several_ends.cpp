// What model.h and model.c have where a network has several inputs or outputs.
#include <fmt/format.h>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kInputsHeader = R"(
/* Input `input` of 1 to @U@_INPUTS - 1, whole: [H][C][W] int8 values. Write it before the first row of
 * an image and not while one is under way. Nothing else ever lies there: it keeps its values until you
 * write others, from one image to the next. @n@_init() does not clear it. */
int8_t *@n@_input_at(int input);

/* The same of values in the order [H][W][C]; returns the first behind those that it took. */
const int8_t *@n@_set_input(int input, const int8_t *values);
)";

constexpr std::string_view kOutputsHeader = R"(
/* Output `output` of 0 to @U@_OUTPUTS - 1, [H][C][W], valid until the next row is pushed;
 * @n@_output() is the first. */
const int8_t *@n@_output_at(int output);
)";

constexpr std::string_view kInputsSource = R"(
int8_t *@n@_input_at(int input) { return arena + inputs[input - 1].offset; }

const int8_t *@n@_set_input(int input, const int8_t *values) {
  const int height = inputs[input - 1].height, width = inputs[input - 1].width;
  const int channels = inputs[input - 1].channels;
  int8_t *to = @n@_input_at(input);
  for (int y = 0; y < height; ++y, values += width * channels)
    for (int c = 0; c < channels; ++c)
      for (int x = 0; x < width; ++x) *to++ = values[x * channels + c];
  return values;
}
)";

std::string end_words(const FirmwareModel& model, std::string_view kind, int index, int tensor,
                      const std::vector<std::string>& names) {
  const ir::Shape& shape = model.shape(tensor);
  const ir::TensorQuant& quant = model.quant(tensor);
  std::string text;
  const auto define = [&](std::string_view what, const std::string& value) {
    text += fmt::format("#define {}_{}_{}_{} {}\n", model.upper, kind, index, what, value);
  };
  if (const auto i = static_cast<std::size_t>(index); i < names.size())
    define("NAME", fmt::format("\"{}\"", plain_text(names[i])));
  define("HEIGHT", std::to_string(shape.h));
  define("WIDTH", std::to_string(shape.w));
  define("CHANNELS", std::to_string(shape.c));
  define("BYTES", std::to_string(shape.bytes()));
  define("SCALE", float_literal(quant.scale));
  define("ZERO_POINT", fmt::format("({})", quant.zero_point));
  return text;
}

/// "{MODEL_OUTPUT_0_BYTES, MODEL_OUTPUT_1_BYTES}", in lines.
std::string sizes(const FirmwareModel& model) {
  std::string text = fmt::format("#define {}_OUTPUT_SIZES \\\n  {{", model.upper);
  for (int i = 0; i < model.graph.output_count(); ++i)
    text += fmt::format("{}{}_OUTPUT_{}_BYTES", i == 0 ? "" : ", \\\n   ", model.upper, i);
  return text + "}\n";
}

}  // namespace

std::string several_ends_header(const FirmwareModel& model) {
  const ir::Graph& graph = model.graph;
  if (!graph.has_several_ends()) return {};
  std::string text =
      "\n/* ---- Several inputs and outputs ----\n" +
      comment_lines(
          "Input 0 is the one whose rows are pushed. Sizes of one end, and of all of a kind one behind the "
          "other; real value = SCALE * (int8 value - ZERO_POINT).") +
      fmt::format(
          " */\n#define {0}_INPUTS {1}\n#define {0}_OUTPUTS {2}\n#define {0}_INPUTS_BYTES {3}\n"
          "#define {0}_OUTPUTS_BYTES {4}\n",
          model.upper, graph.input_count(), graph.output_count(), ir::input_elements(graph),
          ir::output_elements(graph));
  for (int i = 0; i < graph.input_count(); ++i)
    text += end_words(model, "INPUT", i, graph.input_tensor(i), model.options.input_names);
  for (int i = 0; i < graph.output_count(); ++i)
    text += end_words(model, "OUTPUT", i, graph.output_tensor(i), model.options.output_names);
  text += sizes(model);
  const auto fill = [&](std::string_view of) {
    return fill_template(of, {{"U", model.upper}, {"n", model.name()}});
  };
  if (!graph.other_inputs.empty()) text += fill(kInputsHeader);
  return text + fill(kOutputsHeader);
}

std::string several_ends_source(const FirmwareModel& model) {
  const ir::Graph& graph = model.graph;
  if (!graph.has_several_ends()) return {};
  std::string text;
  if (!graph.other_inputs.empty()) {
    text +=
        "\n/* The inputs that are whole. */\n"
        "static const struct {\n  uint32_t offset;\n  int32_t height, width, channels;\n} inputs[] = {\n";
    for (const int t : graph.other_inputs)
      text += fmt::format("    {{{}, {}, {}, {}}}, /* t{} */\n", model.place(t).offset, model.shape(t).h,
                          model.shape(t).w, model.shape(t).c, t);
    text += "};\n" + fill_template(kInputsSource, {{"n", model.name()}});
  }
  std::string offsets;
  for (int i = 0; i < graph.output_count(); ++i)
    offsets += fmt::format("{}{}", i == 0 ? "" : ", ", model.place(graph.output_tensor(i)).offset);
  return text + fmt::format(
                    "\nconst int8_t *{}_output_at(int output) {{\n"
                    "  static const uint32_t offsets[] = {{{}}};\n  return arena + offsets[output];\n}}\n",
                    model.name(), offsets);
}

std::string fresh_counters(const FirmwareModel& model) {
  if (model.graph.other_inputs.empty()) return "{0}";
  std::string text;
  for (const int t : model.graph.other_inputs)
    text += fmt::format("{}.t{} = {}", text.empty() ? "{" : ", ", t, model.shape(t).h);
  return text + "}";
}

}  // namespace tinynas::engine
