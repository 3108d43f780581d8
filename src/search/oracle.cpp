#include "tinynas/search/oracle.h"

#include <fmt/format.h>

#include "tinynas/core/error.h"

namespace tinynas::search {

void require_answers(std::span<const Measurement> answers, std::size_t asked) {
  if (answers.size() != asked)
    throw ConfigError(
        fmt::format("search: the accuracy oracle was asked about {} networks and gave {} answers; "
                    "it must give one for each, in their order",
                    asked, answers.size()));
}

}  // namespace tinynas::search
