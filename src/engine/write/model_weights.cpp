#include <fmt/format.h>

#include <algorithm>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"

namespace tinynas::engine {
namespace {

std::string declaration(const FirmwareModel& model, int tensor, const PackedArray& array) {
  return fmt::format("{} {}[{}]", array.type, array_name(model, tensor, array.name), array.values.size());
}

/// Calls `visit(tensor, array)` for every array in layer order.
template <typename Visit>
void for_each_array(const FirmwareModel& model, const Visit& visit) {
  for (std::size_t i = 0; i < model.packed.size(); ++i)
    for (const PackedArray& array : model.packed[i].arrays) visit(model.graph.layers[i].output, array);
}

/// The arrays alone; code and structs come on top.
std::string flash_check(const FirmwareModel& model) {
  const cost::Device& device = model.options.device;
  if (device.flash_bytes <= 0) return {};
  Bytes bytes = 0;
  for_each_array(model, [&](int, const PackedArray& array) { bytes += array.bytes(); });
  return fmt::format(
      "\n/* Bytes of the arrays below. */\nenum {{ CONSTANT_BYTES = {} }};\n"
      "_Static_assert(CONSTANT_BYTES <= {}, \"the constants exceed the Flash of {}\");\n",
      bytes, device.flash_bytes, plain_text(device.name));
}

}  // namespace

std::string write_weights_h(const FirmwareModel& model) {
  std::string text = fmt::format(
      "/* {0}_weights.h: {1}\n"
      " * Constants of the layers; lN belongs to tensor tN of {0}.c. */\n"
      "#ifndef TINYNAS_NET_{2}_WEIGHTS_H\n#define TINYNAS_NET_{2}_WEIGHTS_H\n\n#include <stdint.h>\n\n"
      "/* Where they lie, if not in .rodata: an attribute with a section of external Flash, say. */\n"
      "#ifndef {2}_WEIGHTS_PLACE\n#define {2}_WEIGHTS_PLACE\n#endif\n\n",
      model.name(), origin_line(model), model.upper);
  for_each_array(model, [&](int tensor, const PackedArray& array) {
    text += fmt::format("extern const {};\n", declaration(model, tensor, array));
  });
  return text + "\n#endif\n";
}

std::string write_weights_c(const FirmwareModel& model) {
  std::string text = fmt::format("/* {0}_weights.c: {1} */\n#include \"{0}_weights.h\"\n", model.name(),
                                 origin_line(model)) +
                     flash_check(model);
  for_each_array(model, [&](int tensor, const PackedArray& array) {
    text += fmt::format("\n{}_WEIGHTS_PLACE _Alignas({}) const {} = {{\n{}}};\n", model.upper, array.align,
                        declaration(model, tensor, array),
                        wrapped_numbers(array.values, 4, array.type.starts_with('u')));
  });
  return text;
}

}  // namespace tinynas::engine
