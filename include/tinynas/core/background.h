#pragma once

#include <functional>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

namespace tinynas {

/// The result of a task that may still run: get() waits for it.
template <typename Result>
using Pending = std::future<Result>;

/// Runs tasks on worker threads of its own while the caller goes on.
class Background {
 public:
  explicit Background(int workers);
  /// Waits for the tasks that were started.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Calls `task` on a worker as soon as one is free, in the order started; get() has its result or its
  /// exception.
  template <typename Task>
  auto start(Task task) -> Pending<std::invoke_result_t<Task>> {
    using Result = std::invoke_result_t<Task>;
    auto packaged = std::make_shared<std::packaged_task<Result()>>(std::move(task));
    Pending<Result> result = packaged->get_future();
    enqueue([packaged] { (*packaged)(); });
    return result;
  }

 private:
  void enqueue(std::function<void()> task);
  struct Workers;
  std::unique_ptr<Workers> workers_;
};

}  // namespace tinynas
