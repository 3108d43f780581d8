#pragma once

#include <torch/torch.h>

#include <string_view>
#include <vector>

#include "tinynas/supernet/tensors.h"

namespace tinynas::supernet {

/// One convolution of a chain and the batch norm behind it.
struct ChainLayer {
  enum class Kind {
    kNormOnly,   ///< no convolution: the chain's input is what enters the batch norm. First layer only
    kPointwise,  ///< 1x1
    kDepthwise,  ///< 3, 5 or 7 wide, stride 1 or 2, padded by half
  };
  Kind kind = Kind::kPointwise;
  int kernel = 1, stride = 1;
  LayerTensors tensors = {};
};

/// Convolution, batch norm and ReLU6, again and again: an inverted-residual block is a chain of three.
/// Computed as one step of autograd by kernels of our own (AVX2 or AVX-512): batch norm and ReLU6 are applied
/// while the next convolution reads, their sums are taken while the one before writes, so that each value
/// between convolutions is written once and read once.
struct Chain {
  std::vector<ChainLayer> layers = {};
  bool relu6_at_end = false;  ///< a projection has none
  /// Maximum pooling of 2x2 windows, stride 2, behind that; an odd last row or column is left out. Only of a
  /// batch norm alone, without addend.
  bool pooled_at_end = false;
  torch::Tensor addend = {};  ///< of the output's shape, added to it; the input itself in a residual block
};

/// The kernels that run here: "avx512", "avx2" (with FMA) or, on other CPUs, "libtorch" for its operators.
/// TINYNAS_KERNELS in the environment asks for one of these. ConfigError for another name, UnsupportedError
/// for one that this CPU cannot run.
std::string_view kernels_here();
/// Whether chains run: kernels_here() is not "libtorch".
bool chains_available();

/// Channels that chains compute are multiples of this.
constexpr int kChainChannels = 8;

/// Whether full convolutions train faster in bfloat16 here: a CPU with AVX-512 BF16, and its kernels chosen.
bool bfloat16_available();

/// Output [N, C, H, W] of the chain for x (of pooled ones half of H and W, rounded down), both channels_last
/// floats on the CPU, channels multiples of kChainChannels. A chain of a batch norm alone takes bfloat16 too,
/// its output (and addend) is that then. Equal to LibTorch's own operators up to rounding, and equal to the
/// bit for any number of threads. `options.observe` gets the index within the chain; `options.kernels` is
/// ignored.
torch::Tensor run_chain(const Chain& chain, const torch::Tensor& x, const ForwardOptions& options);

}  // namespace tinynas::supernet
