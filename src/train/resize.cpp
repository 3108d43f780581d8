#include "tinynas/train/resize.h"

#include "tinynas/data/dataset.h"

namespace tinynas::train {

torch::Tensor resize_batch(const torch::Tensor& images, int resolution) {
  const std::int64_t n = images.size(0), c = images.size(1), h = images.size(2), w = images.size(3);
  if (h == resolution && w == resolution) return images;
  // One matrix for all planes, [N * C, resolution, from].
  const auto matrix = [&](std::int64_t from) {
    const std::vector<float> values = data::resize_matrix(static_cast<int>(from), resolution);
    return torch::tensor(values)
        .reshape({1, resolution, from})
        .to(images.device())
        .expand({n * c, resolution, from});
  };
  const torch::Tensor planes = images.contiguous().view({n * c, h, w});
  const torch::Tensor narrow = torch::bmm(planes, matrix(w).transpose(1, 2));
  return torch::bmm(matrix(h), narrow)
      .view({n, c, resolution, resolution})
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

}  // namespace tinynas::train
