#include <fmt/format.h>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"
#include "tinynas/core/error.h"
#include "tinynas/ir/ops.h"

namespace tinynas::engine {
namespace {

using cost::Step;

bool reads_window(Step step) { return step == Step::kWindow || step == Step::kUnit; }

/// "2 * y", "2 * y + 3", "y - 1", "y": a multiple of y plus a constant.
std::string linear_in_y(int factor, int constant) {
  std::string text = factor == 1 ? "y" : fmt::format("{} * y", factor);
  if (constant > 0) text += fmt::format(" + {}", constant);
  if (constant < 0) text += fmt::format(" - {}", -constant);
  return text;
}

/// The first row of the group that row y is made from, plus a constant: "y / 2 * 3 + 3".
std::string first_of_group(const ir::Layer& layer, int constant) {
  std::string text = layer.stride_h == 1 ? "y" : fmt::format("y / {}", layer.stride_h);
  if (layer.kernel_h != 1) text += fmt::format(" * {}", layer.kernel_h);
  if (constant > 0) text += fmt::format(" + {}", constant);
  return text;
}

/// The condition under which row y cannot be made yet because a row of `tensor` is missing.
std::string missing_rows(const FirmwareModel& model, int index, int input) {
  const ir::Layer& layer = model.layer(index);
  const int tensor = layer.inputs[static_cast<std::size_t>(input)];
  const int height = model.shape(tensor).h;
  if (reads_window(model.step(index))) {
    const int constant =
        ir::window_height(layer) - layer.pad_top;  // rows needed before row y: stride * y + constant
    const int most = layer.stride_h * (model.shape(layer.output).h - 1) + constant;
    if (layer.stride_h == 1 && constant == 1 && most <= height) return fmt::format("next.t{} <= y", tensor);
    const std::string needed = linear_in_y(layer.stride_h, constant);
    if (most > height) return fmt::format("next.t{} < tn_min({}, {})", tensor, needed, height);
    return fmt::format("next.t{} < {}", tensor, needed);
  }
  if (ir::op_info(layer.op).scales_up)
    return fmt::format("next.t{} <= {}", tensor,
                       layer.stride_h == 1 ? "y" : fmt::format("y / {}", layer.stride_h));
  if (layer.op == ir::OpKind::kSlice)
    return fmt::format("next.t{} <= {}", tensor, linear_in_y(layer.stride_h, layer.pad_top));
  if (layer.op == ir::OpKind::kReshape)
    return fmt::format("next.t{} < {}", tensor, first_of_group(layer, layer.kernel_h));
  if (layer.op == ir::OpKind::kConcatRows) {
    const int above = model.shape(layer.inputs[0]).h;
    return input == 0 ? fmt::format("(y < {} && next.t{} <= y)", above, tensor)
                      : fmt::format("(y >= {} && next.t{} <= y - {})", above, tensor, above);
  }
  if (height == 1) return fmt::format("next.t{} == 0", tensor);
  return fmt::format("next.t{} <= y", tensor);
}

/// The row of input `input` that row y of a layer without a window reads.
std::string input_row(const FirmwareModel& model, const ir::Layer& layer, int input) {
  const int tensor = layer.inputs[static_cast<std::size_t>(input)];
  std::string y = "y";
  if (model.shape(tensor).h == 1)
    y = "0";
  else if (ir::op_info(layer.op).scales_up && layer.stride_h != 1)
    y = fmt::format("y / {}", layer.stride_h);
  if (layer.op == ir::OpKind::kSlice) y = linear_in_y(layer.stride_h, layer.pad_top);
  std::string row = row_place(model, tensor, y);
  if (layer.op == ir::OpKind::kDepthToSpace && layer.stride_h != 1)  // a part of its channels makes a row
    row += fmt::format(" + y % {} * {}", layer.stride_h, model.shape(tensor).row_bytes() / layer.stride_h);
  return row;
}

std::string scratch(const FirmwareModel& model, int index) {
  if (model.scratch_bytes(index) == 0) return "NULL";
  return fmt::format("arena + {}", model.schedule.scratch_offset[static_cast<std::size_t>(index)]);
}

std::string call(const std::string& function, std::vector<std::string> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) arguments[i] += i + 1 < arguments.size() ? "," : ");";
  return aligned_list("  " + function + "(", arguments) + "\n";
}

/// Sets rows[] to what row y of a layer reads, from row `first` on.
std::string window(const FirmwareModel& model, const ir::Layer& layer, const std::string& first) {
  const int tensor = layer.inputs[0];
  std::vector<std::string> arguments = {"rows", std::to_string(layer.kernel_h), "arena",
                                        fmt::format("&t{}", tensor), first};
  const std::string declared = fmt::format("  const int8_t *rows[{}];\n", layer.kernel_h);
  std::string each = declared;
  if (layer.dilation_h > 1) {  // rows that lie apart, one by one
    each += fmt::format("  for (int k = 0; k < {}; ++k)\n  ", layer.kernel_h);
    arguments[0] = "rows + k";
    arguments[1] = "1";
    arguments[4] = fmt::format("{} + {} * k", first, layer.dilation_h);
  }
  if (model.history(tensor) == 0) return each + call("tn_window", std::move(arguments));
  arguments.push_back(std::to_string(layer.streams ? layer.pad_top : 0));
  arguments.push_back(fmt::format("past.t{}", tensor));
  return each + call("tn_stream_window", std::move(arguments));
}

std::string kernel_call(const FirmwareModel& model, int index) {
  const ir::Layer& layer = model.layer(index);
  const std::string& function = model.packed[static_cast<std::size_t>(index)].function;
  const std::string self = fmt::format("&l{}", layer.output);
  const std::string out = row_place(model, layer.output, "y");
  switch (model.step(index)) {
    case Step::kWindow:
    case Step::kUnit:
      if (layer.kernel_h == 1 && layer.pad_top + layer.pad_bottom == 0)
        return fmt::format("  const int8_t *const rows[] = {{{}}};\n",
                           row_place(model, layer.inputs[0], linear_in_y(layer.stride_h, 0))) +
               call(function, {self, "rows", out, scratch(model, index)});
      return window(model, layer, linear_in_y(layer.stride_h, -layer.pad_top)) +
             call(function, {self, "rows", out, scratch(model, index)});
    case Step::kRow:
      return call(function, {self, input_row(model, layer, 0), out, scratch(model, index)});
    case Step::kTwoRows:
      return call(function, {self, input_row(model, layer, 0), input_row(model, layer, 1), out});
    case Step::kEitherRow: {
      const int above = model.shape(layer.inputs[0]).h;
      return fmt::format("  const bool above = y < {};\n", above) +
             call(function, {self, fmt::format("above ? {} : NULL", row_place(model, layer.inputs[0], "y")),
                             fmt::format("above ? NULL : {}",
                                         row_place(model, layer.inputs[1], fmt::format("y - {}", above))),
                             out});
    }
    case Step::kGroup:
      return window(model, layer, first_of_group(layer, 0)) +
             call(function,
                  {self, "rows", layer.stride_h == 1 ? "0" : fmt::format("y % {}", layer.stride_h), out});
    case Step::kPool:
    case Step::kCount:
      break;
  }
  throw InternalError("the pool has a step of its own");
}

/// Global pooling takes one row a step and makes its single row with the last.
constexpr std::string_view kPoolStep = R"(static bool t@t@_step(void) {
  int32_t *const sums = (int32_t *)(void *)(@scratch@);
  if (next.t@t@_in == next.t@in@) return false;
  TRACE_BEGIN(@t@);
  if (next.t@t@_in == 0) @f@_begin(&l@t@, sums);
  @f@_row(&l@t@, @in_row@, sums);
  if (++next.t@t@_in == @h@) {
    @f@_end(&l@t@, sums, @out_row@);
    next.t@t@ = 1;
  }
  TRACE_END(@t@, next.t@t@ == 0 ? NULL : @out_row@);
  return true;
}
)";

std::string pool_step(const FirmwareModel& model, int index) {
  const ir::Layer& layer = model.layer(index);
  const ir::Shape& in = model.shape(layer.inputs[0]);
  return fill_template(
      kPoolStep, {{"t", std::to_string(layer.output)},
                  {"in", std::to_string(layer.inputs[0])},
                  {"f", model.packed[static_cast<std::size_t>(index)].function},
                  {"in_row", row_place(model, layer.inputs[0], fmt::format("next.t{}_in", layer.output))},
                  {"out_row", row_place(model, layer.output, "0")},
                  {"scratch", scratch(model, index)},
                  {"h", std::to_string(in.h)}});
}

constexpr std::string_view kStep = R"(static bool t@t@_step(void) {
  const int y = next.t@t@;
  if (@waits@) return false;
  TRACE_BEGIN(@t@);
@call@  TRACE_END(@t@, @row@);
  ++next.t@t@;
  return true;
}
)";

}  // namespace

std::string write_step(const FirmwareModel& model, int index) {
  const ir::Layer& layer = model.layer(index);
  if (model.step(index) == Step::kPool) return pool_step(model, index);
  std::vector<std::string> waits = {fmt::format("y == {}", model.shape(layer.output).h)};
  waits.push_back(missing_rows(model, index, 0));
  if (layer.inputs[1] >= 0 && layer.inputs[1] != layer.inputs[0])
    waits.push_back(missing_rows(model, index, 1));
  return fill_template(kStep, {{"t", std::to_string(layer.output)},
                               {"waits", fmt::format("{}", fmt::join(waits, " || "))},
                               {"row", row_place(model, layer.output, "y")},
                               {"call", kernel_call(model, index)}});
}

std::string write_layer_struct(const FirmwareModel& model, int index) {
  const ir::Layer& layer = model.layer(index);
  const PackedLayer& packed = model.packed[static_cast<std::size_t>(index)];
  std::vector<std::string> fields;
  for (const auto& [name, value] : packed.fields) fields.push_back(fmt::format(".{} = {}", name, value));
  for (const PackedArray& array : packed.arrays)
    fields.push_back(fmt::format(".{} = {}", array.name, array_name(model, layer.output, array.name)));
  if (packed.unrolled) fields.push_back(fmt::format(".unrolled = {}", packed.unrolled->value));
  return fmt::format("static const {} l{} = {{\n{}}};\n", packed.struct_type, layer.output,
                     wrapped_list(fields, 4));
}

}  // namespace tinynas::engine
