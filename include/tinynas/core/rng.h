#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tinynas {

/// The one generator (xoshiro256**, Blackman and Vigna 2018, seeded by splitmix64). Its draws are the same on
/// every machine and library. A value type: a copy continues independently with the same numbers.
class Rng {
 public:
  explicit Rng(std::uint64_t seed = 1);

  /// A generator of its own for work item (name, a, b): depends on this generator's seed, never on how many
  /// numbers were drawn from it, so that parallel items get the same numbers for any number of threads.
  Rng fork(std::string_view name, std::uint64_t a = 0, std::uint64_t b = 0) const;

  std::uint64_t next();
  /// Uniform in [0, bound), unbiased (Lemire 2019). bound >= 1.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [low, high], both ends included.
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  /// Uniform in [0, 1) with 53 bits.
  double uniform();
  /// True with probability p.
  bool chance(double p) { return uniform() < p; }
  /// Standard normal (Marsaglia's polar method).
  double normal();

  /// Fisher-Yates.
  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }
  template <typename T>
  const T& pick(std::span<const T> items) {
    return items[below(items.size())];
  }

  /// Text form for checkpoints; `restore` throws IoError on anything else.
  std::string state() const;
  static Rng restore(std::string_view state);
  friend bool operator==(const Rng&, const Rng&) = default;

 private:
  std::uint64_t seed_ = 0;
  std::array<std::uint64_t, 4> words_{};
};

}  // namespace tinynas
