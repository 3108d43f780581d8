#pragma once

#include <functional>
#include <span>
#include <vector>

#include "tinynas/core/progress.h"
#include "tinynas/search/measurement.h"
#include "tinynas/space/genome.h"

namespace tinynas::search {

/// Accuracy of genomes, in the order given: how the supernet answers without the search knowing torch. More
/// images are spent on those that may reach the cutoff (percent): one that `is_below` it after a look is left
/// alone, and nothing else decides, so that an answer does not depend on what is asked with it.
using AccuracyOracle =
    std::function<std::vector<Measurement>(std::span<const space::Genome>, double cutoff, const StopToken&)>;

/// ConfigError if an oracle did not answer for every one of the networks it was asked about.
void require_answers(std::span<const Measurement> answers, std::size_t asked);

}  // namespace tinynas::search
