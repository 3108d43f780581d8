#pragma once

#include <functional>
#include <span>
#include <vector>

#include "tinynas/core/progress.h"
#include "tinynas/space/genome.h"

namespace tinynas::search {

/// Accuracy of genomes, in percent, in the order given: how the supernet answers without the search knowing
/// torch.
using AccuracyOracle = std::function<std::vector<double>(std::span<const space::Genome>, const StopToken&)>;

}  // namespace tinynas::search
