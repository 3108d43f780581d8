#include "tinynas/train/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/train/checkpoint.h"
#include "tinynas/train/processes.h"

namespace tinynas::train {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Rates are given per this many samples (Goyal 2017, arXiv:1706.02677 section 2.1: scale with the batch).
constexpr double kRateSamples = 256;

/// Drops the epochs of `stage` from `first` on: they were logged, then lost with the process.
void forget_epochs(const std::filesystem::path& metrics, const std::string& stage, int first) {
  if (!std::filesystem::exists(metrics)) return;
  std::string kept;
  bool dropped = false;
  for (const std::string& line : read_complete_lines(metrics)) {
    const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    const bool lost =
        entry.is_discarded() || (entry.value("stage", "") == stage && entry.value("epoch", 0) > first);
    dropped = dropped || lost;
    if (!lost) kept += line + "\n";
  }
  if (dropped) write_file(metrics, kept);
}

}  // namespace

double scheduled_rate(double peak, std::int64_t step, std::int64_t steps, double warmup_steps) {
  const double at = static_cast<double>(step) + 0.5;  // the middle of the step: never exactly 0
  if (at < warmup_steps) return peak * at / warmup_steps;
  const double done = (at - warmup_steps) / (static_cast<double>(steps) - warmup_steps);
  return peak * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

Trainer::Trainer(std::vector<torch::Tensor> parameters, const Recipe& recipe, BatchLoader loader,
                 Options options)
    : recipe_(recipe),
      batches_(std::move(loader), options.loader_workers),
      options_(std::move(options)),
      optimizer_(std::move(parameters), {.momentum = recipe.momentum,
                                         .weight_decay = recipe.weight_decay,
                                         .clip_norm = recipe.clip_norm,
                                         .average = recipe.average}) {
  restore();
  if (options_.processes != nullptr) start_alike();
}

void Trainer::restore() {
  if (options_.checkpoint.empty()) return;
  const auto checkpoint =
      load_checkpoint(options_.checkpoint, options_.fingerprint, optimizer_.values().numel());
  if (checkpoint) {
    const torch::NoGradGuard no_grad;
    optimizer_.values().copy_(checkpoint->values);
    optimizer_.momenta().copy_(checkpoint->momenta);
    if (optimizer_.averages().defined()) optimizer_.averages().copy_(checkpoint->averages);
    step_ = checkpoint->step;
  }
  forget_epochs(options_.metrics, options_.stage,
                static_cast<int>(step_ / batches_.loader().batches_per_epoch()));
}

void Trainer::start_alike() {
  torch::Tensor step = torch::tensor({step_}, torch::kLong);
  options_.processes->broadcast(step);
  step_ = step.item<std::int64_t>();
  for (torch::Tensor* tensor : {&optimizer_.values(), &optimizer_.momenta(), &optimizer_.averages()})
    if (tensor->defined()) options_.processes->broadcast(*tensor);
}

/// Averages gradients and reports over the processes; one that is asked to stop stops all.
Trainer::Agreed Trainer::agree(const StepReport& own, const StopToken& stop) {
  Processes* processes = options_.processes;
  if (processes == nullptr) return {.report = own, .stop = stop.stop_requested()};
  const double size = processes->size();
  processes->sum(optimizer_.gradients());
  optimizer_.gradients().div_(size);
  torch::Tensor facts =
      torch::tensor({own.loss, own.right, stop.stop_requested() ? 1.0 : 0.0}, torch::kDouble);
  processes->sum(facts);
  return {.report = {.loss = facts[0].item<double>() / size, .right = facts[1].item<double>() / size},
          .stop = facts[2].item<double>() > 0};
}

/// One step, together. A step that fails has changed nothing yet that a checkpoint keeps.
Trainer::Agreed Trainer::make_gradients(const StepFn& step, const StopToken& stop) {
  optimizer_.zero_gradients();
  try {
    return agree(step(step_, batches_.next(step_)), stop);
  } catch (const InterruptedError&) {  // another process is gone
    save();
    throw;
  }
}

void Trainer::save() {
  if (options_.checkpoint.empty()) return;
  save_checkpoint(options_.checkpoint, {.values = optimizer_.values(),
                                        .momenta = optimizer_.momenta(),
                                        .averages = optimizer_.averages(),
                                        .step = step_,
                                        .fingerprint = options_.fingerprint});
}

void Trainer::report_epoch(const Epoch& epoch) const {
  if (options_.metrics.empty()) return;
  nlohmann::json line = {
      {"stage", options_.stage},
      {"epoch", epoch.number},
      {"loss", epoch.mean.loss},
      {"learning_rate", epoch.last_rate},
      {"images_per_second", std::round(epoch.images_per_second)},
      {"time", std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count()}};
  if (std::isfinite(epoch.mean.right)) line["train_accuracy"] = 100 * epoch.mean.right;
  append_line(options_.metrics, line.dump());
}

double Trainer::rate(std::int64_t steps) const {
  const BatchLoader& loader = batches_.loader();
  if (!options_.schedule) {
    const double peak = recipe_.learning_rate * loader.batch_size() / kRateSamples;
    const double warmup = std::min(recipe_.warmup_epochs, 0.5 * recipe_.epochs) *
                          static_cast<double>(loader.batches_per_epoch());
    return scheduled_rate(peak, step_, steps, warmup);
  }
  const double rate = options_.schedule(step_, steps);
  if (!std::isfinite(rate) || rate < 0)
    throw ConfigError(
        fmt::format("train: the schedule of stage {} gives {} for step {} of {}; a learning rate is "
                    "finite and 0 or more",
                    options_.stage, rate, step_, steps));
  return rate;
}

int Trainer::run(const StepFn& step, const ProgressFn& progress, const StopToken& stop) {
  if (!step) throw ConfigError("train: the step is an empty function; train/steps.h makes one of a network");
  const BatchLoader& loader = batches_.loader();
  const std::int64_t per_epoch = loader.batches_per_epoch();
  const std::int64_t steps = per_epoch * recipe_.epochs;
  Clock::time_point epoch_start = Clock::now(), saved = epoch_start;
  StepReport sum{.loss = 0, .right = 0};
  std::int64_t counted = 0;  // steps of this epoch made by this process
  while (step_ < steps) {
    const auto epoch = static_cast<int>(step_ / per_epoch);
    if (options_.rearrange && options_.rearrange(step_)) optimizer_.restart();
    const Agreed agreed = make_gradients(step, stop);
    sum.loss += agreed.report.loss;
    sum.right += agreed.report.right;
    const double step_rate = rate(steps);
    optimizer_.step(step_rate);
    ++step_;
    ++counted;
    const StepReport mean{.loss = sum.loss / static_cast<double>(counted),
                          .right = sum.right / static_cast<double>(counted)};
    if (!std::isfinite(mean.loss))
      throw ConfigError(
          fmt::format("train: the loss of stage {} is not finite in epoch {}; lower "
                      "train.learning_rate (now {})",
                      options_.stage, epoch + 1, recipe_.learning_rate));
    const double speed = static_cast<double>(counted * loader.batch_size()) / seconds_since(epoch_start);
    const bool epoch_done = step_ % per_epoch == 0;
    if (epoch_done)
      report_epoch({.number = epoch + 1, .mean = mean, .last_rate = step_rate, .images_per_second = speed});
    if (epoch_done || agreed.stop || seconds_since(saved) > 60 * options_.checkpoint_minutes) {
      save();
      saved = Clock::now();
    }
    if (progress)
      progress({.done = static_cast<double>(step_) / static_cast<double>(per_epoch),
                .total = static_cast<double>(recipe_.epochs),
                .note = fmt::format("loss {:.3f}, {:.0f} images/s", mean.loss, speed)});
    if (agreed.stop) {
      stop.request_stop();  // perhaps only another process was asked to
      stop.throw_if_stopped(options_.stage);
    }
    if (epoch_done) {
      epoch_start = Clock::now();
      sum = {.loss = 0, .right = 0};
      counted = 0;
    }
  }
  optimizer_.take_averages();
  return recipe_.epochs;
}

}  // namespace tinynas::train
