#include "tinynas/core/parallel.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <vector>

namespace tinynas {
namespace {

std::atomic<int> g_threads{0};  // 0: all available

}  // namespace

int available_cores() { return std::max(1, oneapi::tbb::info::default_concurrency()); }

void set_parallel_threads(int threads) { g_threads = std::max(0, threads); }

int parallel_threads() {
  const int threads = g_threads;
  return threads > 0 ? threads : available_cores();
}

void parallel_for_index(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::vector<std::exception_ptr> failures(count);
  const auto guarded = [&](std::size_t i) {
    try {
      body(i);
    } catch (...) {
      failures[i] = std::current_exception();
    }
  };
  if (parallel_threads() == 1 || count < 2) {
    for (std::size_t i = 0; i < count; ++i) guarded(i);
  } else {
    const auto threads = static_cast<std::size_t>(parallel_threads());
    // More threads than cores are allowed when asked for: results must not depend on the machine.
    const oneapi::tbb::global_control allowed(oneapi::tbb::global_control::max_allowed_parallelism, threads);
    oneapi::tbb::task_arena arena(static_cast<int>(threads));
    arena.execute([&] { oneapi::tbb::parallel_for(std::size_t{0}, count, guarded); });
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace tinynas
