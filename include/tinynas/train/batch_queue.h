#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "tinynas/core/background.h"
#include "tinynas/train/loader.h"

namespace tinynas::train {

/// The batches of consecutive steps, made by workers of its own while the steps compute: a step waits for its
/// batch only if all workers together make batches more slowly than steps use them.
class BatchQueue {
 public:
  /// Without workers a batch is made when it is asked for, on LibTorch's threads.
  BatchQueue(BatchLoader loader, int workers);
  const BatchLoader& loader() const { return loader_; }
  /// The batch of a step counted from the first of the training, whatever was asked before; those of the
  /// steps after it are begun. It is the loader's own batch: workers change nothing but the time.
  Batch next(std::int64_t step);

 private:
  BatchDraw draw(std::int64_t step);
  void begin_next();

  BatchLoader loader_;
  std::size_t ahead_;
  std::int64_t begun_ = 0;              ///< the step that is begun next
  std::deque<Pending<Batch>> batches_;  ///< of the steps before `begun_`
  std::optional<Background> workers_;   ///< last: its tasks end before what they use
};

}  // namespace tinynas::train
