#include "app/run/rank_files.h"

#include "app/run/files.h"
#include "app/run/json.h"
#include "app/space_ranking.h"

namespace tinynas::app {

void write_plan(const RunDirectory& run, const Plan& plan) {
  write_json(run, kPlanFile,
             {{"train_images", plan.train_images},
              {"train_epochs", plan.train_epochs},
              {"population", plan.population},
              {"generations", plan.generations},
              {"parents", plan.parents},
              {"tune_epochs", plan.tune_epochs},
              {"macs_per_second", plan.macs_per_second},
              {"search_seconds", plan.search_seconds},
              {"tune_seconds", plan.tune_seconds},
              {"step_macs", plan.step_macs}});
}

Plan read_plan(const std::filesystem::path& run) {
  const Json json = read_json(run, kPlanFile);
  return {.train_images = json.at("train_images"),
          .train_epochs = json.at("train_epochs"),
          .population = json.at("population"),
          .generations = json.at("generations"),
          .parents = json.at("parents"),
          .tune_epochs = json.at("tune_epochs"),
          .macs_per_second = json.at("macs_per_second"),
          .search_seconds = json.value("search_seconds", 0.0),
          .tune_seconds = json.value("tune_seconds", 0.0),
          .step_macs = json.value("step_macs", 0.0)};
}

namespace {

/// Only elastic resolutions have a smallest one.
Json with_smallest(Json json, int smallest_resolution) {
  if (smallest_resolution > 0) json["smallest_resolution"] = smallest_resolution;
  return json;
}

}  // namespace

space::SearchSpace read_chosen_space(const std::filesystem::path& run) {
  const Json rank = read_json(run, kRankFile);
  space::SearchSpace space = space::SearchSpace::load(run / kSpaceFile);
  space.elastic_resolution = rank.contains("smallest_resolution");
  return space::restrict_to(space, rank.at("resolution_index"), rank.at("width_index"));
}

void write_ranking(const RunDirectory& run, const space::Ranking& ranking, const space::SpaceRank& winner) {
  Json spaces = Json::array();
  for (const report::RankedSpace& space : ranked_spaces(ranking))
    spaces.push_back(with_smallest({{"resolution", space.resolution},
                                    {"width", space.width},
                                    {"samples", space.samples},
                                    {"fit_share", space.fit_share},
                                    {"mean_macs", space.mean_macs},
                                    {"fit_macs", space.fit_macs},
                                    {"set_aside", space.set_aside},
                                    {"chosen", space.chosen}},
                                   space.smallest_resolution));
  write_json(run, kRankFile,
             with_smallest({{"resolution_index", winner.resolution_index},
                            {"width_index", winner.width_index},
                            {"resolution", winner.resolution},
                            {"width", winner.width},
                            {"mean_macs", winner.mean_macs},
                            {"spaces", spaces}},
                           winner.smallest_resolution));
}

}  // namespace tinynas::app
