#include "supernet/chain_kernels.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "tinynas/core/error.h"

namespace tinynas::supernet::kernels {
namespace {

#if defined(__x86_64__)
bool has_avx2() { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; }
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}
#else
bool has_avx2() { return false; }
bool has_avx512() { return false; }
#endif

constexpr const char* kVariable = "TINYNAS_KERNELS";

struct Choice {
  std::string_view name;
  const Table* table;  ///< null: this CPU has not what it needs
};

const Table* choose() {
  const std::array choices = {Choice{"avx512", has_avx512() ? for_avx512() : nullptr},
                              Choice{"avx2", has_avx2() ? for_avx2() : nullptr}};
  const char* set = std::getenv(kVariable);
  const std::string_view wanted = set == nullptr ? "" : set;
  if (wanted == "libtorch") return nullptr;
  for (const Choice& choice : choices) {
    if (wanted.empty() && choice.table != nullptr) return choice.table;
    if (wanted != choice.name) continue;
    if (choice.table == nullptr)
      throw UnsupportedError(fmt::format(
          "{}={}: this CPU or this build of tinynas has no such kernels; unset it", kVariable, wanted));
    return choice.table;
  }
  if (!wanted.empty())
    throw ConfigError(
        fmt::format("{}={}: unknown kernels; known: avx512, avx2, libtorch", kVariable, wanted));
  return nullptr;
}

}  // namespace

const Table* chosen() {
  static const Table* const table = choose();
  return table;
}

const Table& table() {
  TINYNAS_CHECK(chosen() != nullptr, "chains run where there are kernels for them");
  return *chosen();
}

}  // namespace tinynas::supernet::kernels
