#pragma once

#include <filesystem>

#include "tinynas/data/dataset.h"

namespace tinynas::data {

/// One reader per data set; dataset.cpp lists them. `folder` may be empty where the set has a usual place.
Dataset read_fashion_mnist(const std::filesystem::path& folder);
Dataset read_cifar10(const std::filesystem::path& folder);
Dataset read_image_folder(const std::filesystem::path& folder);

}  // namespace tinynas::data
