#pragma once

#include <filesystem>

#include "tinynas/app/run_directory.h"
#include "tinynas/ir/graph.h"
#include "tinynas/space/search_space.h"

/// What a run has chosen so far, from its files.
namespace tinynas::app {

/// A network by itself: a genome of a space that has its resolution alone.
struct NetworkAlone {
  space::SearchSpace space;
  space::Genome genome;
};

/// What the supernet is trained over, from rank.json: a part of the run's own space.
space::SearchSpace chosen_space(const std::filesystem::path& run);

/// A network of the chosen space.
NetworkAlone alone(const RunDirectory& run, const space::Genome& genome);

/// From search.json, and with tuned.weights: the winner and its float network.
NetworkAlone winner(const RunDirectory& run);
ir::Graph tuned_graph(const RunDirectory& run, const space::Task& task);

}  // namespace tinynas::app
