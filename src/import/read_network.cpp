#include <fmt/format.h>

#include <algorithm>
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
    text += fmt::format(" (real value = {} times (it minus {}))", end.quant.scale,
                        end.quant.zero_point + (end.type == Type::kUint8 ? 128 : 0));
  return text;
}

std::string input_text(const End& end, bool of_float) {
  std::string text = own_end(end, of_float);
  if (end.type == Type::kUint8 && !of_float)
    text += ": feed its values less 128.";
  else if (end.type == Type::kInt8 && !of_float)
    text += ": feed its values as they are.";
  else
    text += ": feed real value / scale + zero point, rounded and saturated.";
  if (!end.order.empty())
    text += fmt::format(" Its values stand in the order {}: feed them in the order HWC.", end.order);
  return text;
}

std::string output_text(const End& end, bool of_float) {
  std::string text = own_end(end, of_float);
  if (end.type == Type::kUint8 && !of_float)
    text += ": what the network makes plus 128.";
  else if (end.type == Type::kInt8 && !of_float)
    text += ", as the network makes it.";
  else
    text += ": scale times (what the network makes - zero point).";
  if (!end.order.empty()) text += fmt::format(" Its values stand in the order {}.", end.order);
  return text;
}

/// What firmware feeds and takes, in terms of the file's own inputs and outputs, for model.h.
std::string ends_description(const Folded& folded) {
  const bool of_float = !folded.graph.quant;
  if (!folded.graph.has_several_ends())
    return "The file's own input is " + input_text(folded.input, of_float) + " Its output is " +
           output_text(folded.output, of_float);
  std::string text = "The file's own inputs:";
  int number = 0;
  const auto add = [&](const End& end, auto words) {
    text += fmt::format(" {} ({}) is {}", number++, end.name, words(end, of_float));
  };
  add(folded.input, input_text);
  for (const End& end : folded.other_inputs) add(end, input_text);
  text += " Its outputs:";
  number = 0;
  add(folded.output, output_text);
  for (const End& end : folded.other_outputs) add(end, output_text);
  return text;
}

/// A name a line, for the constants of model.h.
std::string names_of(const End& first, const std::vector<End>& others) {
  std::string text;
  const auto add = [&](const End& end) {
    std::string name = end.name;
    std::replace(name.begin(), name.end(), '\n', ' ');
    text += (text.empty() ? "" : "\n") + name;
  };
  add(first);
  for (const End& end : others) add(end);
  return text;
}

std::map<std::string, std::string> metadata_of(const Folded& folded) {
  std::map<std::string, std::string> metadata = {{"tinynas.input", ends_description(folded)}};
  if (!folded.graph.has_several_ends()) return metadata;
  metadata["tinynas.input_names"] = names_of(folded.input, folded.other_inputs);
  metadata["tinynas.output_names"] = names_of(folded.output, folded.other_outputs);
  return metadata;
}

/// The folder of a file, "." where its path names none.
std::filesystem::path beside(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// What is not TFLite must be ONNX.
onnx::File parse_onnx(const std::string& bytes, const std::filesystem::path& path) {
  constexpr std::string_view kNoModel = "not an ONNX model";
  try {
    return onnx::parse_file(bytes, beside(path));
  } catch (const IoError& error) {
    const std::string what = error.what();
    throw IoError(what.starts_with(kNoModel)
                      ? "neither a TFLite nor an ONNX model" + what.substr(kNoModel.size())
                      : what);
  }
}

}  // namespace

Network read_network(const std::filesystem::path& path) {
  std::string bytes = read_file(path, kMostBytes);
  std::optional<Folded> folded;
  try {
    if (is_tflite(bytes))
      folded = fold(read_tflite(std::move(bytes)));
    else if (onnx::File file = parse_onnx(bytes, path); file.producer != onnx::kProducer)
      folded = fold(read_onnx(std::move(file)));
  } catch (const IoError& error) {
    throw IoError(fmt::format("{}: {}", path.string(), error.what()));
  } catch (const Error& error) {
    throw UnsupportedError(fmt::format("{}: {}", path.string(), error.what()));
  }
  if (folded) {
    std::map<std::string, std::string> metadata = metadata_of(*folded);
    std::vector<std::string> orders = {folded->input.order};
    std::vector<Type> types = {folded->input.type};
    for (const End& end : folded->other_inputs) {
      orders.push_back(end.order);
      types.push_back(end.type);
    }
    return {.graph = std::move(folded->graph),
            .metadata = std::move(metadata),
            .input_orders = std::move(orders),
            .input_types = std::move(types)};
  }
  onnx::Model own = onnx::import_onnx(path);
  return {.graph = std::move(own.graph), .metadata = std::move(own.metadata)};
}

}  // namespace tinynas::import
