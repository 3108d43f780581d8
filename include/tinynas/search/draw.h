#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "tinynas/core/rng.h"
#include "tinynas/search/problem.h"

namespace tinynas::search {

/// Draws networks that fit and were never drawn before, on all threads; the same for any number of threads.
class FeasibleDraws {
 public:
  explicit FeasibleDraws(Problem problem);
  ~FeasibleDraws();
  FeasibleDraws(FeasibleDraws&&) noexcept;
  FeasibleDraws& operator=(FeasibleDraws&&) noexcept;

  /// How to make a candidate for slot `index` of a batch.
  using Draw = std::function<space::Genome(std::size_t index, Rng&)>;
  /// Up to `count` new networks; fewer when `max_tries` draws for a slot find none. Slot i draws from
  /// rng.fork(...) of its own.
  std::vector<Proposal> next(std::size_t count, const Rng& rng, int max_tries, const Draw& draw);

  const Problem& problem() const { return problem_; }
  /// Networks looked at so far, whether they fitted or not.
  std::int64_t looked_at() const { return looked_at_; }
  /// What the networks looked at need, the smallest of the space among them.
  space::Infeasible needs() const;

 private:
  struct Worker;
  Problem problem_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unordered_set<space::Genome> drawn_;
  std::int64_t looked_at_ = 0;
};

}  // namespace tinynas::search
