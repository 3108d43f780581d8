#pragma once

#include <torch/torch.h>

#include <vector>

namespace tinynas::train {

/// Stochastic gradient descent with Nesterov momentum (Sutskever 2013, in LibTorch's form) over parameters
/// laid out in one buffer: one pass for all of them, and a checkpoint is two arrays.
///     d = gradient + decay * w,  v = momentum * v + d,  w = w - rate * (d + momentum * v)
/// Weights decay; batch norm and biases (one dimension) do not.
class FlatSgd {
 public:
  struct Options {
    double momentum = 0.9;
    double weight_decay = 0;
    double clip_norm = 0;  ///< largest Euclidean norm of the whole gradient; 0: any
    double average = 0;    ///< averages = average * averages + (1 - average) * values after a step; 0: none
  };
  /// The parameters' data and gradients become views of the flat buffers.
  FlatSgd(std::vector<torch::Tensor> parameters, const Options& options);

  void zero_gradients() { gradients_.zero_(); }
  void step(double learning_rate);
  /// The values become their moving average, if there is one.
  void take_averages();
  /// Forgets momenta, for values that were rearranged, and starts the averages there.
  void restart();

  /// All parameters, and their momenta, one after the other.
  torch::Tensor& values() { return values_; }
  torch::Tensor& momenta() { return momenta_; }
  torch::Tensor& gradients() { return gradients_; }
  /// Undefined without Options::average.
  torch::Tensor& averages() { return averages_; }

 private:
  Options options_;
  std::vector<torch::Tensor> parameters_;
  torch::Tensor values_, gradients_, momenta_, averages_, decay_;
};

}  // namespace tinynas::train
