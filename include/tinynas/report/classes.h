#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tinynas/report/heat_map.h"
#include "tinynas/report/table.h"

namespace tinynas::report {

/// What became of the images of one class.
struct ClassAccuracy {
  std::string name;
  std::int64_t images = 0, right = 0;
  double percent() const;  ///< 0 without images
};

/// Images of one class that were taken for another; places in Classification::classes.
struct Confused {
  int label = 0, answer = 0;
  std::int64_t images = 0;
};

/// A network's answers on labelled images, class by class: a confusion matrix without its zeros.
struct Classification {
  std::vector<ClassAccuracy> classes = {};  ///< by label
  std::vector<Confused> confused = {};      ///< most images first
  bool empty() const { return classes.empty(); }
};

/// Sorts answers by class; as many of them as labels. Classes beyond the names are called "class 12".
Classification classify(std::span<const std::uint16_t> labels, std::span<const std::uint16_t> answers,
                        std::span<const std::string> names);

/// One row per class: images, how many are right, accuracy.
Table class_table(const Classification& result);
/// Above this many classes a matrix cannot be read any more.
constexpr std::size_t kMostMatrixClasses = 30;
/// Labels down, answers across; each cell as a share of its row.
HeatMap confusion_matrix(const Classification& result);
/// The pairs that are confused most often, at most `most` of them.
Table confused_table(const Classification& result, std::size_t most);

}  // namespace tinynas::report
