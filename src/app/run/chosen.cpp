#include "app/run/chosen.h"

#include "app/run/records.h"
#include "app/run/weights_file.h"
#include "tinynas/quant/quantize.h"
#include "tinynas/space/lower.h"

namespace tinynas::app {

space::SearchSpace chosen_space(const std::filesystem::path& run) {
  const Ranked rank = read<Ranked>(run);
  space::SearchSpace space = space::SearchSpace::load(run / kSpaceFile);
  space.elastic_resolution = rank.smallest_resolution > 0;
  return space::restrict_to(space, rank.resolution_index, rank.width_index);
}

NetworkAlone alone(const RunDirectory& run, const space::Genome& genome) {
  NetworkAlone network{.space = space::at_resolution(chosen_space(run.path()), genome.resolution),
                       .genome = genome};
  network.genome.resolution = 0;
  return network;
}

NetworkAlone winner(const RunDirectory& run) {
  return alone(run, space::parse_genome(chosen_space(run.path()), read<Searched>(run).winner.genome,
                                        (run / kSearchFile).string()));
}

ir::Graph tuned_graph(const RunDirectory& run, const space::Task& task) {
  const NetworkAlone network = winner(run);
  ir::Graph graph = space::lower_named(network.space, task, network.genome);
  quant::attach_weights(graph, decode_weights(run.read(kWeightsFile), (run / kWeightsFile).string()));
  return graph;
}

}  // namespace tinynas::app
