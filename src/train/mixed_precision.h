#pragma once

namespace tinynas::train {

/// While it lives (and if `on`), operators on the GPU that LibTorch holds safe compute in bfloat16: float's
/// range, so that losses need no scaling (Kalamkar 2019, arXiv:1905.12322). Weights and sums stay float.
class MixedPrecision {
 public:
  explicit MixedPrecision(bool on);
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  bool on_, before_ = false;
};

}  // namespace tinynas::train
