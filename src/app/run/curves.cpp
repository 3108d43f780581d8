#include "app/run/curves.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "app/run/chosen.h"
#include "app/run/records.h"
#include "tinynas/core/files.h"
#include "tinynas/report/event_file.h"
#include "tinynas/search/history.h"

namespace tinynas::app {
namespace {

/// The usual name has the second and the host where it began; ours is the same for the same run.
constexpr const char* kEventFile = "events.out.tfevents.0.tinynas";

void write_curves(const RunDirectory& run, const char* folder, const std::vector<report::Scalars>& events) {
  if (!events.empty()) extend_file(run / folder / kEventFile, report::event_file(events));
}

report::Scalars scalars_of(const TrainedEpoch& epoch) {
  report::Scalars scalars{.time = epoch.time, .step = std::llround(epoch.epoch.value_or(0))};
  const auto add = [&](const char* tag, const std::optional<double>& value) {
    if (value) scalars.values.emplace_back(tag, *value);
  };
  add("loss", epoch.loss);
  add("accuracy", epoch.accuracy);
  add("train_accuracy", epoch.train_accuracy);
  add("learning_rate", epoch.learning_rate);
  if (epoch.images_per_second > 0) add("images_per_second", epoch.images_per_second);
  return scalars;
}

}  // namespace

void write_training_curves(const RunDirectory& run) {
  struct Curves {
    const char* stage;  ///< in train.jsonl
    const char* folder;
  };
  const std::vector<TrainedEpoch> epochs = read_lines<TrainedEpoch>(run.path());
  for (const Curves& curves : {Curves{"supernet", kTrainCurves}, Curves{"tuned", kTuneCurves}}) {
    std::vector<report::Scalars> events;
    for (const TrainedEpoch& epoch : epochs)
      if (epoch.stage == curves.stage && epoch.epoch) events.push_back(scalars_of(epoch));
    write_curves(run, curves.folder, events);
  }
}

void write_search_curves(const RunDirectory& run) {
  struct Curves {
    const char* history;
    const char* folder;
  };
  const space::SearchSpace space = chosen_space(run.path());
  for (const Curves& curves :
       {Curves{kHistoryFile, kSearchCurves}, Curves{kRandomHistoryFile, kRandomCurves}}) {
    if (!run.has(curves.history)) continue;
    std::vector<report::Scalars> events;
    double best = 0;
    for (const search::Evaluation& one : search::read_history(run / curves.history, space).evaluations) {
      best = std::max(best, one.accuracy);
      events.push_back({.time = 0,
                        .step = static_cast<std::int64_t>(events.size()) + 1,
                        .values = {{"best_accuracy", best}, {"accuracy", one.accuracy}}});
    }
    write_curves(run, curves.folder, events);
  }
}

ProgressFn at_every(double step, const ProgressFn& progress, const std::function<void()>& update) {
  return [=, done = std::make_shared<double>(0)](const Progress& now) {
    if (const double whole = std::floor(now.done / step); whole != *done) {
      *done = whole;
      update();
    }
    if (progress) progress(now);
  };
}

}  // namespace tinynas::app
