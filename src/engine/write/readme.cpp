#include <fmt/format.h>

#include <cstdlib>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"
#include "engine/write/markdown.h"
#include "tinynas/cost/row_times.h"
#include "tinynas/cost/stack.h"
#include "tinynas/engine/toolchain.h"
#include "tinynas/ir/ops.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kReadme = R"(# @n@

@origin@

@totals@
@input_description@## Use

```c
@use@```

Rows are used as they are pushed@held@. No heap, no recursion, no libc beyond string.h and assert.h.
Not reentrant. Several models, each with a name of its own and made by the same version of tinynas, link into one image.

@building@- The sources are C11, for a C compiler; `@n@.h` may be included from C++.
- `-D@U@_ARENA_PLACE=...` places the arena in a section; `-D@U@_ARENA_FROM_CALLER` lets the caller own it;
  `-D@U@_WEIGHTS_PLACE=...` places the weights; `-D@U@_PUSH_SAMPLES` adds `@n@_push_samples()`, which takes
  values in portions of any size.

@self_test@## Layers

| tensor | layer | shape | rows kept | at | MAC |
|---|---|---|---|---|---|
)";

constexpr std::string_view kUse = R"(#include "@n@.h"

@n@_init();
while (!@n@_push_row(camera_line())) {}
/* or, with an image in memory: @n@_run(image); */
const int8_t *scores = @n@_output();
)";

/// Of a network that streams.
constexpr std::string_view kUseStreaming = R"(#include "@n@.h"

@n@_init();
for (;;) {                                    /* every @h@ rows give an output; earlier rows count, too */
  if (@n@_push_row(next_row())) use(@n@_output());
}
/* @n@_reset(); forgets what was pushed: a new signal begins */
)";

/// How the plain folder is built.
constexpr std::string_view kBuilding =
    R"(- `make` builds `@n@_example` for this computer (`examples/image.c`), `make lib CPU=@core@` a library.
- `CMakeLists.txt` works by itself and by `add_subdirectory`.
- The compiler must be told the core, in a project of yours (CMake's `add_subdirectory`), too:
  `@flags@`.
  @refused@
- `make emulate` runs programs for a board in QEMU; `make emulate-NAME` runs `examples/NAME.c`:
  @programs@`benchmark` (what an image, each row and each layer take, as `tinynas calibrate
  --csv` reads it), `mlperf_tiny` (answers the runner of MLPerf Tiny).
- On your board these programs need four functions that you write, `board_init()`, `board_put()`, `board_get()` and
  `board_exit()` of `examples/board.h`: a UART in all, `examples/qemu/board.c` is one. Compile every file with
  `-D@U@_TRACE -I. -Iexamples`; `-DBOARD_HZ=...`, the processor's clock, lets them print times.
)";

/// A table of two columns without heading.
class Facts {
 public:
  void add(std::string_view name, const std::string& value) {
    text_ += fmt::format("| {} | {} |\n", name, value);
  }
  std::string text() const { return "| | |\n|---|---|\n" + text_; }

 private:
  std::string text_;
};

/// Of an input or output beside the first ones.
std::string end_words(const FirmwareModel& model, int tensor) {
  const ir::Shape& shape = model.shape(tensor);
  const ir::TensorQuant& quant = model.quant(tensor);
  return fmt::format("{}x{}x{} int8 values, [H][C][W]: real value = {} * (value {} {})", shape.h, shape.w,
                     shape.c, quant.scale, quant.zero_point > 0 ? '-' : '+', std::abs(quant.zero_point));
}

std::string totals(const FirmwareModel& model) {
  const cost::Footprint& f = model.footprint;
  const ir::Shape& in = model.shape(model.graph.input);
  const cost::Device& device = model.options.device;
  Facts facts;
  facts.add("device", plain_text(device.name));
  facts.add("SRAM", fmt::format("{} bytes: arena {}, counters {}", f.sram_bytes, f.arena_bytes,
                                f.sram_bytes - f.arena_bytes));
  if (model.streams())
    facts.add("state",
              fmt::format("{} bytes of the arena keep rows from call to call", model.schedule.stream_bytes));
  facts.add("stack", fmt::format("{} bytes at most, with GCC -O2; interrupts come on top",
                                 cost::stack_bytes(model.graph, device.core)));
  facts.add("Flash", fmt::format("{} bytes, estimated: code {}, constants {}", f.flash_bytes, f.code_bytes,
                                 f.flash_bytes - f.code_bytes));
  facts.add("work", fmt::format("{} multiply-accumulates", f.macs));
  if (f.latency_ms > 0) {
    const cost::RowTimes rows =
        cost::row_times(model.graph, model.schedule, cost::layer_costs(model.graph, model.schedule, device));
    facts.add("latency",
              fmt::format("{:.2f} ms at {:.0f} MHz, **an estimate**: nothing was measured on hardware",
                          f.latency_ms, device.clock_hz / 1e6));
    facts.add(
        "a pushed row",
        fmt::format("{:.2f} ms in the middle, at most {:.2f} ms before the last (a camera must leave as much "
                    "between two lines), at most {:.2f} ms after row {}: estimates",
                    rows.median, rows.worst_before_last, rows.worst, rows.worst_row));
  }
  facts.add("input",
            fmt::format("{} rows of {} bytes ({} {} of {}), int8: {}", in.h, in.row_bytes(), in.w,
                        model.takes_pixels() ? "pixels" : "columns",
                        in.c == 1 ? "1 channel" : fmt::format("{} channels", in.c), int8_meaning(model)));
  for (const int t : model.graph.other_inputs) facts.add("input, whole", end_words(model, t));
  if (!model.graph.has_several_ends())
    facts.add("output", fmt::format("{} int8 values", model.shape(model.graph.output).bytes()));
  else
    for (int i = 0; i < model.graph.output_count(); ++i)
      facts.add(fmt::format("output {}", i), end_words(model, model.graph.output_tensor(i)));
  return facts.text();
}

constexpr std::string_view kSelfTest = R"(## The self-test

`@n@_self_test(&difference)` (`@n@_self_test.h`) runs @images@ (@source@) and compares every output with
what tinynas' interpreter computed. Compiled with `-D@U@_TRACE` it also compares all rows of every layer, and names the
first that differs. `@examples@/self_test.c` prints what it finds. A program that calls it links @bytes@ bytes
of Flash for inputs and outputs (with `@U@_TRACE` @checks@ more); one that does not call it links none of it.

)";

std::string self_test(const FirmwareModel& model, std::string_view examples) {
  if (!model.has_self_test()) return {};
  const Bytes images = static_cast<Bytes>(model.options.self_test.images.size()),
              values = ir::input_elements(model.graph) + ir::output_elements(model.graph),
              layers = static_cast<Bytes>(model.graph.layers.size());
  return fill_template(kSelfTest, {{"n", model.name()},
                                   {"U", model.upper},
                                   {"examples", std::string(examples)},
                                   {"images", images == 1 ? "an image" : fmt::format("{} images", images)},
                                   {"source", plain_text(model.options.self_test.source)},
                                   {"bytes", std::to_string(images * values)},
                                   {"checks", std::to_string(images * layers * 4)}});
}

std::string layer_row(const FirmwareModel& model, int index) {
  const ir::Layer& layer = model.layer(index);
  const ir::Shape& shape = model.shape(layer.output);
  const std::string name =
      model.graph.names.empty() ? std::string() : model.graph.names[static_cast<std::size_t>(index)] + ": ";
  return fmt::format("| t{} | {}{} | {}x{}x{} | {} | {} | {} |\n", layer.output, plain_text(name),
                     layer_summary(model, index), shape.h, shape.w, shape.c, model.place(layer.output).rows,
                     model.place(layer.output).offset, ir::layer_macs(model.graph, layer));
}

/// What a compiler for another core says.
std::string refused_text(const cost::CoreInfo& core) {
  if (core.isa == cost::KernelIsa::kPortable)
    return "It was planned for plain C: for a core with DSP instructions or vectors it compiles with "
           "`-DTN_PORTABLE`.";
  return "Without its instructions it does not compile; `-DTN_PORTABLE` takes plain C, which is slower.";
}

}  // namespace

std::string write_readme(const FirmwareModel& model) {
  const cost::CoreInfo& core = cost::core_info(model.options.device.core);
  return write_readme(model, {.building = fill_template(
                                  kBuilding, {{"n", model.name()},
                                              {"U", model.upper},
                                              {"programs", model.has_self_test() ? "`self_test`, " : ""},
                                              {"core", std::string(core.name)},
                                              {"flags", flags_text(toolchain_for(core.core))},
                                              {"refused", refused_text(core)}}),
                              .examples = "examples"});
}

std::string write_readme(const FirmwareModel& model, const ReadmeOf& folder) {
  const std::string& input = model.options.input_description;
  std::string text = fill_template(
      kReadme,
      {{"origin", origin_line(model)},
       {"n", model.name()},
       {"U", model.upper},
       {"building", folder.building},
       {"totals", totals(model)},
       {"self_test", self_test(model, folder.examples)},
       {"input_description", input.empty() ? "" : plain_text(input) + "\n\n"},
       {"use", fill_template(model.streams() ? kUseStreaming : kUse,
                             {{"n", model.name()}, {"h", std::to_string(model.shape(model.graph.input).h)}})},
       {"held", model.is_ring(model.graph.input) ? ": no frame is ever held" : ""}});
  for (std::size_t i = 0; i < model.graph.layers.size(); ++i) text += layer_row(model, static_cast<int>(i));
  return wrap_markdown(text);
}

}  // namespace tinynas::engine
