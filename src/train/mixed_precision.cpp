#include "train/mixed_precision.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace tinynas::train {
namespace {

// LibTorch 2.4 names the device in these functions; before there was one for GPUs alone.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool enabled() { return at::autocast::is_autocast_enabled(at::kCUDA); }
void enable(bool on) {
  at::autocast::set_autocast_enabled(at::kCUDA, on);
  if (on) at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
}
#else
bool enabled() { return at::autocast::is_enabled(); }
void enable(bool on) {
  at::autocast::set_enabled(on);
  if (on) at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
}
#endif

}  // namespace

MixedPrecision::MixedPrecision(bool on) : on_(on) {
  if (!on_) return;
  before_ = enabled();
  enable(true);
  at::autocast::increment_nesting();
}

MixedPrecision::~MixedPrecision() {
  if (!on_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();  // weights change between steps
  enable(before_);
}

}  // namespace tinynas::train
