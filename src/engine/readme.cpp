#include <fmt/format.h>

#include "engine/c_text.h"
#include "engine/firmware_model.h"
#include "tinynas/ir/ops.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kReadme =
    "# {n}\n\n"
    "{origin}\n\n"
    "| | |\n|---|---|\n"
    "| device | {device} |\n"
    "| SRAM | {sram} bytes (arena {arena}) |\n"
    "| Flash | {flash} bytes (code {code}, constants {constants}), estimated |\n"
    "| work | {macs} multiply-accumulates |\n"
    "{latency}"
    "| input | {h} rows of {row_bytes} bytes ({w} pixels, {c} interleaved), int8 = pixel - 128 |\n"
    "| output | {out} int8 values |\n\n"
    "{input_description}"
    "## Use\n\n"
    "```c\n"
    "#include \"{n}.h\"\n\n"
    "{n}_init();\n"
    "while (!{n}_push_row(camera_line())) {{}}   /* or: {n}_run(image) */\n"
    "const int8_t *scores = {n}_output();\n"
    "```\n\n"
    "Rows are used as they are pushed: no frame is ever held{held}. No heap, no recursion, no libc beyond "
    "string.h.\n"
    "Not reentrant. Several models, each with its own name, link into one image.\n\n"
    "- `make` builds `{n}_example` for this computer; `make lib CROSS=arm-none-eabi- CPU=cortex-m7` a "
    "library.\n"
    "- `CMakeLists.txt` works by itself, as an ESP-IDF component and as a Zephyr module.\n"
    "- `-D{U}_ARENA_PLACE=...` places the arena in a section; `-D{U}_ARENA_FROM_CALLER` lets the caller own "
    "it;\n"
    "  `-D{U}_WEIGHTS_PLACE=...` places the weights.\n\n"
    "## Layers\n\n"
    "| tensor | layer | shape | rows kept | at | MAC |\n|---|---|---|---|---|---|\n";

std::string layer_row(const FirmwareModel& model, int index) {
  const ir::Layer& layer = model.layer(index);
  const ir::Shape& shape = model.shape(layer.output);
  const std::string name =
      model.graph.names.empty() ? std::string() : model.graph.names[static_cast<std::size_t>(index)] + ": ";
  return fmt::format("| t{} | {}{} | {}x{}x{} | {} | {} | {} |\n", layer.output, plain_text(name),
                     layer_summary(model, index), shape.h, shape.w, shape.c, model.place(layer.output).rows,
                     model.place(layer.output).offset, ir::layer_macs(model.graph, layer));
}

}  // namespace

std::string write_readme(const FirmwareModel& model) {
  const cost::Footprint& f = model.footprint;
  const ir::Shape& in = model.shape(model.graph.input);
  const cost::Device& device = model.options.device;
  const std::string latency = f.latency_ms > 0
                                  ? fmt::format("| latency | about {:.2f} ms at {:.0f} MHz, estimated |\n",
                                                f.latency_ms, device.clock_hz / 1e6)
                                  : std::string();
  const std::string description = model.options.input_description.empty()
                                      ? std::string()
                                      : plain_text(model.options.input_description) + "\n\n";
  std::string text = fmt::format(
      fmt::runtime(kReadme), fmt::arg("n", model.name()), fmt::arg("U", model.upper),
      fmt::arg("origin", origin_line(model)), fmt::arg("device", device.name), fmt::arg("sram", f.sram_bytes),
      fmt::arg("arena", f.arena_bytes), fmt::arg("flash", f.flash_bytes), fmt::arg("code", f.code_bytes),
      fmt::arg("constants", f.flash_bytes - f.code_bytes), fmt::arg("macs", f.macs),
      fmt::arg("latency", latency), fmt::arg("h", in.h), fmt::arg("w", in.w), fmt::arg("c", in.c),
      fmt::arg("row_bytes", in.row_bytes()), fmt::arg("out", model.shape(model.graph.output).bytes()),
      fmt::arg("input_description", description),
      fmt::arg("held", model.is_ring(model.graph.input) ? "" : " by the caller (the arena holds it)"));
  for (std::size_t i = 0; i < model.graph.layers.size(); ++i) text += layer_row(model, static_cast<int>(i));
  return text;
}

}  // namespace tinynas::engine
