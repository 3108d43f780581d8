#include "tinynas/train/batch_queue.h"

#include <algorithm>

namespace tinynas::train {

BatchQueue::BatchQueue(BatchLoader loader, int workers)
    : loader_(std::move(loader)), ahead_(static_cast<std::size_t>(std::max(0, workers)) + 1) {
  if (workers > 0) workers_.emplace(workers);
}

BatchDraw BatchQueue::draw(std::int64_t step) {
  const std::int64_t per_epoch = loader_.batches_per_epoch();
  return loader_.draw(static_cast<int>(step / per_epoch), static_cast<int>(step % per_epoch));
}

void BatchQueue::begin_next() {
  batches_.push_back(workers_->start([this, draw = draw(begun_)] { return loader_.make(draw); }));
  ++begun_;
}

Batch BatchQueue::next(std::int64_t step) {
  if (!workers_) return loader_.make(draw(step), BatchThreads::kLibTorch);
  if (begun_ - static_cast<std::int64_t>(batches_.size()) !=
      step) {  // the first, or the training went elsewhere
    batches_.clear();
    begun_ = step;
  }
  while (batches_.size() <= ahead_) begin_next();
  Batch batch = batches_.front().get();
  batches_.pop_front();
  return batch;
}

}  // namespace tinynas::train
