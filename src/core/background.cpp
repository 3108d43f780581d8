#include "tinynas/core/background.h"

#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <algorithm>

namespace tinynas {

struct Background::Workers {
  explicit Workers(int count) : arena(count, /*reserved_for_masters=*/0) {}
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
