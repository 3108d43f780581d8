// bench_search_seeds RUN [SEEDS]: is evolution better than random search, and better still when a predictor
// screens its candidates? Each searches the run's space with the run's supernet and budget and the same
// number of evaluations, once per seed; the winners are judged on the test images, which were no one's
// fitness.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <numeric>
#include <vector>

#include "app/run/records.h"
#include "app/workspace.h"
#include "cli/program.h"
#include "tinynas/core/error.h"
#include "tinynas/search/cached_oracle.h"
#include "tinynas/search/evolution.h"
#include "tinynas/search/run.h"

using namespace tinynas;

namespace {

constexpr int kScreening = 4;
constexpr int kBatch = 10;

struct Way {
  const char* name;
  std::vector<double> fitness = {}, judged = {};  ///< of each seed's winner, percent
};

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

void compare(const Way& better, const Way& other) {
  int wins = 0;
  for (std::size_t s = 0; s < better.judged.size(); ++s) wins += better.judged[s] > other.judged[s];
  fmt::print("{} against {}: {:+.3f} points on average, better in {} of {}\n", better.name, other.name,
             mean(better.judged) - mean(other.judged), wins, better.judged.size());
}

int run(int argc, char** argv, const cli::Shell& shell) {
  CLI::App app{"Evolution, screened or not, against random search: equal evaluations, one search per seed."};
  app.name("bench_search_seeds");
  std::string folder;
  int seeds = 5, population = 0, generations = 0;
  app.add_option("run", folder, "a finished run of tinynas search")->type_name("RUN")->required();
  app.add_option("seeds", seeds, "searches of each kind (default: 5)")->check(CLI::Range(1, 1000));
  app.add_option("--population", population,
                 "networks of a generation (default: the run's); a quarter are parents")
      ->check(CLI::Range(4, 100000));
  app.add_option("--generations", generations, "of each search (default: the run's)")
      ->check(CLI::Range(1, 100000));
  app.footer(
      "In a space of few networks let searches see few of them.\n"
      "Examples:\n  bench_search_seeds runs/main 5\n  bench_search_seeds runs/plain 20 --population 12 "
      "--generations 5");
  if (const auto answered = cli::parse_command_line(app, argc, argv)) return *answered;

  const app::RunDirectory run = app::RunDirectory::open(folder);
  app::Images images(run.experiment());
  app::Oracle oracle(run, app::built_in_training(), images);
  app::Workspace workspace(run, images, oracle);
  app::Plan plan = app::read<app::Plan>(run);
  if (population > 0) {
    plan.population = population;
    plan.parents = population / 4;
  }
  if (generations > 0) plan.generations = generations;
  const app::Target target = workspace.target();
  const search::Problem problem{.space = app::chosen_space(run.path()),
                                .task = images.shape().task,
                                .budget = target.budget,
                                .cost = space::device_cost(target.device, target.input)};
  const int bn_images = run.experiment().search.bn_images;
  const auto oracle_on = [&](const data::ImageSet& images) {
    train::Context context = oracle.context();
    context.validation = &images;
    return search::remember(oracle.training().oracle(context, run.path(), bn_images));
  };
  const bool elastic = problem.space.resolutions.size() > 1;  // then its images are as in the data set
  const data::ImageSet test = elastic ? images.test() : images.test(problem.space.resolutions.front());
  const auto fitness = oracle_on(*oracle.context().validation), judge = oracle_on(test);

  const int evaluations = plan.population * plan.generations;
  const auto evolution = [&](int screening, std::uint64_t seed) {
    return search::evolution(problem, {.population = plan.population,
                                       .generations = plan.generations,
                                       .parents = plan.parents,
                                       .mutation_rate = run.experiment().search.mutation_rate,
                                       .screening = screening,
                                       .seed = seed});
  };
  fmt::print("{} evaluations on {} images each, judged on {} test images; percent\n", evaluations,
             oracle.context().validation->labels.size(), test.labels.size());
  fmt::print("{:<5} {:<19} {:>8} {:>8} {:>6} {:>9}\n", "seed", "search", "fitness", "judged", "tau", "MACs");
  std::array<Way, 3> ways = {Way{"random"}, Way{"evolution"}, Way{"screened evolution"}};
  for (int s = 1; s <= seeds; ++s) {
    const auto seed = static_cast<std::uint64_t>(s);
    const std::array strategies = {
        search::random_search(problem, {.evaluations = evaluations, .batch = plan.population, .seed = seed}),
        evolution(1, seed), evolution(kScreening, seed)};
    for (std::size_t w = 0; w < ways.size(); ++w) {
      const search::SearchResult result =
          search::run_search(problem, strategies[w], fitness, {.batch = kBatch}, {}, shell.stop);
      if (!result.best) throw InfeasibleError("no network of the run's space meets its limits");
      const auto judged = judge(std::array{result.best->genome}, search::kNoCutoff, shell.stop);
      ways[w].fitness.push_back(result.best->accuracy);
      ways[w].judged.push_back(judged[0].accuracy);
      const search::Figures& figures = result.generations.back().figures;
      const auto tau = figures.find("predictor_tau");
      fmt::print("{:<5} {:<19} {:>8.2f} {:>8.2f} {:>6} {:>9}  {}\n", s, ways[w].name, ways[w].fitness.back(),
                 ways[w].judged.back(), tau == figures.end() ? "" : fmt::format("{:.2f}", tau->second),
                 format_macs(result.best->cost.macs), space::to_string(problem.space, result.best->genome));
      std::fflush(stdout);
    }
  }
  compare(ways[1], ways[0]);
  compare(ways[2], ways[0]);
  compare(ways[2], ways[1]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_program("bench_search_seeds", argv,
                          [&](const cli::Shell& shell) { return run(argc, argv, shell); });
}
