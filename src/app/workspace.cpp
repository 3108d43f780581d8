#include "app/workspace.h"

#include "app/problem.h"
#include "app/run/files.h"
#include "tinynas/cost/device.h"

namespace tinynas::app {

double Workspace::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

const cost::Device& Workspace::device() {
  if (!device_) device_ = cost::load_device(experiment().device, "device");
  return *device_;
}

Target Workspace::target() { return target_of(experiment(), device()); }

const space::SearchSpace& Workspace::space() {
  if (!space_)
    space_ =
        ranked_space(space::SearchSpace::load(run_ / kSpaceFile), experiment().rank, images_.shape().side);
  return *space_;
}

}  // namespace tinynas::app
