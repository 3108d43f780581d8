#include <fmt/format.h>

#include <optional>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::import {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;

/// What firmware feeds and takes, in terms of the file's own input and output, for model.h.
std::string ends_description(const Folded& folded) {
  const auto of_file = [](const End& end) {
    return fmt::format("{} [{}]", type_name(end.type), fmt::join(end.shape, ", "));
  };
  std::string text = "The file's own input is " + of_file(folded.input);
  if (folded.input.type == Type::kUint8)
    text += ": feed its values less 128.";
  else if (folded.input.type == Type::kInt8)
    text += ": feed its values as they are.";
  else
    text += ": feed real value by scale plus zero point, rounded and saturated.";
  if (!folded.input.order.empty())
    text += fmt::format(" Its values stand in the order {}: feed them in the order HWC.", folded.input.order);
  text += " Its output is " + of_file(folded.output);
  if (folded.output.type == Type::kUint8)
    text += ": what the network makes plus 128.";
  else if (folded.output.type == Type::kInt8)
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

}  // namespace tinynas::import
