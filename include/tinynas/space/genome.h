#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tinynas::space {

constexpr int kMaxStages = 8;
constexpr int kMaxBlocksPerStage = 6;
constexpr int kMaxBlocks = kMaxStages * kMaxBlocksPerStage;

/// The choices that name one sub-network of a space. Entries are indices into the space's lists; entries of
/// blocks that the depth leaves out, and of stages the space does not have, are zero (so that == means the
/// same network).
struct Genome {
  std::uint8_t resolution = 0;                   ///< index into SearchSpace::resolutions
  std::uint8_t width = 0;                        ///< index into SearchSpace::widths
  std::array<std::uint8_t, kMaxStages> depth{};  ///< per stage: index into Stage::depths
  std::array<std::uint8_t, kMaxBlocks>
      kernel{};  ///< per block (stage * kMaxBlocksPerStage + block): index into Stage::kernels
  std::array<std::uint8_t, kMaxBlocks> expansion{};    ///< per block: index into Stage::expansions
  std::array<std::uint8_t, kMaxStages> stage_width{};  ///< per stage: index into Stage::widths
  friend auto operator<=>(const Genome&, const Genome&) = default;
};

std::uint64_t hash(const Genome& genome);

}  // namespace tinynas::space

template <>
struct std::hash<tinynas::space::Genome> {
  std::size_t operator()(const tinynas::space::Genome& genome) const noexcept {
    return tinynas::space::hash(genome);
  }
};
