#include "tinynas/core/rng.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>

#include "tinynas/core/error.h"
#include "tinynas/core/hash.h"

namespace tinynas {
namespace {

std::uint64_t splitmix64(std::uint64_t& x) {
  x += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) : seed_(seed) {
  std::uint64_t x = seed;
  for (auto& word : words_) word = splitmix64(x);
}

Rng Rng::fork(std::string_view name, std::uint64_t a, std::uint64_t b) const {
  std::uint64_t mix = seed_ ^ fnv1a(name);
  std::uint64_t derived = splitmix64(mix);
  mix ^= a;
  derived ^= splitmix64(mix);
  mix ^= b;
  return Rng(derived ^ splitmix64(mix));
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(words_[1] * 5, 7) * 9;
  const std::uint64_t t = words_[1] << 17;
  words_[2] ^= words_[0];
  words_[3] ^= words_[1];
  words_[1] ^= words_[2];
  words_[0] ^= words_[3];
  words_[2] ^= t;
  words_[3] = std::rotl(words_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t bound) {
  TINYNAS_CHECK(bound > 0, "Rng::below needs a bound of at least 1");
  using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(next()) * bound;
  auto low = static_cast<std::uint64_t>(product);
  if (low < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<Wide>(next()) * bound;
      low = static_cast<std::uint64_t>(product);
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

double Rng::normal() {
  for (;;) {
    const double u = 2 * uniform() - 1, v = 2 * uniform() - 1, s = u * u + v * v;
    if (s > 0 && s < 1) return u * std::sqrt(-2 * std::log(s) / s);
  }
}

std::string Rng::state() const {
  return fmt::format("{:016x}:{:016x}:{:016x}:{:016x}:{:016x}", seed_, words_[0], words_[1], words_[2],
                     words_[3]);
}

Rng Rng::restore(std::string_view state) {
  constexpr std::size_t kDigits = 16, kWords = 5;
  std::array<std::uint64_t, kWords> values{};
  bool good = state.size() == kWords * (kDigits + 1) - 1;
  for (std::size_t i = 0; good && i < kWords; ++i) {
    const char* begin = state.data() + i * (kDigits + 1);
    const auto [end, error] = std::from_chars(begin, begin + kDigits, values[i], 16);
    good = error == std::errc{} && end == begin + kDigits && (i + 1 == kWords || *end == ':');
  }
  if (!good)
    throw IoError(
        fmt::format("'{}' is not the state of a random generator: the checkpoint is damaged", state));
  Rng rng;
  rng.seed_ = values[0];
  std::copy(values.begin() + 1, values.end(), rng.words_.begin());
  return rng;
}

}  // namespace tinynas
