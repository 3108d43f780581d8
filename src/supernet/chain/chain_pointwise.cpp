#include "supernet/chain/chain_convolution.h"
#include "supernet/chain/pairwise_sum.h"

namespace tinynas::supernet {

PointwiseConvolution::PointwiseConvolution(const ChainLayer& layer, const torch::Tensor& x)
    : in_(x.size(1)),
      out_(layer.tensors.weight.size(0)),
      weight_(
          layer.tensors.weight.detach().reshape({out_, in_}).contiguous(torch::MemoryFormat::Contiguous)) {}

/// body(task of the kernels, its number, its first row). `weight` as the direction reads it.
template <typename Body>
void PointwiseConvolution::for_tasks(const ConvolutionInput& input, const torch::Tensor& weight,
                                     const Body& body) const {
  const int in = static_cast<int>(in_), out = static_cast<int>(out_);
  RowTasks(input.x).run([&](std::int64_t task, std::int64_t first, std::int64_t rows) {
    body(kernels::PointwiseTask{.rows = rows,
                                .in = in,
                                .out = out,
                                .x = read(input.x) + first * in_,
                                .x_norm = norm_of(input.norm),
                                .weight = read(weight),
                                .scratch = scratch(kernels::table().pointwise_scratch(in, out))},
         task, first);
  });
}

torch::Tensor PointwiseConvolution::forward(const ConvolutionInput& input, PartialSums* sums) const {
  const torch::Tensor& x = input.x;
  const torch::Tensor y = empty_image(x.size(0), out_, x.size(2), x.size(3));
  if (sums != nullptr) *sums = zero_sums(RowTasks(x).count(), out_);
  for_tasks(input, weight_.t().contiguous(),
            [&](const kernels::PointwiseTask& work, std::int64_t task, std::int64_t first) {
              kernels::table().pointwise_forward(work, write(y) + first * out_, sums_row(sums, task));
            });
  return y;
}

ConvolutionGradients PointwiseConvolution::backward(const ConvolutionInput& input,
                                                    const OutputGradient& output, PartialSums* sums) const {
  const std::int64_t tasks = RowTasks(input.x).count();
  const torch::Tensor dx = torch::empty_like(input.x);
  const torch::Tensor weights = torch::zeros({tasks, out_, in_});
  if (sums != nullptr) *sums = zero_sums(tasks, in_);
  for_tasks(input, weight_, [&](const kernels::PointwiseTask& work, std::int64_t task, std::int64_t first) {
    kernels::table().pointwise_backward(work,
                                        {.g = read(output.g) + first * out_,
                                         .h = read(output.h) + first * out_,
                                         .norm = gradient_of(output.line),
                                         .weight_gradient = write(weights) + task * out_ * in_,
                                         .out = write(dx) + first * in_},
                                        sums_row(sums, task));
  });
  return {.x = dx, .weight = pairwise_sum(weights).reshape({out_, in_, 1, 1})};
}

}  // namespace tinynas::supernet
