#include <optional>

#include "tinynas/core/error.h"
#include "tinynas/train/processes.h"
#include "tinynas/train/stages.h"
#include "tinynas/train/threads.h"
#include "train/jobs.h"
#include "train/orders.h"

namespace tinynas::train {
namespace {

/// A process that does what the first one orders.
class Worker {
 public:
  Worker(Processes& processes, const StopToken& stop) : processes_(processes), control_{.stop = stop} {}

  void obey(Order order) {
    Context& context = order.context;
    if (order.images != processes_.held_images) {
      broadcast_images(processes_, train_);
      broadcast_images(processes_, validation_);
      processes_.held_images = order.images;
    }
    context.train = &train_;
    context.validation = &validation_;
    // The worker does not own the processes: a handle that deletes nothing.
    context.processes = std::shared_ptr<Processes>(std::shared_ptr<void>(), &processes_);
    switch (order.job) {
      case Job::kTrain:
        train_supernet_job(context, order.recipe, control_);
        return;
      case Job::kTune:
        return tune(context, order);
      case Job::kMeasure:
        measure_job(context, order.recipe);
        return;
      case Job::kHoldSupernet:
        net_.emplace(make_supernet(context));
        share_weights(context, *net_);
        images_.emplace(context, order.bn_images);
        return;
      case Job::kEvaluate:
        TINYNAS_CHECK(net_.has_value(), "evaluation was ordered before the supernet");
        evaluate_job(context, *net_, *images_, {.genomes = order.genomes, .cutoff = order.cutoff},
                     control_.stop);
        return;
    }
  }

 private:
  void tune(const Context& context, const Order& order) {
    const TorchThreads threads(context);
    // The first process's weights follow.
    const supernet::Network network =
        supernet::detached_copy(make_supernet(context).sub_network(order.genomes.at(0)));
    tune_job(context, order.recipe, network, order.genomes[0], order.tune_name, control_);
  }

  Processes& processes_;
  JobControl control_;  // without a folder
  data::ImageSet train_, validation_;
  std::optional<supernet::Supernet> net_;
  std::optional<EvaluationImages> images_;
};

}  // namespace

std::shared_ptr<Processes> join_processes() {
  const auto rendezvous = rendezvous_from([](const char* name) { return std::getenv(name); });
  return rendezvous ? std::make_shared<Processes>(*rendezvous) : nullptr;
}

bool is_worker(const Processes& processes) { return !processes.is_first(); }
int process_count(const Processes& processes) { return processes.size(); }

void serve(Processes& processes, const StopToken& stop) {
  Worker worker(processes, stop);
  try {
    while (const auto order = processes.next_order(stop)) worker.obey(parse_order(*order));
  } catch (const InterruptedError&) {
    throw;  // asked to stop, or somebody else's failure
  } catch (const std::exception& error) {
    processes.report_failure(error.what());
    throw;
  }
}

}  // namespace tinynas::train
