#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tinynas/search/problem.h"

namespace tinynas::search {

/// First line of a history file: two histories are of one search if these are equal.
struct HistoryHeader {
  std::string strategy = {}, space = {}, identity = {};
  std::uint64_t seed = 0;
  friend bool operator==(const HistoryHeader&, const HistoryHeader&) = default;
};

struct History {
  HistoryHeader header = {};
  std::vector<Evaluation> evaluations = {};
};

/// One JSON object, one line; numbers survive the round trip exactly.
std::string to_json_line(const HistoryHeader& header);
std::string to_json_line(const space::SearchSpace& space, const Evaluation& evaluation);

/// Reads a history; a last line without its end (killed while writing) is dropped. Throws IoError naming file
/// and line if another line is damaged. `space` reads the genomes.
History read_history(const std::filesystem::path& path, const space::SearchSpace& space);

}  // namespace tinynas::search
