#include "app/run/records.h"

#include <fmt/format.h>

#include "app/run/keys.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/json_document.h"

template <>
struct nlohmann::adl_serializer<tinynas::quant::Range> {
  static void to_json(json& json, const tinynas::quant::Range& range) { json = {range.min, range.max}; }
  static void from_json(const json& json, tinynas::quant::Range& range) {
    range = {.min = json.at(0), .max = json.at(1)};
  }
};

namespace tinynas::app {

template <typename T>
constexpr const char* kFileOf = nullptr;
/// Of files that commands print too (core/json_document.h).
template <typename T>
constexpr std::string_view kSchemaOf;
template <>
constexpr std::string_view kSchemaOf<Evaluated> = "eval";
template <>
constexpr std::string_view kSchemaOf<Emulated> = "emulate";
template <>
constexpr std::string_view kSchemaOf<Result> = "search";

template <typename T>
T read(const std::filesystem::path& run) {
  const Json json = Json::parse(read_file(run / kFileOf<T>), nullptr, /*allow_exceptions=*/false);
  std::string damage = "not a JSON object";
  if (json.is_object()) try {
      return json.get<T>();
    } catch (const Json::exception& wrong) {
      damage = wrong.what();
    }
  throw IoError(
      fmt::format("{}: is damaged ({}); restore it from a copy, or delete it: tinynas resume {} then makes "
                  "it anew, and all that follows from it",
                  (run / kFileOf<T>).string(), damage, run.string()));
}

template <typename T>
std::string text(const T& record) {
  const std::string object = Json(record).dump(2);
  return kSchemaOf<T>.empty() ? object + "\n" : json_document(kSchemaOf<T>, object);
}

template <typename T>
void write(const RunDirectory& run, const T& record) {
  run.write(kFileOf<T>, text(record));
}

template <typename T>
std::optional<T> parse_line(const std::string& line) try {
  return Json::parse(line).get<T>();
} catch (const Json::exception&) {
  return std::nullopt;
}

template <typename T>
std::vector<T> read_lines(const std::filesystem::path& run) {
  std::vector<T> records;
  for (const std::string& line : read_complete_lines(run / kFileOf<T>))
    if (auto record = parse_line<T>(line)) records.push_back(*std::move(record));
  return records;
}

template <typename T>
void append(const RunDirectory& run, const T& record) {
  append_line(run / kFileOf<T>, Json(record).dump());
}

#define TINYNAS_RECORD(T, file)                                     \
  template <>                                                       \
  constexpr const char* kFileOf<T> = file;                          \
  template T read(const std::filesystem::path&);                    \
  template std::string text(const T&);                              \
  template void write(const RunDirectory&, const T&);               \
  template std::optional<T> parse_line(const std::string&);         \
  template std::vector<T> read_lines(const std::filesystem::path&); \
  template void append(const RunDirectory&, const T&)

TINYNAS_RECORD(Seconds, kSecondsFile);

void keys(Keys& key, report::RankedSpace& r) {
  key("resolution", r.resolution, "width", r.width, "samples", r.samples, "fit_share", r.fit_share);
  key("mean_macs", r.mean_macs, "fit_macs", r.fit_macs, "set_aside", r.set_aside, "chosen", r.chosen);
  key.unless_empty("smallest_resolution", r.smallest_resolution);
}

void keys(Keys& key, Ranked& r) {
  key("resolution_index", r.resolution_index, "width_index", r.width_index);
  key("resolution", r.resolution, "width", r.width, "mean_macs", r.mean_macs, "spaces", r.spaces);
  key.unless_empty("smallest_resolution", r.smallest_resolution);
}
TINYNAS_RECORD(Ranked, kRankFile);

void keys(Keys& key, Plan& r) {
  key("train_images", r.train_images, "train_epochs", r.train_epochs, "tune_epochs", r.tune_epochs);
  key("population", r.population, "generations", r.generations, "parents", r.parents);
  key("macs_per_second", r.macs_per_second);
  key.later("search_seconds", r.search_seconds);
  key.later("tune_seconds", r.tune_seconds);
  key.later("step_macs", r.step_macs);
}
TINYNAS_RECORD(Plan, kPlanFile);

void keys(Keys& key, Trained& r) { key("epochs", r.epochs, "images", r.images, "recipe", r.recipe); }
TINYNAS_RECORD(Trained, kTrainFile);

void keys(Keys& key, TrainedEpoch& r) {
  key("stage", r.stage);
  key.unless_empty("epoch", r.epoch);
  key.unless_empty("loss", r.loss);
  key.unless_empty("accuracy", r.accuracy);
  key.unless_empty("train_accuracy", r.train_accuracy);
  key.unless_empty("learning_rate", r.learning_rate);
  key.unless_empty("images_per_second", r.images_per_second);
  key.unless_empty("time", r.time);
}
TINYNAS_RECORD(TrainedEpoch, kTrainLog);

void keys(Keys& key, FoundNetwork& r) {
  key("genome", r.genome, "accuracy", r.accuracy, "macs", r.cost.macs, "sram_bytes", r.cost.sram_bytes);
  key("flash_bytes", r.cost.flash_bytes, "latency_ms", r.cost.latency_ms);
  key.later("standard_error", r.standard_error);
  key.later("images", r.images);
}

void keys(Keys& key, RandomSearch& r) {
  keys(key, r.best);
  key("evaluations", r.evaluations);
}

void keys(Keys& key, Searched::Finalist& r) {
  key("genome", r.genome, "supernet", r.supernet, "accuracy", r.accuracy);
}

void keys(Keys& key, Searched& r) {
  keys(key, r.winner);
  key("evaluations", r.evaluations);
  key.later("figures", r.figures);
  key.unless_empty("finalists", r.finalists);
  key.unless_empty("front", r.front);
  key.unless_empty("random", r.random);
}
TINYNAS_RECORD(Searched, kSearchFile);

void keys(Keys& key, JudgedFinalist& r) { key("genome", r.genome, "accuracy", r.accuracy); }
TINYNAS_RECORD(JudgedFinalist, kFinalistsFile);

void keys(Keys& key, TunePlan& r) { key("epochs", r.epochs); }
TINYNAS_RECORD(TunePlan, kTunePlanFile);

void keys(Keys& key, Tuned& r) { key("epochs", r.epochs, "accuracy", r.accuracy); }
TINYNAS_RECORD(Tuned, kTuneFile);

void keys(Keys& key, ir::TensorQuant& r) { key("scale", r.scale, "zero_point", r.zero_point); }

void keys(Keys& key, Calibration& r) {
  key("tensors", r.ranges, "input", r.input, "images", r.images, "accuracy", r.accuracy);
}
TINYNAS_RECORD(Calibration, kRangesFile);

void keys(Keys& key, report::ClassAccuracy& r) {
  key("name", r.name, "images", r.images, "right", r.right);
  key.derived("accuracy", r.percent());
}

void keys(Keys& key, report::Confused& r) { key("label", r.label, "answer", r.answer, "images", r.images); }

void keys(Keys& key, Evaluated& r) {
  key("images", r.images, "int8", r.in_int8);
  key.unless_empty("float", r.in_float);
  key.later("classes", r.by_class.classes);
  key.later("confused", r.by_class.confused);
  if (!r.quantization.empty()) key.derived("quantization", Json::parse(r.quantization));
}
TINYNAS_RECORD(Evaluated, kEvalFile);
std::string to_json(const Evaluated& evaluated) { return text(evaluated); }

void keys(Keys& key, cost::Footprint& r) {
  key("sram_bytes", r.sram_bytes, "arena_bytes", r.arena_bytes, "flash_bytes", r.flash_bytes);
  key("macs", r.macs, "params", r.params, "latency_ms", r.latency_ms);
}
TINYNAS_RECORD(cost::Footprint, kCompileFile);

void keys(Keys& key, EmulatedLayer& r) {
  std::map<std::string_view, std::int64_t> events;
  for (const cost::EventInfo& event : cost::kEvents) events[event.name] = r.step.events[event.event];
  key.derived("tensor", r.step.tensor, "name", r.name, "operation", r.op, "macs", r.macs);
  key.derived("instructions", r.step.total(), "events", events);
}

void keys(Keys& key, Emulated& r) {
  auto& check = r.check;
  key("images", check.images);
  key.unless_empty("skipped", r.skipped);
  if (r.skipped) return;
  key("output_bytes", check.output_bytes, "equal_bytes", check.equal_bytes);
  key.unless_empty("accuracy", check.accuracy);
  key.derived("core", cost::core_info(check.core).name, "instructions", check.instructions);
  key.derived("stack_bytes", check.stack_bytes, "arena_unused_bytes", check.arena_unused_bytes);
  key.derived("arena_bytes", check.sizes.arena, "text_bytes", check.sizes.text);
  key.derived("sram_bytes", check.sizes.sram(), "flash_bytes", check.sizes.flash());
  if (!check.layers.empty()) key.derived("layers", check.layers);
}
TINYNAS_RECORD(Emulated, kEmulateFile);

void keys(Keys& key, cost::Budget& r) {
  key("sram_bytes", r.sram_bytes, "flash_bytes", r.flash_bytes, "macs", r.macs);
  key("latency_ms", r.latency_ms, "energy_mj", r.energy_mj);
}

void keys(Keys& key, Result::Space& r) { key("file", r.file, "resolution", r.resolution, "width", r.width); }

void keys(Keys& key, Result::Accuracy& r) {
  key("supernet", r.supernet, "tuned", r.tuned, "int8", r.int8, "emulated", r.emulated);
}

void keys(Keys& key, Result::HeldOut& r) {
  key("images", r.images, "supernet", r.supernet, "float", r.in_float, "int8", r.in_int8);
  key.later("tuned_on", r.tuned_on);
}

void keys(Keys& key, Result::Detail& r) { key("held_out", r.held_out, "test", r.test); }

void keys(Keys& key, Result& r) {
  key("genome", r.genome, "space", r.space, "device", r.device, "budget", r.budget, "seconds", r.seconds);
  key("seed", r.seed, "accuracy", r.accuracy, "accuracy_detail", r.detail, "plan", r.plan);
  key("random_search", r.random_search, "evaluations", r.evaluations);
  key("emulated_images", r.emulated_images, "emulated_equal", r.emulated_equal);
  key("emulation_skipped", r.emulation_skipped);
  key("model_hash", r.model_hash, "config_hash", r.config_hash, "version", r.version);
  keys(key, r.cost);
  key.unless_empty("also", r.also);
  key.unless_empty("run", r.run);
}
TINYNAS_RECORD(Result, kResultFile);

std::optional<Result> find_result(const RunDirectory& run) {
  return run.has(kResultFile) ? std::optional(read<Result>(run)) : std::nullopt;
}

std::string progress_json(const RunDirectory& run) {
  const Json json = {{"run", run.path().string()},
                     {"seconds", run.has(kSecondsFile) ? read<Seconds>(run) : Seconds()}};
  return json_document("run", json.dump(2));
}

std::string to_json(const Result& result) { return text(result); }

}  // namespace tinynas::app
