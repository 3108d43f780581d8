#include "tinynas/search/history.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::search {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

Json to_json(const cost::Footprint& cost) {
  return {{"macs", cost.macs},
          {"extra_macs", cost.extra_macs},
          {"params", cost.params},
          {"sram_bytes", cost.sram_bytes},
          {"arena_bytes", cost.arena_bytes},
          {"activation_bytes", cost.activation_bytes},
          {"scratch_bytes", cost.scratch_bytes},
          {"input_bytes", cost.input_bytes},
          {"flash_bytes", cost.flash_bytes},
          {"code_bytes", cost.code_bytes},
          {"latency_ms", cost.latency_ms},
          {"energy_mj", cost.energy_mj}};
}

cost::Footprint footprint_from(const Json& json) {
  return {.macs = json.at("macs"),
          .extra_macs = json.at("extra_macs"),
          .params = json.at("params"),
          .sram_bytes = json.at("sram_bytes"),
          .arena_bytes = json.at("arena_bytes"),
          .activation_bytes = json.at("activation_bytes"),
          .scratch_bytes = json.at("scratch_bytes"),
          .input_bytes = json.at("input_bytes"),
          .flash_bytes = json.at("flash_bytes"),
          .code_bytes = json.at("code_bytes"),
          .latency_ms = json.at("latency_ms"),
          .energy_mj = json.at("energy_mj")};
}

HistoryHeader header_from(const Json& json) {
  if (json.at("tinynas_history") != kFormat) throw IoError("it is of another version of tinynas");
  return {.strategy = json.at("strategy"),
          .space = json.at("space"),
          .identity = json.at("identity"),
          .seed = json.at("seed")};
}

Evaluation evaluation_from(const Json& json, const space::SearchSpace& space, const std::string& where) {
  return {.genome = space::parse_genome(space, json.at("genome").get<std::string>(), where),
          .cost = footprint_from(json.at("cost")),
          .accuracy = json.at("accuracy"),
          .generation = json.at("generation"),
          .standard_error = json.value("standard_error", 0.0),
          .images = json.value("images", 0)};
}

}  // namespace

std::string to_json_line(const HistoryHeader& header) {
  return Json{{"tinynas_history", kFormat},
              {"strategy", header.strategy},
              {"space", header.space},
              {"identity", header.identity},
              {"seed", header.seed}}
      .dump();
}

std::string to_json_line(const space::SearchSpace& space, const Evaluation& evaluation) {
  return Json{{"generation", evaluation.generation},
              {"accuracy", evaluation.accuracy},
              {"standard_error", evaluation.standard_error},
              {"images", evaluation.images},
              {"genome", space::to_string(space, evaluation.genome)},
              {"cost", to_json(evaluation.cost)}}
      .dump();
}

History read_history(const std::filesystem::path& path, const space::SearchSpace& space) {
  const std::vector<std::string> lines = read_complete_lines(path);
  History history;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string where = fmt::format("{}:{}", path.string(), i + 1);
    try {
      const Json json = Json::parse(lines[i]);
      if (i == 0)
        history.header = header_from(json);
      else
        history.evaluations.push_back(evaluation_from(json, space, where));
    } catch (const std::exception& error) {  // JSON's, or ours for a genome of another space
      throw IoError(fmt::format("{}: not a line of a search history ({}); delete the file to search anew",
                                where, error.what()));
    }
  }
  return history;
}

}  // namespace tinynas::search
