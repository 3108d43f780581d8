#include <fmt/format.h>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/import/import.h"
#include "tinynas/onnx/onnx.h"

namespace tinynas::import {
namespace {

constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;

/// What firmware feeds, in terms of the file's own input, for model.h.
std::string input_description(const End& input) {
  const std::string of_file =
      fmt::format("The file's own input is {} [{}]", type_name(input.type), fmt::join(input.shape, ", "));
  if (input.type == Type::kUint8) return of_file + ": feed its values less 128.";
  if (input.type == Type::kInt8) return of_file + ": feed its values as they are.";
  return of_file + ": feed real / scale + zero point, rounded and saturated.";
}

}  // namespace

Network read_network(const std::filesystem::path& path) {
  std::string bytes = read_file(path, kMostBytes);
  if (!is_tflite(bytes)) {
    onnx::Model model = onnx::import_onnx(path);
    return {.graph = std::move(model.graph), .metadata = std::move(model.metadata)};
  }
  try {
    Folded folded = fold(read_tflite(std::move(bytes)));
    return {.graph = std::move(folded.graph),
            .metadata = {{"tinynas.input", input_description(folded.input)}}};
  } catch (const IoError& error) {
    throw IoError(fmt::format("{}: {}", path.string(), error.what()));
  } catch (const Error& error) {
    throw UnsupportedError(fmt::format("{}: {}", path.string(), error.what()));
  }
}

}  // namespace tinynas::import
