#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tinynas/import/plain_model.h"

namespace tinynas::import {

/// Why a node cannot be computed, and what would do instead. Thrown by what folds a node.
struct Refused {
  std::string why;
  std::string instead = {};  ///< may be empty
};

/// What is known of an operator that tinynas does not compute.
Refused unknown_operator(const Node& node);

/// All nodes that were refused; those of one operator and reason stand together.
class Refusals {
 public:
  void add(const Model& model, std::size_t node, const Refused& refused);
  /// Of the network as a whole.
  void add(const Refused& refused);
  bool empty() const { return groups_.empty(); }
  /// A line for each group.
  std::string text(const Model& model) const;

 private:
  struct Group {
    std::string op, why, instead;
    std::vector<std::string> nodes = {};
  };
  std::vector<Group> groups_;
  std::size_t nodes_ = 0;
};

}  // namespace tinynas::import
