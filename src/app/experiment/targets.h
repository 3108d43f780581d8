#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tinynas/app/experiment.h"

/// The devices that one run searches a network for: its own, and those of `also`.
namespace tinynas::app {

/// Below the first target's run: a run for every further device.
inline constexpr const char* kAlsoFolder = "also";

/// An experiment for every target: the given one, then for each further device the one of its own run, which
/// lies below the first run and searches the supernet there.
std::vector<Experiment> target_experiments(const Experiment& experiment);

/// Folders of the further targets' runs below the run's own, in the same order: "also/rp2040"; of a device
/// that stands there several times "also/rp2040-2".
std::vector<std::filesystem::path> further_folders(const Experiment& experiment);

/// "rp2040", also for a device given by its file.
std::string target_name(const Experiment& experiment);
/// "rp2040: " where there are several targets, "" otherwise.
std::string target_prefix(std::span<const Experiment> targets, std::size_t i);

}  // namespace tinynas::app
