#pragma once

#include <map>
#include <string>
#include <vector>

namespace tinynas::ir {

/// A named float array; how weights cross the fence between LibTorch and the rest.
struct Blob {
  std::vector<int> shape = {};
  std::vector<float> data = {};
  friend bool operator==(const Blob&, const Blob&) = default;
};

/// name -> blob. For the layer called L (Graph::names): "L.weight" in the order of ir::Parameters, and either
/// "L.bias" [Cout], or batch norm: "L.bn.gamma", "L.bn.beta", "L.bn.mean", "L.bn.variance" [Cout] (epsilon
/// kBatchNormEpsilon).
using Weights = std::map<std::string, Blob>;

constexpr float kBatchNormEpsilon = 1e-5F;

}  // namespace tinynas::ir
