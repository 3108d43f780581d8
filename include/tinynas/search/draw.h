#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/search/problem.h"

namespace tinynas::search {

/// Draws networks that fit and were never drawn before, on all threads; the same ones for any number of
/// threads.
class FeasibleDraws {
 public:
  explicit FeasibleDraws(Problem problem);
  ~FeasibleDraws();
  FeasibleDraws(FeasibleDraws&&) noexcept;
  FeasibleDraws& operator=(FeasibleDraws&&) noexcept;

  /// Makes a candidate for slot `index` of a batch; called on several threads.
  using Draw = std::function<space::Genome(std::size_t index, Rng&)>;
  struct Batch {
    std::size_t count = 0;  ///< slots to fill
    int max_tries = 0;      ///< draws for one slot before it stays empty
    Draw draw = {};
  };
  /// Up to batch.count new networks, in slot order. Slot i draws from a fork of `rng` of its own.
  std::vector<Proposal> next(const Batch& batch, const Rng& rng);
  /// Allows networks that were drawn but not used to be drawn again.
  void put_back(std::span<const Proposal> unused);
  /// The smallest network of the space, if it fits and is new: for spaces of which next to nothing fits.
  std::vector<Proposal> smallest();

  const Problem& problem() const { return problem_; }
  /// Networks costed so far, whether they fitted or not.
  std::int64_t looked_at() const;
  /// What the networks that did not fit need.
  space::Infeasible needs() const;

 private:
  struct Worker;
  std::vector<std::optional<Proposal>> draw_round(const Batch& batch, const Rng& rng,
                                                  std::span<const std::size_t> slots);
  Problem problem_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unordered_set<space::Genome> drawn_;
};

}  // namespace tinynas::search
