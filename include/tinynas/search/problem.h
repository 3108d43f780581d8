#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tinynas/cost/footprint.h"
#include "tinynas/search/oracle.h"
#include "tinynas/space/feasibility.h"
#include "tinynas/space/search_space.h"

namespace tinynas::search {

/// What is searched: networks of `space` that meet `budget`, for the largest accuracy.
struct Problem {
  space::SearchSpace space = {};
  space::Task task = {};
  cost::Budget budget = {};
  space::CostFactory cost = {};
};

/// A network that fits and awaits its accuracy.
struct Proposal {
  space::Genome genome = {};
  cost::Footprint cost = {};
  friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// A network with its accuracy.
struct Evaluation {
  space::Genome genome = {};
  cost::Footprint cost = {};
  double accuracy = 0;  ///< percent
  int generation = 0;
  double standard_error = 0;  ///< of the accuracy, percent points
  int images = 0;             ///< that the accuracy was measured on; 0: not known
  friend bool operator==(const Evaluation&, const Evaluation&) = default;
};

/// Higher accuracy; of equal accuracy, lower latency, then fewer MACs.
bool better(const Evaluation& a, const Evaluation& b);

/// Named numbers for logs and reports.
using Figures = std::map<std::string, double>;

/// A way to choose the next networks: `ask`, `tell` and `infeasible` must be set. `ask` returns networks that
/// fit the budget and were never asked before, or none when it is at its end; `tell` is given every batch, in
/// the order asked, before the next is asked.
struct Strategy {
  std::string name = {};
  std::uint64_t seed = 0;
  int evaluations = 0;  ///< the most that are asked for in all
  std::function<std::vector<Proposal>()> ask = {};
  std::function<void(std::span<const Evaluation>)> tell = {};
  /// Why the first ask returned nothing.
  std::function<space::Infeasible()> infeasible = {};
  /// Accuracy below which a network does not matter any more, percent; empty: all matter.
  std::function<double()> cutoff = {};
  /// What the strategy can say about itself after a tell, by name: "predictor_tau", "hypervolume". May be
  /// empty.
  std::function<Figures()> figures = {};
  /// The network to take in the end; empty: the one with the largest accuracy.
  std::function<std::optional<Evaluation>()> winner = {};
};

}  // namespace tinynas::search
