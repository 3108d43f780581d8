#include "search/support.h"
#include "support/catch.h"
#include "tinynas/search/cached_oracle.h"
#include "tinynas/search/evolution.h"
#include "tinynas/search/nsga2.h"
#include "tinynas/search/run.h"

// What a user compiles with, -Wextra, asks for every field that has no default.
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wmissing-field-initializers"

using namespace tinynas;

TEST_CASE("options of a search are given by the fields that differ from their defaults") {
  const search::Problem problem{.task = {.classes = 2}};
  const search::Strategy strategy{.ask = [] { return std::vector<search::Proposal>(); }};
  const search::RunOptions run{.batch = 3};
  const search::Nsga2Options nsga2{.population = 7};
  const search::EvolutionOptions evolution{.parents = 3};
  const search::AnswerFiles files{.kept = "answers.jsonl"};
  const search::Evaluation evaluation{.accuracy = 50};
  CHECK(problem.task.classes == 2);
  CHECK(strategy.ask().empty());
  CHECK(run.batch + nsga2.population + evolution.parents == 13);
  CHECK(files.known.empty());
  CHECK(evaluation.generation == 0);
}

#pragma GCC diagnostic pop
