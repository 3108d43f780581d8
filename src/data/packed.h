#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "tinynas/data/dataset.h"

namespace tinynas::data {

/// One file with all the images of a data set, so that a folder of pictures is decoded once. `key` stands for
/// what it was made of.
void write_packed(const std::filesystem::path& path, std::uint64_t key, const Dataset& set);
/// The data set, or nullopt if there is none with this key, whole and undamaged: it is then made anew.
std::optional<Dataset> read_packed(const std::filesystem::path& path, std::uint64_t key);

/// Where packed files are kept: $XDG_CACHE_HOME/tinynas, or ~/.cache/tinynas; empty if neither is set.
std::filesystem::path cache_folder();

}  // namespace tinynas::data
