#include "tinynas/train/rendezvous.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>

#include "tinynas/core/error.h"
#include "tinynas/core/units.h"

namespace tinynas::train {
namespace {

/// Who started the processes, by the variables it gives each of them.
struct Launcher {
  const char* rank;
  const char* size;
};
constexpr std::array kLaunchers = {Launcher{"RANK", "WORLD_SIZE"},  // torchrun, and by hand
                                   Launcher{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},  // Open MPI
                                   Launcher{"PMI_RANK", "PMI_SIZE"},                          // MPICH
                                   Launcher{"SLURM_PROCID", "SLURM_NTASKS"}};                 // srun

int number(const Environment& environment, const char* name, int low, int high) {
  const std::string_view text = environment(name);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high)
    throw ConfigError(fmt::format("{}: found '{}' in the environment, expected a number from {} to {}", name,
                                  text, low, high));
  return value;
}

}  // namespace

std::optional<Rendezvous> rendezvous_from(const Environment& environment) {
  constexpr int kMost = 1 << 20, kLastPort = 65535;
  if (environment("MASTER_ADDR") == nullptr) {
    if (environment("WORLD_SIZE") != nullptr && number(environment, "WORLD_SIZE", 1, kMost) > 1)
      throw ConfigError(
          "MASTER_ADDR: is not in the environment although WORLD_SIZE is; set it to the host of rank 0");
    return std::nullopt;  // mpirun's and srun's variables alone do not mean that we are to work together
  }
  Rendezvous found;
  const auto* launcher = std::find_if(kLaunchers.begin(), kLaunchers.end(), [&](const Launcher& l) {
    return environment(l.rank) != nullptr && environment(l.size) != nullptr;
  });
  if (launcher == kLaunchers.end())
    throw ConfigError(
        "MASTER_ADDR: is in the environment, but neither RANK and WORLD_SIZE nor mpirun's or srun's are; "
        "start the processes by torchrun, mpirun or srun, or unset it");
  found.size = number(environment, launcher->size, 1, kMost);
  found.rank = number(environment, launcher->rank, 0, found.size - 1);
  if (found.size == 1) return std::nullopt;
  found.address = environment("MASTER_ADDR");
  if (environment("MASTER_PORT") != nullptr) found.port = number(environment, "MASTER_PORT", 1, kLastPort);
  if (const char* agent = environment("TORCHELASTIC_USE_AGENT_STORE"))
    found.agent_listens = std::string_view(agent) == "True";
  if (const char* attempt = environment("TORCHELASTIC_RESTART_COUNT")) found.attempt = attempt;
  if (const char* timeout = environment("TINYNAS_TIMEOUT"))
    found.timeout = std::chrono::milliseconds(
        static_cast<std::int64_t>(parse_millis(timeout, "TINYNAS_TIMEOUT in the environment")));
  return found;
}

}  // namespace tinynas::train
