#pragma once

#include <chrono>
#include <optional>

#include "app/images.h"
#include "app/oracle.h"
#include "tinynas/app/model.h"
#include "tinynas/app/run_directory.h"

namespace tinynas::app {

/// What the stages of one run are given. Runs of further devices work with the images and the oracle of the
/// run whose supernet they search.
class Workspace {
 public:
  Workspace(RunDirectory run, Images& images, Oracle& oracle)
      : run_(std::move(run)), images_(images), oracle_(oracle) {}

  const RunDirectory& run() const { return run_; }
  const Experiment& experiment() const { return run_.experiment(); }
  Images& images() { return images_; }
  Oracle& oracle() { return oracle_; }
  /// Since this object was made: what planning has already used of a time limit.
  double elapsed_s() const;

  const cost::Device& device();
  Target target();
  /// The whole space as the experiment ranks it, from the copy kept in the run.
  const space::SearchSpace& space();

 private:
  RunDirectory run_;
  Images& images_;
  Oracle& oracle_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::optional<cost::Device> device_;
  std::optional<space::SearchSpace> space_;
};

}  // namespace tinynas::app
