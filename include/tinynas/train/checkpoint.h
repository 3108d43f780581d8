#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tinynas::train {

/// Where a training stands after `step` steps. All that is random is a function of seed and step, so this is
/// all of it.
struct Checkpoint {
  torch::Tensor values = {}, momenta = {}, averages = {};  ///< FlatSgd's buffers; averages may be undefined
  std::int64_t step = 0;
  std::string fingerprint = {};  ///< of everything that decides the result (settings, space, data)
};

/// Whole or not at all.
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// nullopt if there is no such file. Throws IoError if it is damaged, ConfigError if it belongs to another
/// training (the number of parameters, or the fingerprint, if one is given, differs).
std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& path,
                                          const std::optional<std::string>& fingerprint,
                                          std::int64_t parameters);

}  // namespace tinynas::train
