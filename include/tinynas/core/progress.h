#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace tinynas {

/// One report of a long call: `done` of `total` steps, and in words the best or latest figure ("loss 0.41").
struct Progress {
  double done = 0;
  double total = 0;
  std::string note;
};

/// Called on the calling thread of the long call, often; the receiver throttles. May be empty.
using ProgressFn = std::function<void(const Progress&)>;

/// Asks a long call to stop at its next safe point; copies share one flag. A default token never stops by
/// itself.
class StopToken {
 public:
  StopToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
  void request_stop() const { flag_->store(true); }
  bool stop_requested() const { return flag_->load(); }
  /// Throws InterruptedError ("interrupted: <what>; resume with ...") if a stop was requested.
  void throw_if_stopped(const std::string& what) const;

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

}  // namespace tinynas
