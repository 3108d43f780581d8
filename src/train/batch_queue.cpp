#include "tinynas/train/batch_queue.h"

#include <algorithm>
#include <chrono>

namespace tinynas::train {

BatchQueue::BatchQueue(BatchLoader loader, int workers)
    : loader_(std::move(loader)),
      ahead_(static_cast<std::size_t>(std::max(1, workers)) + 1),
      workers_(workers) {}

void BatchQueue::begin_next() {
  const std::int64_t per_epoch = loader_.batches_per_epoch();
  const BatchDraw draw =
      loader_.draw(static_cast<int>(begun_ / per_epoch), static_cast<int>(begun_ % per_epoch));
  batches_.push_back(workers_.start([this, draw] { return loader_.make(draw); }));
  ++begun_;
}

Batch BatchQueue::next(std::int64_t step) {
  if (begun_ - static_cast<std::int64_t>(batches_.size()) !=
      step) {  // the first, or the training went elsewhere
    batches_.clear();
    begun_ = step;
  }
  while (batches_.size() <= ahead_) begin_next();
  const auto start = std::chrono::steady_clock::now();
  Batch batch = batches_.front().get();
  waited_s_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  batches_.pop_front();
  return batch;
}

}  // namespace tinynas::train
