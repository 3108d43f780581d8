#include "tinynas/core/background.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <algorithm>

#include "tinynas/core/parallel.h"

namespace tinynas {

struct Background::Workers {
  explicit Workers(int count)
      : allowed(oneapi::tbb::global_control::max_allowed_parallelism,
                static_cast<std::size_t>(std::max(count + 1, parallel_threads()))),
        arena(count, /*reserved_for_masters=*/0) {}
  /// Allows threads for the caller and the workers, on machines with fewer cores too.
  oneapi::tbb::global_control allowed;
  oneapi::tbb::task_arena arena;
  oneapi::tbb::task_group tasks;
};

Background::Background(int workers) : workers_(std::make_unique<Workers>(std::max(1, workers))) {}

Background::~Background() {
  workers_->arena.execute([this] { workers_->tasks.wait(); });
}

void Background::enqueue(std::function<void()> task) {
  workers_->arena.enqueue(workers_->tasks.defer(std::move(task)));
}

}  // namespace tinynas
