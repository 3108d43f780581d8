#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tinynas/ir/graph.h"

namespace tinynas::import {

/// Where the values of a tensor of the file are: value i is value places[i] of a tensor of the graph, in the
/// order of rows, columns, channels; -1: 0.
using Places = std::vector<std::int32_t>;

/// A tensor of the graph, seen through the file's moves.
struct Moved {
  int tensor = -1;
  std::shared_ptr<const Places> places = {};
  ir::Shape base = {};  ///< the tensor's shape as the first of the moves saw it
};

/// Of a shape in the file; Refused where it is too large.
std::int64_t elements(const std::vector<std::int64_t>& shape);
/// Whether no value has moved.
bool in_place(const Places& places);
/// Whether each of so many values stands once.
bool is_permutation(const Places& places, std::int64_t values);
/// Dimension i of the result is dimension order[i] of `shape`.
Places transposed(const Places& from, const std::vector<std::int64_t>& shape,
                  const std::vector<std::int64_t>& order);
/// Those of some indices of one dimension.
Places picked(const Places& from, const std::vector<std::int64_t>& shape, std::size_t axis,
              const std::vector<std::int64_t>& indices);

}  // namespace tinynas::import
