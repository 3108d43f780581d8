#include "app/run/weights_file.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tinynas/core/error.h"

namespace tinynas::app {

static_assert(std::endian::native == std::endian::little, "floats are written as they stand in memory");

std::string encode_weights(const ir::Weights& weights) {
  nlohmann::json shapes = nlohmann::json::object();
  for (const auto& [name, blob] : weights) shapes[name] = blob.shape;
  std::string bytes = shapes.dump() + "\n";
  for (const auto& [name, blob] : weights)
    bytes.append(reinterpret_cast<const char*>(blob.data.data()), blob.data.size() * sizeof(float));
  return bytes;
}

ir::Weights decode_weights(std::string_view bytes, const std::string& where) {
  const auto damaged = [&] {
    return IoError(where + ": is damaged; delete it and tune.json, then continue the run");
  };
  const auto newline = bytes.find('\n');
  if (newline == std::string_view::npos) throw damaged();
  const auto shapes = nlohmann::json::parse(bytes.substr(0, newline), nullptr, false);
  if (!shapes.is_object()) throw damaged();
  ir::Weights weights;
  std::string_view rest = bytes.substr(newline + 1);
  for (const auto& [name, shape] : shapes.items()) {
    ir::Blob& blob = weights[name];
    std::size_t count = 1;
    for (const auto& extent : shape) {
      if (!extent.is_number_integer() || extent.get<int>() < 0) throw damaged();
      blob.shape.push_back(extent.get<int>());
      count *= static_cast<std::size_t>(blob.shape.back());
    }
    if (rest.size() / sizeof(float) < count) throw damaged();
    blob.data.resize(count);
    std::memcpy(blob.data.data(), rest.data(), count * sizeof(float));
    rest.remove_prefix(count * sizeof(float));
  }
  if (!rest.empty()) throw damaged();
  return weights;
}

}  // namespace tinynas::app
