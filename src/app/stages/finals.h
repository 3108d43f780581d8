#pragma once

#include <string>
#include <vector>

#include "app/workspace.h"
#include "tinynas/search/problem.h"

/// The end of a search: its best networks are trained a little, each alone, and judged again.
namespace tinynas::app {

struct Finalist {
  search::Evaluation evaluation;  ///< by the supernet
  double accuracy = 0;            ///< percent of the held-out images, after search.finalist_epochs
};

/// The experiment's finalists, the one with the largest accuracy first (of equals, the search's favourite).
/// `ranked` are the networks evaluated, best first; as many as search.finalists take part. Those that were
/// trained before a kill are not trained again: they stand in the run's finalists.jsonl.
std::vector<Finalist> play_finals(Workspace& workspace, const std::vector<search::Evaluation>& ranked,
                                  const ProgressFn& progress, const StopToken& stop);

}  // namespace tinynas::app
