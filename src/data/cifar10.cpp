#include <fmt/format.h>

#include "data/readers.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::data {
namespace fs = std::filesystem;
namespace {

// The binary version (cs.toronto.edu/~kriz/cifar.html): records of a label and three planes of 32 x 32 bytes.
constexpr int kSide = 32, kChannels = 3;
constexpr std::size_t kPlane = std::size_t{kSide} * kSide;
constexpr std::size_t kRecord = 1 + kChannels * kPlane;
constexpr std::int64_t kMaxFileBytes = std::int64_t{1} << 30;
constexpr const char* kCifar10Remedy =
    "unpack CIFAR-10's binary version (cifar-10-binary.tar.gz) again and name its folder with --data DIR";

const std::vector<std::string>& classes() {
  static const std::vector<std::string> names = {"airplane", "automobile", "bird",  "cat",  "deer",
                                                 "dog",      "frog",       "horse", "ship", "truck"};
  return names;
}

void append_batch(const fs::path& path, ImageSet& images) {
  const std::string bytes = read_file(path, kMaxFileBytes);
  if (bytes.empty() || bytes.size() % kRecord != 0)
    throw IoError(fmt::format("{}: expected whole records of {} bytes, found {} bytes, {} too many; {}",
                              path.string(), kRecord, bytes.size(), bytes.size() % kRecord, kCifar10Remedy));
  for (std::size_t begin = 0; begin < bytes.size(); begin += kRecord) {
    const auto* record = reinterpret_cast<const std::uint8_t*>(bytes.data()) + begin;
    if (record[0] >= classes().size())
      throw IoError(fmt::format("{}: label {} of image {} is not one of the {} classes; {}", path.string(),
                                int{record[0]}, begin / kRecord, classes().size(), kCifar10Remedy));
    images.labels.push_back(record[0]);
    for (std::size_t pixel = 0; pixel < kPlane; ++pixel)
      for (std::size_t channel = 0; channel < kChannels; ++channel)
        images.pixels.push_back(record[1 + channel * kPlane + pixel]);
  }
}

}  // namespace

Dataset read_cifar10(const fs::path& folder) {
  if (folder.empty())
    throw ConfigError(
        fmt::format("data.set: cifar10 needs a folder: {}, or use data set 'images' for JPEG or PNG",
                    "name the one that holds data_batch_1.bin with --data DIR"));
  const fs::path unpacked = folder / "cifar-10-batches-bin";  // the folder inside the archive
  const fs::path where = fs::is_directory(unpacked) ? unpacked : folder;
  const auto read = [&](const std::vector<std::string>& names) {
    ImageSet images{.h = kSide, .w = kSide, .c = kChannels, .pixels = {}, .labels = {}};
    for (const std::string& name : names) {
      if (!fs::exists(where / name))
        throw IoError(fmt::format("{}: holds no {}; {}", where.string(), name, kCifar10Remedy));
      append_batch(where / name, images);
    }
    return images;
  };
  return {.name = "cifar10",
          .classes = classes(),
          .train = read({"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                         "data_batch_5.bin"}),
          .test = read({"test_batch.bin"})};
}

}  // namespace tinynas::data
