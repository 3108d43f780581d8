#include "app/stages/pipeline_stages.h"

#include "app/run/records.h"

namespace tinynas::app {

std::vector<Stage> make_stages(Workspace& workspace) {
  const bool given = !workspace.experiment().supernet.empty();
  return {given ? given_rank_stage(workspace) : rank_stage(workspace),
          given ? given_train_stage(workspace) : train_stage(workspace),
          search_stage(workspace),
          tune_stage(workspace),
          quantize_stage(workspace),
          export_stage(workspace),
          eval_stage(workspace),
          compile_stage(workspace),
          emulate_stage(workspace),
          report_stage(workspace)};
}

std::vector<std::pair<std::string, double>> seconds_before(Workspace& workspace, std::string_view stage) {
  const Seconds seconds = read<Seconds>(workspace.run());
  std::vector<std::pair<std::string, double>> spent;
  for (const Stage& one : make_stages(workspace)) {
    if (one.name == stage) break;
    if (const auto found = seconds.find(one.name); found != seconds.end()) spent.push_back(*found);
  }
  return spent;
}

double sum_before(Workspace& workspace, std::string_view stage) {
  double sum = 0;
  for (const auto& [name, seconds] : seconds_before(workspace, stage)) sum += seconds;
  return sum;
}

}  // namespace tinynas::app
