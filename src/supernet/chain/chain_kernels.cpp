#include "supernet/chain/chain_kernels.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

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
constexpr Choice kLibTorch{"libtorch", nullptr};

Choice choose() {
  const std::array choices = {Choice{"avx512", has_avx512() ? for_avx512() : nullptr},
                              Choice{"avx2", has_avx2() ? for_avx2() : nullptr}};
  const char* set = std::getenv(kVariable);
  const std::string_view wanted = set == nullptr ? "" : set;
  if (wanted == kLibTorch.name) return kLibTorch;
  for (const Choice& choice : choices) {
    if (wanted.empty() && choice.table != nullptr) return choice;
    if (wanted != choice.name) continue;
    if (choice.table == nullptr)
      throw UnsupportedError(fmt::format(
          "{}={}: this CPU or this build of tinynas has no such kernels; unset it", kVariable, wanted));
    return choice;
  }
  if (!wanted.empty())
    throw ConfigError(
        fmt::format("{}={}: unknown kernels; known: avx512, avx2, libtorch", kVariable, wanted));
  return kLibTorch;
}

const Choice& choice() {
  static const Choice once = choose();
  return once;
}

}  // namespace

#if defined(__x86_64__)
bool has_bfloat16() { return has_avx512() && __builtin_cpu_supports("avx512bf16") != 0; }
#else
bool has_bfloat16() { return false; }
#endif

const Table* chosen() { return choice().table; }

std::string_view chosen_name() { return choice().name; }

const Table& table() {
  TINYNAS_CHECK(chosen() != nullptr, "chains run where there are kernels for them");
  return *chosen();
}

}  // namespace tinynas::supernet::kernels
