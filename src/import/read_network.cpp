#include <fmt/format.h>

#include <optional>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::import {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;

/// "uint8 [1, 28, 28, 1]"; of a float network also what its integers mean.
std::string own_end(const End& end, bool of_float) {
  std::string text = fmt::format("{} [{}]", type_name(end.type), fmt::join(end.shape, ", "));
  if (of_float && end.type != Type::kFloat32)
    text += fmt::format(" (real value = {} * (it minus {}))", end.quant.scale,
                        end.quant.zero_point + (end.type == Type::kUint8 ? 128 : 0));
  return text;
}

/// What firmware feeds and takes, in terms of the file's own input and output, for model.h.
std::string ends_description(const Folded& folded) {
  const bool of_float = !folded.graph.quant;
  std::string text = "The file's own input is " + own_end(folded.input, of_float);
  if (folded.input.type == Type::kUint8 && !of_float)
    text += ": feed its values less 128.";
  else if (folded.input.type == Type::kInt8 && !of_float)
    text += ": feed its values as they are.";
  else
    text += ": feed real value by scale plus zero point, rounded and saturated.";
  if (!folded.input.order.empty())
    text += fmt::format(" Its values stand in the order {}: feed them in the order HWC.", folded.input.order);
  text += " Its output is " + own_end(folded.output, of_float);
  if (folded.output.type == Type::kUint8 && !of_float)
    text += ": what the network makes plus 128.";
  else if (folded.output.type == Type::kInt8 && !of_float)
    text += ", as the network makes it.";
  else
    text += ": scale times (what the network makes less zero point).";
  if (!folded.output.order.empty())
    text += fmt::format(" Its values stand in the order {}.", folded.output.order);
  return text;
}

}  // namespace

Network read_network(const std::filesystem::path& path) {
  std::string bytes = read_file(path, kMostBytes);
  std::optional<Folded> folded;
  try {
    if (is_tflite(bytes))
      folded = fold(read_tflite(std::move(bytes)));
    else if (onnx::File file = onnx::parse_file(bytes); file.producer != onnx::kProducer)
      folded = fold(read_onnx(std::move(file)));
  } catch (const IoError& error) {
    throw IoError(fmt::format("{}: {}", path.string(), error.what()));
  } catch (const Error& error) {
    throw UnsupportedError(fmt::format("{}: {}", path.string(), error.what()));
  }
  if (folded)
    return {.graph = std::move(folded->graph), .metadata = {{"tinynas.input", ends_description(*folded)}}};
  onnx::Model own = onnx::import_onnx(path);
  return {.graph = std::move(own.graph), .metadata = std::move(own.metadata)};
}

Network read_int8_network(const std::filesystem::path& path) {
  Network network = read_network(path);
  if (network.is_float())
    throw UnsupportedError(
        fmt::format("{} is float: its int8 form needs inputs to calibrate with; instead: "
                    "--calibrate DIR, or a file that another tool has quantized",
                    path.string()));
  return network;
}

}  // namespace tinynas::import
