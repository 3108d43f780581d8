#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "tinynas/cost/footprint.h"

namespace tinynas::cost {

/// The engine whose rules cost a network. Only kRows can be compiled; the others are models of published
/// engines, to compare with and to reproduce what was published for them.
enum class Engine : std::uint8_t { kRows, kTinyEngine, kCmsisNn, kTfliteMicro, kCount };

constexpr std::array<std::string_view, static_cast<std::size_t>(Engine::kCount)> kEngineNames = {
    "rows", "tinyengine", "cmsis-nn", "tflite-micro"};
constexpr std::string_view engine_name(Engine engine) {
  return kEngineNames[static_cast<std::size_t>(engine)];
}
/// ConfigError "<where>: ..." with the nearest name for anything else.
Engine parse_engine(std::string_view name, std::string_view where);

/// A layer-by-layer engine as a function of a bare graph. All tensors are whole; an arena is as large as what
/// is alive at the worst layer. Memory and speed follow the rules and the figures in docs/cost-model.md,
/// section 7. Nothing is allocated after the first call; one per thread.
class BaselineEvaluator {
 public:
  BaselineEvaluator(Device device, Engine engine);
  Footprint operator()(const ir::Graph& graph);

 private:
  Device device_;
  Engine engine_;
  std::vector<int> last_reader_;
};

}  // namespace tinynas::cost
