#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace tinynas::train {

/// Where the processes of one training find each other.
struct Rendezvous {
  int rank = 0, size = 1;
  std::string address = "127.0.0.1";  ///< of the first process
  int port = 29500;
  /// torchrun's agent listens at that address already; otherwise the first process does.
  bool agent_listens = false;
  std::string attempt = {};  ///< separates one restart by the agent from the next; may be empty
  std::chrono::milliseconds join_timeout = std::chrono::minutes(5);
  /// How long a process may let the others wait within an operation.
  std::chrono::milliseconds timeout = std::chrono::minutes(5);
};

/// The value of an environment variable, or null.
using Environment = std::function<const char*(const char*)>;

/// From RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT as torchrun sets them; with MASTER_ADDR set by the
/// user, rank and size may also be mpirun's or srun's own. TINYNAS_TIMEOUT ("90s") replaces the timeout of
/// operations. Nothing if this process is alone; ConfigError names a variable that is missing or wrong.
std::optional<Rendezvous> rendezvous_from(const Environment& environment);

}  // namespace tinynas::train
