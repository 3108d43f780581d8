#pragma once

#include <cstddef>
#include <functional>

namespace tinynas {

/// Runs `body(i)` for i in [0, count) on the worker threads; returns when all are done. Items must be
/// independent and write only slot i; reduce afterwards in index order. The first exception (by index) is
/// rethrown. Do not nest.
void parallel_for_index(std::size_t count, const std::function<void(std::size_t)>& body);

/// Number of worker threads: by default all the cores this process may use. Takes effect for the next loop.
void set_parallel_threads(int threads);
int parallel_threads();

/// Cores this process may run on (affinity respected).
int available_cores();

}  // namespace tinynas
