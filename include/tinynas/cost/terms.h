#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tinynas::cost {

/// What the cycles of a layer are a sum of: each term a count, which follows from the layer's shape and the
/// form of its kernel, times the cycles that one takes. docs/cost-model.md says what the kernels count.
enum class Term : std::uint8_t {
  kImage,        ///< once an inference, for kernels that begin and end
  kRow,          ///< kernel call: output row; of a global pool input row
  kLine,         ///< row of one channel; of a dense layer call of a block of code
  kSpan,         ///< row of a window, of one output (and one input channel where it is gathered)
  kInput,        ///< input value gathered or read
  kOutput,       ///< output value; where kernels make pairs of channels: pair of values
  kMac,          ///< product; of gathered windows: four inputs of a pair of channels
  kBlock,        ///< block of neighbouring outputs; of a dense layer: of four channels
  kBlockInput,   ///< gathered input of a block, for all its outputs
  kBlockOutput,  ///< pair of channels of a block
  kBlockMac,     ///< four inputs of a pair of channels of a block; of a dense layer of four channels
  kTail,         ///< value that is left over where several go together
  kOdd,          ///< block with a channel that is left over
  kEdge,         ///< value of a window that lies partly outside the image, for the test of each
  kCode,         ///< instruction of unrolled code
  kCount
};
constexpr auto kTermCount = static_cast<std::size_t>(Term::kCount);
/// Names of the terms in configs/cores/*.yaml.
constexpr std::array<std::string_view, kTermCount> kTermNames = {
    "image",       "row",          "line",      "span", "input", "output", "mac", "block",
    "block_input", "block_output", "block_mac", "tail", "odd",   "edge",   "code"};

/// A number for each term: how often it happens in a layer (LayerWork), or what it costs (CycleTerms).
struct PerTerm {
  std::array<double, kTermCount> values{};
  double& operator[](Term term) { return values[static_cast<std::size_t>(term)]; }
  double operator[](Term term) const { return values[static_cast<std::size_t>(term)]; }
  friend bool operator==(const PerTerm&, const PerTerm&) = default;
};
using LayerWork = PerTerm;
struct CycleTerms : PerTerm {
  bool fitted = true;  ///< false: of a table without a row for the kernel, which then counts as `other`
  friend bool operator==(const CycleTerms&, const CycleTerms&) = default;
};

/// Sum of count times cycles.
inline double cycles_of(const CycleTerms& terms, const LayerWork& work) {
  double sum = 0;
  for (std::size_t t = 0; t < kTermCount; ++t) sum += terms.values[t] * work.values[t];
  return sum;
}

}  // namespace tinynas::cost
