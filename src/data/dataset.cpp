#include "tinynas/data/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <string_view>

#include "data/readers.h"
#include "tinynas/core/error.h"

namespace tinynas::data {
namespace {

struct Reader {
  std::string_view name;
  Dataset (*read)(const std::filesystem::path& folder);
};

/// To add a data set: a reader in its own file and a row here.
constexpr std::array kReaders = {
    Reader{"fashion-mnist", read_fashion_mnist},
    Reader{"cifar10", read_cifar10},
    Reader{"images", read_image_folder},
};

}  // namespace

Dataset load_dataset(const std::string& set, const std::filesystem::path& folder) {
  for (const Reader& reader : kReaders)
    if (reader.name == set) return reader.read(folder);
  const auto names = dataset_names();
  throw ConfigError(fmt::format("data.set: unknown data set '{}'; did you mean '{}'? Known: {}", set,
                                nearest_word(set, names), fmt::join(names, ", ")));
}

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const Reader& reader : kReaders) names.emplace_back(reader.name);
  return names;
}

}  // namespace tinynas::data
