#include <fmt/format.h>

#include <algorithm>

#include "space/blocks.h"
#include "tinynas/core/error.h"
#include "tinynas/space/search_space.h"

namespace tinynas::space {
namespace {

// Generous bounds: they catch a slip of the keyboard, not an unusual network.
constexpr int kMaxChannels = 4096;
constexpr int kMaxResolution = 1024;
constexpr int kMaxKernel = 15;
constexpr int kMaxStride = 4;
constexpr double kLeastWidth = 0.05, kMaxWidth = 8;
constexpr double kMaxExpansion = 16;
constexpr std::size_t kMaxChoices = 64;  // a genome's entry is a byte

template <typename T>
std::vector<T> ascending(const yaml::Node& node, std::vector<T> values) {
  if (values.empty()) node.fail("expected at least one value");
  if (values.size() > kMaxChoices) node.fail(fmt::format("expected at most {} values", kMaxChoices));
  for (std::size_t i = 1; i < values.size(); ++i)
    if (values[i] <= values[i - 1])
      node.fail(fmt::format("expected ascending values, but {} follows {}", values[i], values[i - 1]));
  return values;
}

int integer_or(const yaml::Node& node, const std::string& key, int fallback, int low, int high) {
  const auto value = node.find(key);
  return value ? static_cast<int>(value->integer(low, high)) : fallback;
}

void require_odd(const yaml::Node& node, int kernel) {
  if (kernel % 2 == 0) node.fail(fmt::format("kernel {} is even; kernels are odd, as 3, 5, 7", kernel));
}

std::vector<int> read_depths(const yaml::Node& node) {
  return ascending(node, node.integers(1, kMaxBlocksPerStage));
}
std::vector<int> read_kernels(const yaml::Node& node) {
  auto kernels = ascending(node, node.integers(1, kMaxKernel));
  for (const int kernel : kernels) require_odd(node, kernel);
  return kernels;
}
std::vector<double> read_widths(const yaml::Node& node) {
  return ascending(node, node.numbers(kLeastWidth, kMaxWidth));
}
std::vector<double> read_expansions(const yaml::Node& node) {
  return ascending(node, node.numbers(1, kMaxExpansion));
}

Block block_or(const yaml::Node& node, Block fallback) {
  const auto block = node.find("block");
  if (!block) return fallback;
  std::vector<std::string_view> names;
  for (const BlockRow& row : block_rows()) names.push_back(row.name);
  return std::ranges::find(block_rows(), block->choice(names), &BlockRow::name)->block;
}

/// "relu6", or a function's name.
ir::Function activation_or(const yaml::Node& node, ir::Function fallback) {
  const auto activation = node.find("activation");
  if (!activation) return fallback;
  std::vector<std::string_view> names = {"relu6"};
  for (const ir::FunctionInfo& info : ir::kFunctions)
    if (info.is_trained && info.kind != ir::Function::kNone) names.push_back(info.name);
  const std::string name = activation->choice(names);
  if (name == names.front()) return ir::Function::kNone;
  return std::ranges::find(ir::kFunctions, name, &ir::FunctionInfo::name)->kind;
}

/// The stage's own list, or the one that stands for all stages at the top of the file.
template <typename T>
std::vector<T> choices(const yaml::Node& stage, const std::string& key, const std::vector<T>& common,
                       std::vector<T> (*read)(const yaml::Node&)) {
  if (const auto own = stage.find(key)) return read(*own);
  if (common.empty()) stage.fail(fmt::format("the key '{}' is missing here and at the top of the file", key));
  return common;
}

std::vector<double> read_stage_expansions(const yaml::Node& stage, Block block,
                                          const std::vector<double>& common) {
  if (block_row(block).expands) return choices(stage, "expansions", common, read_expansions);
  if (const auto own = stage.find("expansions"))
    own->fail(
        fmt::format("a stage of 'block: {}' expands nothing; leave this key out", block_row(block).name));
  return {1};
}

double read_squeeze_excite(const yaml::Node& stage, Block block, double common) {
  const auto own = stage.find("squeeze_excite");
  const double share = own ? own->number(0, 1) : common;
  if (block_row(block).expands) return share;
  if (own && share > 0)
    own->fail(fmt::format("a stage of 'block: {}' expands nothing that could be squeezed; leave this key out",
                          block_row(block).name));
  return 0;
}

std::vector<Stage> read_stages(const yaml::Node& space) {
  Stage common{.block = block_or(space, Block::kInvertedResidual)};
  if (const auto node = space.find("depths")) common.depths = read_depths(*node);
  if (const auto node = space.find("kernels")) common.kernels = read_kernels(*node);
  if (const auto node = space.find("expansions")) common.expansions = read_expansions(*node);
  if (const auto node = space.find("stage_widths")) common.widths = read_widths(*node);
  common.function = activation_or(space, ir::Function::kNone);
  if (const auto node = space.find("squeeze_excite")) common.squeeze_excite = node->number(0, 1);

  const yaml::Node list = space.at("stages");
  std::vector<Stage> stages;
  for (const yaml::Node& node : list.items()) {
    const Block block = block_or(node, common.block);
    stages.push_back({.block = block,
                      .channels = static_cast<int>(node.at("channels").integer(1, kMaxChannels)),
                      .stride = integer_or(node, "stride", 1, 1, kMaxStride),
                      .depths = choices(node, "depths", common.depths, read_depths),
                      .kernels = choices(node, "kernels", common.kernels, read_kernels),
                      .expansions = read_stage_expansions(node, block, common.expansions),
                      .widths = choices(node, "widths", common.widths, read_widths),
                      .function = activation_or(node, common.function),
                      .squeeze_excite = read_squeeze_excite(node, block, common.squeeze_excite)});
  }
  if (stages.empty() || stages.size() > kMaxStages)
    list.fail(fmt::format("expected 1 to {} stages, found {}", kMaxStages, stages.size()));
  return stages;
}

/// A window must lie within its image, at the smallest resolution too.
void require_room_to_pool(const SearchSpace& space, const yaml::Node& stages) {
  const auto strided = [](int side, int stride) { return (side + stride - 1) / stride; };
  int side = strided(space.resolutions.front(), space.stem_stride);
  for (std::size_t s = 0; s < space.stages.size(); ++s) {
    const Stage& stage = space.stages[s];
    const bool pools = block_row(stage.block).pools && stage.stride > 1;
    if (pools && side < stage.stride)
      stages.items()[s].fail(fmt::format(
          "at resolution {} a window of {} x {} does not fit into the {} x {} values before it; use "
          "larger resolutions or smaller strides",
          space.resolutions.front(), stage.stride, stage.stride, side, side));
    side = pools ? side / stage.stride : strided(side, stage.stride);
  }
}

}  // namespace

SearchSpace SearchSpace::load(const std::filesystem::path& path) { return read(yaml::Node::load(path)); }

SearchSpace SearchSpace::read(const yaml::Node& node) {
  SearchSpace space;
  space.name = node.at("name").text();
  const yaml::Node resolutions = node.at("resolutions"), widths = node.at("widths");
  space.resolutions = ascending(resolutions, resolutions.integers(1, kMaxResolution));
  space.widths = read_widths(widths);
  if (const auto elastic = node.find("elastic_resolution")) {
    space.elastic_resolution = elastic->boolean();
    if (space.elastic_resolution && space.resolutions.size() == 1)
      elastic->fail("there is one resolution only; list several under 'resolutions', or leave this key out");
  }
  space.channel_divisor = integer_or(node, "channel_divisor", space.channel_divisor, 1, 64);

  const yaml::Node stem = node.at("stem");
  space.stem_channels = static_cast<int>(stem.at("channels").integer(1, kMaxChannels));
  space.stem_kernel = integer_or(stem, "kernel", space.stem_kernel, 1, kMaxKernel);
  require_odd(stem, space.stem_kernel);
  space.stem_stride = integer_or(stem, "stride", space.stem_stride, 1, kMaxStride);
  space.first_channels = integer_or(node, "first_channels", 0, 0, kMaxChannels);
  space.stages = read_stages(node);
  space.function = activation_or(node, ir::Function::kNone);
  require_room_to_pool(space, node.at("stages"));
  space.mix_channels = integer_or(node, "mix_channels", 0, 0, kMaxChannels);
  node.finish();
  return space;
}

}  // namespace tinynas::space
