#include "cli/process_settings.h"

#ifdef TINYNAS_WITH_TORCH
#include <unistd.h>

#include <array>
#include <cstdlib>
#endif

namespace tinynas::cli {

#ifdef TINYNAS_WITH_TORCH
namespace {

struct Setting {
  const char *name, *value;
};

/// A waiting OpenMP thread spins for a millisecond or so, then sleeps. A step has hundreds of short waits,
/// and waking up costs more than most of them; spinning without an end would halve the speed of a busy
/// machine.
constexpr std::array kWaiting = {Setting{"OMP_WAIT_POLICY", "passive"}, Setting{"GOMP_SPINCOUNT", "100000"}};
/// The tensors of one step are freed and wanted again in the next: the process keeps their memory (no mmap
/// per tensor, trimmed from 16 GiB on only, grown by 256 MiB), in pages of 2 MiB where the kernel offers
/// them.
constexpr std::array kMemory = {Setting{"GLIBC_TUNABLES",
                                        "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184:"
                                        "glibc.malloc.top_pad=268435456:glibc.malloc.hugetlb=1"}};

/// Settings that belong together: all are set, or none if the user has set one. Whether they were set.
template <std::size_t N>
bool settle(const std::array<Setting, N>& settings) {
  for (const Setting& setting : settings)
    if (std::getenv(setting.name) != nullptr) return false;
  for (const Setting& setting : settings) ::setenv(setting.name, setting.value, /*overwrite=*/0);
  return true;
}

}  // namespace

void settle_process(char** argv) {
  const bool waiting = settle(kWaiting), memory = settle(kMemory);
  if (waiting || memory) ::execv("/proc/self/exe", argv);
}
#else
void settle_process(char**) {}
#endif

}  // namespace tinynas::cli
