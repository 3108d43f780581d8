#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"
#include "tinynas/engine/toolchain.h"
#include "tinynas/ir/ops.h"

namespace tinynas::engine {
namespace {

std::string shape_text(const ir::Shape& shape) {
  return fmt::format("[{}, {}, {}]", shape.h, shape.w, shape.c);
}

/// Index of the layer that makes a tensor; -1 for the network's input.
int producer(const ir::Graph& graph, int tensor) {
  for (std::size_t i = 0; i < graph.layers.size(); ++i)
    if (graph.layers[i].output == tensor) return static_cast<int>(i);
  return -1;
}

std::string layer_name(const ir::Graph& graph, int layer) {
  if (graph.names.empty() || graph.names[static_cast<std::size_t>(layer)].empty()) return {};
  return " = " + plain_text(graph.names[static_cast<std::size_t>(layer)]);
}

std::string rows_text(const FirmwareModel& model, int tensor) {
  const int rows = model.place(tensor).rows;
  if (const int history = model.history(tensor); history > 0)
    return fmt::format("ring of {} rows and {} of earlier calls", rows - history, history);
  if (!model.is_ring(tensor)) return "whole";
  return rows == 1 ? "1 row" : fmt::format("ring of {} rows", rows);
}

int segment_of(const FirmwareModel& model, int layer) {
  int index = 0;
  while (model.schedule.segments[static_cast<std::size_t>(index)].last < layer) ++index;
  return index;
}

/// "0-2": the segments in which a tensor is in use, from the one that makes it to the last that reads it.
std::string life_of(const FirmwareModel& model, int tensor) {
  const int layers = static_cast<int>(model.graph.layers.size());
  const int maker = producer(model.graph, tensor);
  const int first = segment_of(model, std::max(maker, 0));
  int last = model.graph.is_output(tensor) ? segment_of(model, layers - 1) : first;
  for (int i = 0; i < layers; ++i)
    for (const int input : model.layer(i).inputs)
      if (input == tensor) last = std::max(last, segment_of(model, i));
  return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

/// The lines of the inputs after the first and of the outputs.
std::string other_ends(const FirmwareModel& model) {
  std::string text;
  for (const int t : model.graph.other_inputs)
    text += fmt::format(" *         int8 {}, whole, [H][C][W]: t{}\n", shape_text(model.shape(t)), t);
  for (int i = 0; i < model.graph.output_count(); ++i)
    text += fmt::format(" * {}  int8 {}\n", i == 0 ? "Output" : "      ",
                        shape_text(model.shape(model.graph.output_tensor(i))));
  return text;
}

std::string header_comment(const FirmwareModel& model) {
  const cost::Footprint& f = model.footprint;
  const ir::Shape& in = model.shape(model.graph.input);
  const cost::Device& device = model.options.device;
  std::string text = fmt::format("/* {}.c: {}\n", model.name(), origin_line(model));
  text += fmt::format(
      " *\n"
      " * SRAM    {} bytes: arena {} (rows of tensors {}, scratch of kernels {}), counters {}\n"
      " * Flash   {} bytes: code {}, constants {}\n"
      " * Work    {} multiply-accumulates",
      f.sram_bytes, f.arena_bytes, f.activation_bytes, f.scratch_bytes, f.sram_bytes - f.arena_bytes,
      f.flash_bytes, f.code_bytes, f.flash_bytes - f.code_bytes, f.macs);
  if (f.latency_ms > 0)
    text += fmt::format(", about {:.2f} ms on {} at {:.0f} MHz", f.latency_ms, device.name,
                        device.clock_hz / 1e6);
  text += fmt::format(
      "\n"
      " * Input   int8 {}, {} of {} bytes pushed one by one, each [W][C]\n"
      "{}"
      " *\n",
      shape_text(in), in.h == 1 ? "1 row" : fmt::format("{} rows", in.h), in.row_bytes(), other_ends(model));
  text += comment_lines(
      "How it runs. A tensor keeps only the rows that somebody still needs: row y lies at offset + (y % "
      "rows) * "
      "row_bytes of the arena, laid out [C][W]. tN_step() makes the next row of tensor N, or returns false "
      "while a "
      "row that it reads is missing. The steps of a segment take turns, the one nearest to the output first, "
      "until "
      "none can go on. There is one arena, no heap and no recursion, so the functions are not reentrant.");
  return text + " */\n";
}

/// Two mistakes that would pass in silence: an arena planned for one form of the kernels and code of a higher
/// one, which needs more scratch; code planned for a form that the compiler was not told to use.
std::string form_check(const FirmwareModel& model) {
  constexpr std::array<std::string_view, 3> kForms = {"TN_FORM_PORTABLE", "TN_FORM_DSP", "TN_FORM_MVE"};
  static_assert(kForms.size() == static_cast<std::size_t>(cost::KernelIsa::kCount));
  const cost::CoreInfo& core = cost::core_info(model.options.device.core);
  const std::string_view form = kForms[static_cast<std::size_t>(core.isa)];
  std::string text = fmt::format(
      "_Static_assert(TN_FORM <= {},\n               \"planned for {}: compile with -DTN_PORTABLE, "
      "or plan again\");\n",
      form, core.name);
  if (core.isa == cost::KernelIsa::kPortable) return text;
  return text + fmt::format(
                    "#if TN_FORM < {0} && !defined(TN_PORTABLE) && !defined(__unix__) && \\\n"
                    "    !defined(__APPLE__) && !defined(_WIN32) /* a PC computes as it can */\n"
                    "#error \"planned for the instructions of {1}; compile with {2} (or, slowly, "
                    "-DTN_PORTABLE)\"\n"
                    "#endif\n",
                    form, core.name, flags_text(toolchain_for(core.core)));
}

std::string arena_definition(const FirmwareModel& model) {
  const cost::Device& device = model.options.device;
  std::string text = fmt::format(
      "#ifdef {0}_ARENA_FROM_CALLER\n"
      "static int8_t *arena; /* set by {1}_init() */\n"
      "#else\n"
      "static {0}_ARENA_PLACE _Alignas({0}_ARENA_ALIGN) int8_t arena[{0}_ARENA_BYTES];\n"
      "#endif\n",
      model.upper, model.name());
  if (device.sram_bytes > 0)
    text += fmt::format("_Static_assert({}_ARENA_BYTES <= {}, \"the arena exceeds the SRAM of {}\");\n",
                        model.upper, device.sram_bytes, plain_text(device.name));
  return text + form_check(model);
}

std::vector<int> kept_tensors(const FirmwareModel& model) {
  std::vector<int> kept;
  for (int t = 0; t < model.graph.tensor_count(); ++t)
    if (model.history(t) > 0) kept.push_back(t);
  return kept;
}

/// "uint16_t t0, t1;\n": names as members of a struct.
std::string members(const std::vector<std::string>& names) {
  std::string list = wrapped_list(names, 6);
  list.replace(0, 6, "uint16_t ");
  list.replace(list.size() - 2, 1, ";");
  return list;
}

/// Of a streaming network: where each call begins in the rings that outlive it.
std::string rings_turned(const FirmwareModel& model) {
  std::vector<std::string> names;
  for (const int t : kept_tensors(model)) names.push_back(fmt::format("t{}", t));
  if (names.empty()) return {};
  const std::string list = members(names);
  return "/* Rings that keep rows of earlier calls: row 0 of tensor N lies where row past.tN of its ring is. "
         "*/\n"
         "static struct rings_turned {\n  " +
         list + "} past;\n";
}

/// The counters: rows made so far of every tensor, and rows taken by global pools.
std::string counters(const FirmwareModel& model) {
  std::vector<std::string> names;
  for (std::size_t t = 0; t < model.graph.tensors.size(); ++t) names.push_back(fmt::format("t{}", t));
  for (const ir::Layer& layer : model.graph.layers)
    if (layer.op == ir::OpKind::kGlobalAveragePool) names.push_back(fmt::format("t{}_in", layer.output));
  const std::string list = members(names);
  return "/* Rows made so far: the next row of tensor N is row next.tN. (tN_in: rows taken by a global "
         "pool.) */\n"
         "static struct rows_made {\n  " +
         list + fmt::format("#ifdef {}_PUSH_SAMPLES\n", model.upper) +
         "  uint32_t filled; /* values of the next row that stand there */\n"
         "#endif\n"
         "} next;\n" +
         rings_turned(model);
}

/// Kernels whose code is made for the sizes of this network, and the headers that make it.
struct UnrolledText {
  std::string includes, definitions;
};
UnrolledText unrolled_kernels(const FirmwareModel& model) {
  std::set<std::string> headers, definitions;
  for (const PackedLayer& layer : model.packed) {
    if (!layer.unrolled) continue;
    headers.insert(fmt::format("#include \"{}\"\n", layer.unrolled->header));
    definitions.insert(layer.unrolled->definition + "\n");
  }
  if (definitions.empty()) return {};
  return {.includes = fmt::format("{}", fmt::join(headers, "")),
          .definitions =
              fmt::format("/* Kernels unrolled for the sizes of this network; see their headers. */\n{}\n",
                          fmt::join(definitions, ""))};
}

/// What an application may see of every row (MODEL_TRACE).
constexpr std::string_view kTrace = R"(/* Around every row that a layer makes; nothing without @U@_TRACE. */
#ifdef @U@_TRACE
static @n@_tracer tracer;
#define TRACE_BEGIN(TENSOR) \
  if (tracer.begin != NULL) tracer.begin(TENSOR)
#define TRACE_END(TENSOR, ROW) \
  if (tracer.end != NULL) tracer.end(TENSOR, ROW, t##TENSOR.row_bytes)
#else
#define TRACE_BEGIN(TENSOR)
#define TRACE_END(TENSOR, ROW)
#endif
)";

std::string tensor_places(const FirmwareModel& model) {
  std::string text = "/* Where the rows of each tensor lie. */\n";
  for (std::size_t t = 0; t < model.graph.tensors.size(); ++t) {
    const auto tensor = static_cast<int>(t);
    text += fmt::format(
        "static const tn_tensor t{} = {{.offset = {}, .row_bytes = {}, .rows = {}, .height = {}}};\n", t,
        model.place(tensor).offset, model.row_bytes(tensor), model.place(tensor).rows, model.shape(tensor).h);
  }
  return text;
}

std::string step_comment(const FirmwareModel& model, int index) {
  const ir::Layer& layer = model.layer(index);
  std::string text = fmt::format("t{}{}: {}; {}", layer.output, layer_name(model.graph, index),
                                 layer_summary(model, index), shape_text(model.shape(layer.output)));
  const Macs macs = ir::layer_macs(model.graph, layer);
  if (macs > 0) text += fmt::format(", {} MAC", macs);
  text += fmt::format("; {} at arena + {}", rows_text(model, layer.output), model.place(layer.output).offset);
  std::string lines = comment_lines(text);
  lines.replace(0, 2, "/*");
  lines.back() = ' ';
  return lines + "*/\n";
}

std::string segment_function(const FirmwareModel& model, int index) {
  const cost::Segment& segment = model.schedule.segments[static_cast<std::size_t>(index)];
  std::vector<std::string> steps;
  for (int layer = segment.last; layer >= segment.first; --layer)
    steps.push_back(
        fmt::format("t{}_step(){}", model.layer(layer).output, layer > segment.first ? " ||" : ") {"));
  return fmt::format("static void segment_{}(void) {{\n{}\n  }}\n}}\n", index,
                     aligned_list("  while (", steps));
}

std::string segment_banner(const FirmwareModel& model, int index) {
  const cost::Segment& segment = model.schedule.segments[static_cast<std::size_t>(index)];
  const int first = model.layer(segment.first).output;
  const int last = model.layer(segment.last).output;
  const std::string steps =
      first == last ? fmt::format("t{}", first) : fmt::format("t{} to t{}", first, last);
  return fmt::format("/* ---- Segment {}: {} ---- */\n\n", index, steps);
}

std::string segments(const FirmwareModel& model) {
  std::string text;
  for (std::size_t s = 0; s < model.schedule.segments.size(); ++s) {
    const auto index = static_cast<int>(s);
    text += segment_banner(model, index);
    for (int layer = model.schedule.segments[s].first; layer <= model.schedule.segments[s].last; ++layer)
      text += step_comment(model, layer) + write_layer_struct(model, layer) + "\n" +
              write_step(model, layer) + "\n";
    text += segment_function(model, index) + "\n";
  }
  return text;
}

constexpr std::string_view kInterface = R"(/* ---- Interface ---- */

#ifdef @U@_ARENA_FROM_CALLER
void @n@_init(int8_t *memory) {
  assert((uintptr_t)memory % @U@_ARENA_ALIGN == 0);
  TN_KERNELS_VERSION();
  arena = memory;
  @begin@
}
#else
void @n@_init(void) {
  TN_KERNELS_VERSION();
  @begin@
}
#endif
@reset@
#ifdef @U@_TRACE
void @n@_trace(const @n@_tracer *by) {
  tracer = by == NULL ? (@n@_tracer){0} : *by;
}
#endif

int8_t *@n@_input_row(void) { return @input_row@; }
@dma_row@
bool @n@_push_row_u8(const uint8_t *row) {
  int8_t *const place = @n@_input_row();
  for (int i = 0; i < @U@_ROW_BYTES; ++i) place[i] = (int8_t)(row[i] - 128);
  return @n@_push_row(place);
}

bool @n@_push_row(const int8_t *row) {
  if (next.t@in@ == @h@) next = (struct rows_made)@fresh@; /* the last @image@ is done: a new one begins */
  int8_t *const place = @n@_input_row();
  if (row != place) memcpy(place, row, @U@_ROW_BYTES);
  ++next.t@in@;
  segment_0();
  if (next.t@in@ < @h@) return false;
@later_segments@@turn@  return true;
}

#ifdef @U@_PUSH_SAMPLES
bool @n@_push_samples(const int8_t **samples, int *count) {
  while (*count > 0) {
    int8_t *const row = @n@_input_row();
    const int left = @U@_ROW_BYTES - (int)next.filled, taken = tn_min(left, *count);
    memcpy(row + next.filled, *samples, (size_t)taken);
    *samples += taken;
    *count -= taken;
    next.filled = taken < left ? next.filled + (uint32_t)taken : 0;
    if (taken == left && @n@_push_row(row)) return true;
  }
  return false;
}
#endif

const int8_t *@n@_run(const int8_t *image) {
  next = (struct rows_made)@fresh@;
@set_inputs@  for (int y = 0; y < @h@; ++y) @n@_push_row(image + y * @U@_ROW_BYTES);
  return @n@_output();
}

const int8_t *@n@_output(void) { return tn_row(arena, &t@out@, 0); }
)";

constexpr std::string_view kResetFunction = R"(
void @n@_reset(void) {
  next = (struct rows_made){0};
  past = (struct rings_turned){0};
@zeros@}
)";

/// Forgets earlier calls: the rows above row 0 become zeros.
std::string reset(const FirmwareModel& model) {
  if (!model.streams()) return {};
  std::string zeros;
  for (const int t : kept_tensors(model))
    zeros += fmt::format("  memset(tn_row(arena, &t{}, 0), {}, {});\n", t, model.quant(t).zero_point,
                         model.place(t).rows * model.row_bytes(t));
  return fill_template(kResetFunction, {{"n", model.name()}, {"zeros", zeros}});
}

std::string begin(const FirmwareModel& model) {
  if (model.streams()) return model.name() + "_reset();";
  return fmt::format("next = (struct rows_made){};", fresh_counters(model));
}

/// At the end of a call: row 0 of the next one lies behind its last row.
std::string turn(const FirmwareModel& model) {
  std::string text;
  for (const int t : kept_tensors(model))
    text += fmt::format("  past.t{0} = (uint16_t)((past.t{0} + {1}) % {2});\n", t, model.shape(t).h,
                        model.place(t).rows);
  return text;
}

std::string dma_row(const FirmwareModel& model) {
  if (!model.dma()) return {};
  return fill_template(R"(
int8_t *@n@_dma_row(void) { return tn_row(arena, &t@in@, (next.t@in@ + 1) % @h@); }
)",
                       {{"n", model.name()},
                        {"in", std::to_string(model.graph.input)},
                        {"h", std::to_string(model.shape(model.graph.input).h)}});
}

/// The inputs after the first, which stand behind its rows.
std::string set_inputs(const FirmwareModel& model) {
  if (model.graph.other_inputs.empty()) return {};
  return fill_template(
      R"(  const int8_t *values = image + @h@ * @U@_ROW_BYTES;
  for (int i = 1; i < @U@_INPUTS; ++i) values = @n@_set_input(i, values);
)",
      {{"n", model.name()}, {"U", model.upper}, {"h", std::to_string(model.shape(model.graph.input).h)}});
}

std::string interface(const FirmwareModel& model) {
  const int input = model.graph.input;
  std::string later;
  for (std::size_t s = 1; s < model.schedule.segments.size(); ++s)
    later += fmt::format("  segment_{}();\n", s);
  return fill_template(
      kInterface,
      {{"U", model.upper},
       {"n", model.name()},
       {"in", std::to_string(input)},
       {"out", std::to_string(model.graph.output)},
       {"h", std::to_string(model.shape(input).h)},
       {"image", model.streams() ? "call" : "image"},
       {"begin", begin(model)},
       {"reset", reset(model)},
       {"turn", turn(model)},
       {"input_row", row_place(model, input, fmt::format("next.t{} % {}", input, model.shape(input).h))},
       {"dma_row", dma_row(model)},
       {"fresh", fresh_counters(model)},
       {"set_inputs", set_inputs(model)},
       {"later_segments", later}});
}

std::string labels(const FirmwareModel& model) {
  if (model.options.classes.empty()) return {};
  std::vector<std::string> quoted;
  for (const std::string& label : model.options.classes)
    quoted.push_back(fmt::format("\"{}\"", plain_text(label)));
  return fmt::format("\nconst char *const {}_labels[{}_CLASSES] = {{\n{}}};\n", model.name(), model.upper,
                     wrapped_list(quoted, 4));
}

}  // namespace

std::string write_arena_map(const FirmwareModel& model) {
  std::string text =
      "/* Arena, bytes. Places that overlap hold different things at different times.\n"
      " *   offset    bytes  segments\n";
  const auto line = [&](Bytes offset, Bytes bytes, const std::string& life, const std::string& what) {
    text += fmt::format(" * {:8} {:8}  {:8}  {}\n", offset, bytes, life, what);
  };
  for (std::size_t t = 0; t < model.graph.tensors.size(); ++t) {
    const auto tensor = static_cast<int>(t);
    const int layer = producer(model.graph, tensor);
    const int rows = model.place(tensor).rows;
    const Bytes row_bytes = model.row_bytes(tensor);
    line(model.place(tensor).offset, rows * row_bytes, life_of(model, tensor),
         fmt::format("t{}{}, {} x {}, {}", t, layer < 0 ? " = input" : layer_name(model.graph, layer), rows,
                     row_bytes, model.is_ring(tensor) ? "ring" : "whole"));
  }
  for (std::size_t i = 0; i < model.graph.layers.size(); ++i) {
    const auto layer = static_cast<int>(i);
    if (const Bytes bytes = model.scratch_bytes(layer); bytes > 0)
      line(model.schedule.scratch_offset[i], bytes, fmt::format("{}", segment_of(model, layer)),
           fmt::format("scratch of t{}", model.layer(layer).output));
  }
  return text + " */\n";
}

std::string write_model_c(const FirmwareModel& model) {
  const UnrolledText unrolled = unrolled_kernels(model);
  return header_comment(model) +
         fmt::format(
             "#include \"{0}.h\"\n\n#include <assert.h>\n#include <string.h>\n\n#include \"{0}_weights.h\"\n"
             "#include \"tinynas_kernels.h\"\n#include \"tinynas_runtime.h\"\n{1}\n",
             model.name(), unrolled.includes) +
         unrolled.definitions + write_arena_map(model) + arena_definition(model) + "\n" + counters(model) +
         "\n" + fill_template(kTrace, {{"U", model.upper}, {"n", model.name()}}) + "\n" +
         tensor_places(model) + "\n" + segments(model) + interface(model) + several_ends_source(model) +
         labels(model);
}

}  // namespace tinynas::engine
