#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tinynas::data {

/// An IDX file (the format of MNIST): unsigned bytes with their dimensions.
struct IdxArray {
  std::vector<int> dimensions;
  std::vector<std::uint8_t> values;
};

/// Reads `path`, unpacked or gzipped, with exactly `rank` dimensions. Throws IoError with the expected and
/// the found size; `remedy` ends the message ("install ... or ...").
IdxArray read_idx(const std::filesystem::path& path, int rank, std::string_view remedy);

}  // namespace tinynas::data
