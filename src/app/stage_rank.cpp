#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/files.h"
#include "app/json.h"
#include "app/pipeline_stages.h"
#include "app/space_ranking.h"
#include "tinynas/core/error.h"
#include "tinynas/core/log.h"

namespace tinynas::app {
namespace {

/// Training images the speed measurements draw their batches from.
constexpr int kSpeedImages = 1024;
/// The winner of a large space costs about this quantile of its networks.
constexpr double kLargeQuantile = 0.9;

double measure_speed(Workspace& workspace, const space::SearchSpace& one) {
  const TrainingImages images = workspace.images(one.resolutions.front(), kSpeedImages);
  const double speed =
      workspace.training().measure(workspace.context(one, images), workspace.experiment().train.batch);
  log_info(fmt::format("training_speed space={} resolution={} width={:g} macs_per_second={:.3g}", one.name,
                       one.resolutions.front(), one.widths.front(), speed));
  return speed;
}

/// Training speed in MACs per second over the grid: measured at its two far corners, between them linear in
/// the logarithm of the MACs (larger layers use a core better).
class SpeedModel {
 public:
  explicit SpeedModel(Workspace& workspace) {
    const space::SearchSpace& all = workspace.space();
    const int last_r = static_cast<int>(all.resolutions.size()) - 1,
              last_w = static_cast<int>(all.widths.size()) - 1;
    low_ = measure_at(workspace, 0, 0);
    high_ = last_r + last_w > 0 ? measure_at(workspace, last_r, last_w) : low_;
  }
  double operator()(const space::SpaceRank& space) const {
    if (high_.size <= low_.size) return low_.speed;
    const double at =
        std::log(size_of(space.resolution, space.width) / low_.size) / std::log(high_.size / low_.size);
    return low_.speed + std::clamp(at, 0.0, 1.0) * (high_.speed - low_.speed);
  }

 private:
  struct Point {
    double size = 0, speed = 0;
  };
  /// MACs grow with the square of both.
  static double size_of(int resolution, double width) { return std::pow(resolution * width, 2); }
  static Point measure_at(Workspace& workspace, int r, int w) {
    const space::SearchSpace one = space::restrict_to(workspace.space(), r, w);
    return {size_of(one.resolutions.front(), one.widths.front()), measure_speed(workspace, one)};
  }
  Point low_, high_;
};

/// Forward multiply-accumulates an image costs in a training step of the recipe. Networks that do not fit are
/// trained too: the supernet's weights are shared by all of the space.
double step_macs(Workspace& workspace, const space::SpaceRank& space) {
  const space::SearchSpace one =
      space::restrict_to(workspace.space(), space.resolution_index, space.width_index);
  return workspace.training().macs_per_image(one, workspace.task(), workspace.experiment().train);
}

/// `also`: what else sets a space aside; asked first. `shortest_s` becomes the least time limit that trains
/// one of the spaces asked about.
space::Untrainable too_slow(Workspace& workspace, double time_s, space::Untrainable also,
                            double& shortest_s) {
  return [&workspace, speed = SpeedModel(workspace), time_s, also = std::move(also), &shortest_s,
          images = workspace.training_image_count()](const space::SpaceRank& space) {
    if (std::string reason = also ? also(space) : ""; !reason.empty()) return reason;
    const double epochs = epochs_in_time(time_s, speed(space), step_macs(workspace, space), images);
    shortest_s = std::min(shortest_s, time_s * kLeastEpochs / epochs);
    return epochs >= kLeastEpochs ? std::string()
                                  : fmt::format("only {:.1f} epochs in 60 % of the time", epochs);
  };
}

/// Rounded up to whole minutes, with a tenth more: the speed is measured anew, and varies.
std::string explain_too_short(double time_s, double shortest_s) {
  return fmt::format(
      "--time {} is too short: no space gets {:g} epochs in 60 % of it; with --time {:.0f}m the smallest "
      "does, "
      "without --time the configuration's own epochs hold",
      format_millis(time_s * 1e3), kLeastEpochs, std::ceil(shortest_s * 1.1 / 60));
}

Plan make_plan(Workspace& workspace, const space::SpaceRank& winner) {
  const Experiment& experiment = workspace.experiment();
  if (!experiment.time_ms) return plan_from_config(experiment, workspace.training_image_count());
  const space::SearchSpace one =
      space::restrict_to(workspace.space(), winner.resolution_index, winner.width_index);
  const double speed = measure_speed(workspace, one);
  const std::size_t tests = workspace.dataset().test.size(),
                    wanted = static_cast<std::size_t>(experiment.data.test_images);
  return plan_for_time(experiment,
                       {.seconds_left = *experiment.time_ms / 1e3 - workspace.elapsed_s(),
                        .macs_per_second = speed,
                        .mean_macs = winner.mean_macs,
                        .step_macs = step_macs(workspace, winner),
                        .large_macs = static_cast<double>(space::macs_quantile(winner, kLargeQuantile)),
                        .images = workspace.training_image_count(),
                        .test_images = static_cast<int>(wanted > 0 ? std::min(wanted, tests) : tests)});
}

void write_plan(const RunDirectory& run, const Plan& plan) {
  write_json(run, kPlanFile,
             {{"train_images", plan.train_images},
              {"train_epochs", plan.train_epochs},
              {"population", plan.population},
              {"generations", plan.generations},
              {"parents", plan.parents},
              {"tune_epochs", plan.tune_epochs},
              {"macs_per_second", plan.macs_per_second}});
}

void write_ranking(const RunDirectory& run, const space::Ranking& ranking, const space::SpaceRank& winner) {
  Json spaces = Json::array();
  for (const report::RankedSpace& space : ranked_spaces(ranking))
    spaces.push_back({{"resolution", space.resolution},
                      {"width", space.width},
                      {"samples", space.samples},
                      {"fit_share", space.fit_share},
                      {"mean_macs", space.mean_macs},
                      {"fit_macs", space.fit_macs},
                      {"set_aside", space.set_aside},
                      {"chosen", space.chosen}});
  write_json(run, kRankFile,
             {{"resolution_index", winner.resolution_index},
              {"width_index", winner.width_index},
              {"resolution", winner.resolution},
              {"width", winner.width},
              {"mean_macs", winner.mean_macs},
              {"spaces", spaces}});
}

}  // namespace

/// Which part of the space is worth training, and, with a time limit, how much work fits into it.
Stage rank_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    const Experiment& experiment = workspace.experiment();
    space::RankProblem problem = rank_problem(workspace.space(), workspace.dataset(), workspace.target());
    double shortest_s = std::numeric_limits<double>::infinity();
    if (experiment.time_ms)
      problem.untrainable = too_slow(workspace, *experiment.time_ms / 1e3, problem.untrainable, shortest_s);
    const space::Ranking ranking = space::rank(
        problem, {.samples = experiment.rank.samples, .seed = experiment.search.seed}, progress, stop);
    if (!ranking.winner && std::isfinite(shortest_s))
      throw InfeasibleError(explain_too_short(*experiment.time_ms / 1e3, shortest_s));
    if (!ranking.winner) throw InfeasibleError(space::explain_no_winner(ranking));
    const space::SpaceRank& winner = ranking.spaces[*ranking.winner];
    const Plan plan = make_plan(workspace, winner);
    write_plan(workspace.run(), plan);
    write_ranking(workspace.run(), ranking, winner);
    return fmt::format(
        "r{}-w{:g} of {} spaces: {} of its networks fit, {} multiply-accumulates on average; planned {} + {} "
        "epochs, {} networks",
        winner.resolution, winner.width, ranking.spaces.size(), fmt::format("{:.0f} %", 100 * winner.share()),
        format_macs(static_cast<Macs>(winner.mean_macs)), plan.train_epochs, plan.tune_epochs,
        plan.evaluations());
  };
  return {.name = "rank", .output = std::string(kRankFile), .files = {std::string(kPlanFile)}, .run = run};
}

}  // namespace tinynas::app
