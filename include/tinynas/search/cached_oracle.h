#pragma once

#include <filesystem>
#include <vector>

#include "tinynas/search/oracle.h"
#include "tinynas/space/search_space.h"

namespace tinynas::search {

/// Remembers the answers of `oracle`, so that several searches of one supernet (evolution and its random
/// baseline, one search per device) never evaluate a network twice. Not for use from several threads at once.
AccuracyOracle remember(AccuracyOracle oracle);

/// Where answers about one supernet outlive the process: JSON lines, a network each.
struct AnswerFiles {
  space::SearchSpace space = {};                  ///< that genomes are written in
  std::filesystem::path kept = {};                ///< read, and appended to
  std::vector<std::filesystem::path> known = {};  ///< read only; absent ones are ignored
};
/// The same, beginning with the answers that stand in files. A damaged line (killed while writing) is an
/// answer that is not known.
AccuracyOracle remember(AccuracyOracle oracle, const AnswerFiles& files);

}  // namespace tinynas::search
