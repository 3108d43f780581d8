#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "app/experiment/targets.h"
#include "app/problem.h"
#include "app/run/records.h"
#include "app/run/supernet_run.h"
#include "app/space_ranking.h"
#include "app/stages/pipeline_stages.h"
#include "tinynas/core/error.h"
#include "tinynas/core/log.h"
#include "tinynas/cost/device.h"

namespace tinynas::app {
namespace {

/// Training images the speed measurements draw their batches from.
constexpr int kSpeedImages = 1024;
/// The winner of a large space costs about this quantile of its networks.
constexpr double kLargeQuantile = 0.9;

double measure_speed(Workspace& workspace, const space::SearchSpace& one) {
  const TrainingImages images = workspace.images().training(one, kSpeedImages);
  const double speed = workspace.oracle().training().measure(workspace.oracle().context(one, images),
                                                             workspace.experiment().train);
  log_info(fmt::format("training_speed space={} resolution={} width={:g} macs_per_second={:.3g}", one.name,
                       one.resolutions.back(), one.widths.front(), speed));
  return speed;
}

/// Training speed in MACs per second over the grid: measured at its two far corners, between them linear in
/// the logarithm of the MACs (larger layers use a core better).
class SpeedModel {
 public:
  explicit SpeedModel(Workspace& workspace) {
    const space::SearchSpace& all = workspace.space();
    const int last_r = static_cast<int>(all.resolutions.size()) - 1,
              first_r = all.elastic_resolution ? last_r : 0, last_w = static_cast<int>(all.widths.size()) - 1;
    low_ = measure_at(workspace, first_r, 0);
    high_ = last_r > first_r || last_w > 0 ? measure_at(workspace, last_r, last_w) : low_;
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
    return {size_of(one.resolutions.back(), one.widths.front()), measure_speed(workspace, one)};
  }
  Point low_, high_;
};

/// Forward multiply-accumulates an image costs in a training step of the recipe. Networks that do not fit are
/// trained too: the supernet's weights are shared by all of the space.
double step_macs(Workspace& workspace, const space::SpaceRank& space) {
  const space::SearchSpace one =
      space::restrict_to(workspace.space(), space.resolution_index, space.width_index);
  return workspace.oracle().training().macs_per_image(one, workspace.images().shape().task,
                                                      workspace.experiment().train);
}

/// `before`: what else sets a space aside; asked first. `shortest_s` becomes the least time limit that trains
/// one of the spaces asked about.
space::Untrainable too_slow(Workspace& workspace, const SpeedModel& speed, space::Untrainable before,
                            double& shortest_s) {
  return [&workspace, speed, before = std::move(before), &shortest_s,
          share = judged_share(workspace.experiment()), time_s = *workspace.experiment().time_ms / 1e3,
          images = workspace.images().training_count()](const space::SpaceRank& space) {
    if (std::string reason = before ? before(space) : ""; !reason.empty()) return reason;
    const double epochs = epochs_in(share * time_s, speed(space), step_macs(workspace, space), images);
    shortest_s = std::min(shortest_s, time_s * kLeastEpochs / epochs);
    return epochs >= kLeastEpochs
               ? std::string()
               : fmt::format("only {:.1f} epochs in {:.0f} % of the time", epochs, 100 * share);
  };
}

/// Rounded up to whole minutes, with a tenth more: the speed is measured anew, and varies.
std::string explain_too_short(const Experiment& target, double shortest_s) {
  return fmt::format(
      "--time {} is too short: no space gets {:g} epochs in {:.0f} % of it; with --time {:.0f}m the smallest "
      "does, without --time the configuration's own epochs hold",
      format_millis(*target.time_ms), kLeastEpochs, 100 * judged_share(target),
      std::ceil(shortest_s * 1.1 / 60));
}

/// The space under the limits of every target.
struct TargetRankings {
  std::vector<Experiment> targets;       ///< the first is the run's own
  std::vector<space::Ranking> rankings;  ///< one each
  std::vector<double> shortest_s;        ///< one each: see too_slow; infinite without a time limit
};

TargetRankings rank_for_all(Workspace& workspace, const ProgressFn& progress, const StopToken& stop) {
  const Experiment& experiment = workspace.experiment();
  TargetRankings all{.targets = target_experiments(experiment), .rankings = {}, .shortest_s = {}};
  all.shortest_s.resize(all.targets.size(), std::numeric_limits<double>::infinity());
  std::optional<SpeedModel> speed;
  if (experiment.time_ms) speed.emplace(workspace);
  for (std::size_t i = 0; i < all.targets.size(); ++i) {
    const cost::Device device = cost::load_device(all.targets[i].device, "device");
    space::RankProblem problem = rank_problem(workspace.space(), workspace.images().shape(),
                                              target_of(all.targets[i], device), experiment.rank);
    if (speed) problem.untrainable = too_slow(workspace, *speed, problem.untrainable, all.shortest_s[i]);
    const auto parts = static_cast<double>(all.targets.size()), part = static_cast<double>(i);
    all.rankings.push_back(space::rank(problem,
                                       {.samples = experiment.rank.samples, .seed = experiment.search.seed},
                                       part_of(progress, part / parts, (part + 1) / parts), stop));
  }
  return all;
}

/// The verdict when there is no space for all targets: that of the first target that has none for itself, or
/// what each would have taken.
std::string explain_no_space(const TargetRankings& all) {
  std::string wishes;
  for (std::size_t i = 0; i < all.targets.size(); ++i) {
    const Experiment& target = all.targets[i];
    const space::Ranking& ranking = all.rankings[i];
    if (!ranking.winner)
      return target_prefix(all.targets, i) + (std::isfinite(all.shortest_s[i])
                                                  ? explain_too_short(target, all.shortest_s[i])
                                                  : space::explain_no_winner(ranking));
    const space::SpaceRank& own = ranking.spaces[*ranking.winner];
    wishes += fmt::format("{}{} would take {}", wishes.empty() ? "" : ", ", target_name(target),
                          space::space_name(own));
  }
  return fmt::format(
      "no resolution and width has networks that fit every device: {}; search some of them in a run of their "
      "own",
      wishes);
}

double large_macs(const space::SpaceRank& space) {
  return static_cast<double>(space::macs_quantile(space, kLargeQuantile));
}

Plan make_plan(Workspace& workspace, const TargetRankings& all, std::size_t chosen) {
  const Experiment& experiment = workspace.experiment();
  if (!experiment.time_ms) return plan_from_config(experiment, workspace.images().training_count());
  const space::SpaceRank& winner = all.rankings[0].spaces[chosen];
  const space::SearchSpace one =
      space::restrict_to(workspace.space(), winner.resolution_index, winner.width_index);
  const double speed = measure_speed(workspace, one);
  Measured measured{.seconds_left = *experiment.time_ms / 1e3 - workspace.elapsed_s(),
                    .macs_per_second = speed,
                    .mean_macs = winner.mean_macs,
                    .step_macs = step_macs(workspace, winner),
                    .large_macs = large_macs(winner),
                    .images = workspace.images().training_count(),
                    .test_images = workspace.images().test_count()};
  for (std::size_t i = 1; i < all.rankings.size(); ++i)
    measured.further_large_macs.push_back(large_macs(all.rankings[i].spaces[chosen]));
  return plan_for_time(experiment, measured);
}

/// "37 % of its networks fit", for each of several targets with its name.
std::string fitting_text(const TargetRankings& all, std::size_t chosen) {
  std::string text;
  for (std::size_t i = 0; i < all.targets.size(); ++i)
    text += fmt::format("{}{}{:.0f} %", i ? ", " : "", target_prefix(all.targets, i),
                        100 * all.rankings[i].spaces[chosen].share());
  return text;
}

/// rank.json. `winner` is one of the spaces; its indices are those of the run's own space.
Ranked ranked(const space::Ranking& ranking, const space::SpaceRank& winner) {
  return {.resolution_index = winner.resolution_index,
          .width_index = winner.width_index,
          .resolution = winner.resolution,
          .smallest_resolution = winner.smallest_resolution,
          .width = winner.width,
          .mean_macs = winner.mean_macs,
          .spaces = ranked_spaces(ranking)};
}

/// Nothing of the supernet that lies in `folder` fits.
std::string verdict(const std::filesystem::path& folder, const space::SearchSpace& chosen,
                    const space::Infeasible& needs) {
  const int smallest = chosen.resolutions.size() > 1 ? chosen.resolutions.front() : 0;
  return fmt::format("the supernet of {} (r{}-w{:g}): {}", folder.string(),
                     space::resolution_text(smallest, chosen.resolutions.back()), chosen.widths.front(),
                     space::describe(needs));
}

}  // namespace

/// Which part of the space is worth training, for all targets together, and, with a time limit, how much work
/// fits into it.
Stage rank_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    TargetRankings all = rank_for_all(workspace, progress, stop);
    const auto chosen = space::common_winner(all.rankings);
    if (!chosen) throw InfeasibleError(explain_no_space(all));
    all.rankings[0].winner = chosen;
    const space::SpaceRank& winner = all.rankings[0].spaces[*chosen];
    const Plan plan = make_plan(workspace, all, *chosen);
    write(workspace.run(), plan);
    write(workspace.run(), ranked(all.rankings[0], winner));
    return fmt::format(
        "{} of {} spaces: {} of its networks fit, {} multiply-accumulates on average; planned {} + {} "
        "epochs, {} networks",
        space::space_name(winner), all.rankings[0].spaces.size(), fitting_text(all, *chosen),
        format_macs(static_cast<Macs>(winner.mean_macs)), plan.train_epochs, plan.tune_epochs,
        plan.evaluations());
  };
  return {.name = "rank", .reads = {}, .writes = {kPlanFile, kRankFile}, .run = run};
}

/// For a run that searches another run's supernet, the space is given. How much of it fits here, and, with
/// the time limit of that run, how much work fits into this target's part of it.
Stage given_rank_stage(Workspace& workspace) {
  const auto run = [&workspace](const ProgressFn& progress, const StopToken& stop) {
    const Experiment& experiment = workspace.experiment();
    require_same_supernet(workspace.run().path(), experiment);
    const std::filesystem::path from = supernet_folder_of(workspace.run());
    const space::SearchSpace chosen = chosen_space(from);
    space::RankProblem problem = rank_problem(chosen, workspace.images().shape(), workspace.target(), {});
    problem.untrainable = {};
    const space::Ranking ranking = space::rank(
        problem, {.samples = experiment.rank.samples, .least_share = 0, .seed = experiment.search.seed},
        progress, stop);
    if (!ranking.any_fits()) throw InfeasibleError(verdict(from, chosen, ranking.needs));
    space::SpaceRank winner = ranking.spaces.front();
    const Ranked trained = read<Ranked>(from);
    winner.resolution_index = trained.resolution_index;
    winner.width_index = trained.width_index;
    Plan plan = read<Plan>(from);
    if (experiment.time_ms && plan.search_seconds > 0) {
      plan_target(plan, experiment, winner.mean_macs, large_macs(winner));
    } else {
      const int epochs = plan.train_epochs;
      plan = plan_from_config(experiment, plan.train_images);
      plan.train_epochs = epochs;
    }
    write(workspace.run(), plan);
    write(workspace.run(), ranked(ranking, winner));
    return fmt::format("{} of {}: {:.0f} % of its networks fit, {} multiply-accumulates on average",
                       space::space_name(winner), from.string(), 100 * winner.share(),
                       format_macs(static_cast<Macs>(winner.mean_macs)));
  };
  return {.name = "rank", .reads = {}, .writes = {kPlanFile, kRankFile}, .run = run};
}

}  // namespace tinynas::app
