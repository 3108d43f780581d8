#include "tinynas/search/cached_oracle.h"

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::search {
namespace {

using AnswerJson = nlohmann::ordered_json;
using Answers = std::unordered_map<space::Genome, Measurement>;
using Keep = std::function<void(const space::Genome&, const Measurement&)>;

/// What a new measurement with this cutoff would be, if the looks of this one are enough to know.
std::optional<Measurement> answer(const Measurement& known, double cutoff) {
  if (known.looks.empty()) return known;  // exact
  for (std::size_t i = 0; i < known.looks.size(); ++i)
    if (known.looks[i].images == known.all || is_below(known.looks[i], cutoff))
      return measurement_of({known.looks.begin(), known.looks.begin() + static_cast<std::ptrdiff_t>(i) + 1},
                            known.all);
  return std::nullopt;
}

std::string to_line(const space::SearchSpace& space, const space::Genome& genome, const Measurement& known) {
  AnswerJson looks = AnswerJson::array();
  for (const Look& look : known.looks) looks.push_back({look.images, look.right});
  return AnswerJson{{"genome", space::to_string(space, genome)},
                    {"accuracy", known.accuracy},
                    {"standard_error", known.standard_error},
                    {"images", known.images},
                    {"all", known.all},
                    {"looks", looks}}
      .dump();
}

/// A line that says nothing (cut short by a kill, of another space) leaves the answers as they are.
void add_line(Answers& answers, const space::SearchSpace& space, const std::string& line) try {
  const AnswerJson json = AnswerJson::parse(line);
  Measurement known{.accuracy = json.at("accuracy"),
                    .standard_error = json.at("standard_error"),
                    .images = json.at("images"),
                    .all = json.at("all")};
  for (const AnswerJson& look : json.at("looks"))
    known.looks.push_back({.images = look.at(0), .right = look.at(1)});
  answers.insert_or_assign(space::parse_genome(space, json.at("genome").get<std::string>(), "answers"),
                           known);
} catch (const std::exception&) {
}

AccuracyOracle remembering(AccuracyOracle oracle, Answers begin, Keep keep) {
  const auto memory = std::make_shared<Answers>(std::move(begin));
  return [memory, oracle = std::move(oracle), keep = std::move(keep)](std::span<const space::Genome> genomes,
                                                                      double cutoff, const StopToken& stop) {
    std::vector<std::optional<Measurement>> answers(genomes.size());
    std::vector<space::Genome> unknown;
    for (std::size_t i = 0; i < genomes.size(); ++i) {
      const auto found = memory->find(genomes[i]);
      if (found != memory->end()) answers[i] = answer(found->second, cutoff);
      if (!answers[i]) unknown.push_back(genomes[i]);
    }
    if (!unknown.empty()) {
      const std::vector<Measurement> measured = oracle(unknown, cutoff, stop);
      require_answers(measured, unknown.size());
      for (std::size_t i = 0; i < unknown.size(); ++i) {
        memory->insert_or_assign(unknown[i], measured[i]);
        if (keep) keep(unknown[i], measured[i]);
      }
    }
    std::vector<Measurement> result;
    for (std::size_t i = 0; i < genomes.size(); ++i)
      result.push_back(answers[i] ? *answers[i] : memory->at(genomes[i]));
    return result;
  };
}

}  // namespace

AccuracyOracle remember(AccuracyOracle oracle) { return remembering(std::move(oracle), {}, {}); }

AccuracyOracle remember(AccuracyOracle oracle, const AnswerFiles& files) {
  Answers answers;
  std::string text;
  for (const std::filesystem::path& path : files.known)
    for (const std::string& line : read_complete_lines(path)) add_line(answers, files.space, line);
  for (const std::string& line : read_complete_lines(files.kept)) {
    add_line(answers, files.space, line);
    text += line + "\n";
  }
  write_file(files.kept, text);  // anew, so that a line cut short by a kill does not stay in the middle
  return remembering(
      std::move(oracle), std::move(answers),
      [space = files.space, path = files.kept](const space::Genome& genome, const Measurement& measured) {
        append_line(path, to_line(space, genome, measured));
      });
}

}  // namespace tinynas::search
