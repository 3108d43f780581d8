#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/core/yaml.h"
#include "tinynas/ir/functions.h"
#include "tinynas/space/genome.h"

namespace tinynas::space {

enum class Block : std::uint8_t {
  /// Expand 1x1, depthwise, project 1x1 (MobileNetV2, arXiv:1801.04381).
  kInvertedResidual,
  /// One full convolution expands, 1x1 projects (Fused-MBConv: EfficientNetV2, arXiv:2104.00298, section
  /// 3.2). More MACs, and weights, for the same channels, but a processor does more of them a second, and
  /// they learn in fewer epochs.
  kFusedInvertedResidual,
  /// One full convolution, and behind it the maximum over windows where the stage has a stride (the blocks of
  /// ResNet-9: D. Page, "How to train your ResNet", myrtle.ai 2018). Nothing is expanded.
  kConvolution,
  kCount
};

/// A searchable run of blocks. The first one has the stage's stride, the others stride 1 and a residual (also
/// the first, if its stride is 1 and its channels do not change).
struct Stage {
  Block block = Block::kInvertedResidual;
  int channels = 0;  ///< before the width multipliers
  int stride = 1;
  std::vector<int> depths = {};         ///< numbers of blocks, ascending
  std::vector<int> kernels = {};        ///< 3, 5, 7: ascending, odd
  std::vector<double> expansions = {};  ///< ascending; 1 alone for kConvolution
  /// Multipliers of this stage's channels, ascending (MCUNetV2, arXiv:2110.15352 section 3.3: w of a block;
  /// here the blocks of a stage share one, so that their residuals remain).
  std::vector<double> widths = {1};
  ir::Function function =
      ir::Function::kNone;  ///< behind its convolutions (not the projections); kNone: ReLU6
  /// Squeeze-and-excite in front of the projection (MobileNetV3, arXiv:1905.02244 section 5.3): its inner
  /// channels as a share of the block's expanded ones, 0.25 there; 0: none.
  double squeeze_excite = 0;
  friend bool operator==(const Stage&, const Stage&) = default;
};

/// Width x resolution x the choices of every stage (MCUNet, arXiv:2007.10319 section 3.1 and appendix D).
struct SearchSpace {
  std::string name = {};
  std::vector<int> resolutions = {};  ///< ascending; square inputs
  std::vector<double> widths = {};    ///< ascending
  /// One supernet has all resolutions, and a network's is searched like its other choices (MCUNetV2,
  /// arXiv:2110.15352 section 3.3; BigNAS, arXiv:2003.11142). Otherwise ranking chooses one, as it does a
  /// width.
  bool elastic_resolution = false;
  int channel_divisor = 8;  ///< channels are rounded to a multiple, never below 90 % (MobileNetV2's rule)
  int stem_channels = 0, stem_kernel = 3, stem_stride = 2;
  int first_channels =
      0;  ///< the fixed depthwise-separable block after the stem (expansion 1, kernel 3, stride 1); 0: none
  std::vector<Stage> stages = {};
  ir::Function function = ir::Function::kNone;  ///< behind stem, first block and mix; kNone: ReLU6
  int mix_channels = 0;  ///< 1x1 convolution before pooling; 0: none. Not scaled below its base for width < 1
  friend bool operator==(const SearchSpace&, const SearchSpace&) = default;

  /// Reads and checks a search_spaces/*.yaml; ConfigError names file, line and key.
  static SearchSpace load(const std::filesystem::path& path);
  static SearchSpace read(const yaml::Node& node);
};

/// What a data set fixes of a network.
struct Task {
  int input_channels = 3;
  int classes = 10;
  friend bool operator==(const Task&, const Task&) = default;
};

/// channels * width rounded to the divisor.
int scaled_channels(int channels, double width, int divisor);

/// This space with one width and one resolution, or where that is elastic, with it and all smaller ones: what
/// a supernet is trained over. What has one choice left has index 0 in genomes. ConfigError if there is no
/// such index, here and below.
SearchSpace restrict_to(const SearchSpace& space, int resolution_index, int width_index);
/// This space with one resolution, no longer elastic: that of a network alone.
SearchSpace at_resolution(const SearchSpace& space, int resolution_index);
/// "32", or "16-32" of an elastic one; `smallest` 0: there is one.
std::string resolution_text(int smallest, int largest);

/// Depth of a stage and choices of a block as values, not indices. These, and what follows below and takes a
/// genome (but contains), throw ConfigError if it makes a choice that the space does not have.
int depth_of(const SearchSpace& space, const Genome& genome, int stage);
int kernel_of(const SearchSpace& space, const Genome& genome, int stage, int block);
double expansion_of(const SearchSpace& space, const Genome& genome, int stage, int block);
/// The multiplier of a stage's channels, beside that of the whole network.
double stage_width_of(const SearchSpace& space, const Genome& genome, int stage);

/// Zeroes the entries that do not matter (blocks beyond the depth), so that equal networks are equal genomes.
void canonicalize(const SearchSpace& space, Genome& genome);
bool contains(const SearchSpace& space, const Genome& genome);
/// log10 of the number of networks.
double log10_size(const SearchSpace& space);

/// "r28-w1.0 d2,3 k3.5,7.3.3 e4.6,3.4.6": printable and parseable; parse throws ConfigError. In a space whose
/// stages have several widths they follow: " w0_5,1".
std::string to_string(const SearchSpace& space, const Genome& genome);
Genome parse_genome(const SearchSpace& space, std::string_view text, std::string_view where);

/// Uniform over each choice in turn (a stage's depth and width, then each block's kernel and expansion).
Genome sample(const SearchSpace& space, Rng& rng);
/// Every choice is redrawn with probability `rate`; resolution and width too when the space has several.
Genome mutate(const SearchSpace& space, const Genome& parent, double rate, Rng& rng);
/// Each choice from one parent or the other (uniform crossover).
Genome cross_over(const SearchSpace& space, const Genome& a, const Genome& b, Rng& rng);
Genome smallest(const SearchSpace& space);
Genome largest(const SearchSpace& space);

}  // namespace tinynas::space
