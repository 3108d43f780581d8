#include <fmt/format.h>

#include <algorithm>

#include "data/idx.h"
#include "data/readers.h"
#include "tinynas/core/error.h"

namespace tinynas::data {
namespace fs = std::filesystem;
namespace {

constexpr const char* kDebianFolder = "/usr/share/datasets/fashion-mnist";
constexpr const char* kFashionMnistRemedy =
    "install Debian's package dataset-fashion-mnist again, or name the folder of a good copy with --data DIR";

/// Classes in the order of their authors (github.com/zalandoresearch/fashion-mnist, README, "Labels").
const std::vector<std::string> kClasses = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                           "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};

/// The file, unpacked or gzipped.
fs::path find_file(const fs::path& folder, const std::string& name) {
  for (const std::string& candidate : {name, name + ".gz"})
    if (fs::exists(folder / candidate)) return folder / candidate;
  throw IoError(
      fmt::format("{}: holds neither {} nor {}.gz; {}", folder.string(), name, name, kFashionMnistRemedy));
}

ImageSet read_part(const fs::path& folder, const std::string& part) {
  const fs::path image_path = find_file(folder, part + "-images-idx3-ubyte");
  const fs::path label_path = find_file(folder, part + "-labels-idx1-ubyte");
  IdxArray images = read_idx(image_path, 3, kFashionMnistRemedy);
  const IdxArray labels = read_idx(label_path, 1, kFashionMnistRemedy);
  if (images.dimensions[0] != labels.dimensions[0])
    throw IoError(fmt::format("{}: has {} labels for the {} images of {}; {}", label_path.string(),
                              labels.dimensions[0], images.dimensions[0], image_path.filename().string(),
                              kFashionMnistRemedy));
  const auto wrong = std::find_if(labels.values.begin(), labels.values.end(),
                                  [](std::uint8_t label) { return label >= kClasses.size(); });
  if (wrong != labels.values.end())
    throw IoError(fmt::format("{}: label {} of image {} is not one of the {} classes; {}",
                              label_path.string(), int{*wrong}, wrong - labels.values.begin(),
                              kClasses.size(), kFashionMnistRemedy));
  return {.h = images.dimensions[1],
          .w = images.dimensions[2],
          .c = 1,
          .pixels = std::move(images.values),
          .labels = {labels.values.begin(), labels.values.end()}};
}

}  // namespace

Dataset read_fashion_mnist(const fs::path& folder) {
  const fs::path where = folder.empty() ? fs::path(kDebianFolder) : folder;
  if (!fs::is_directory(where))
    throw IoError(fmt::format("{}: no such folder; {}", where.string(),
                              folder.empty()
                                  ? "install Debian's package dataset-fashion-mnist, or name the folder of "
                                    "a copy with --data DIR"
                                  : "name the folder that holds train-images-idx3-ubyte(.gz)"));
  Dataset set{.name = "fashion-mnist",
              .classes = kClasses,
              .train = read_part(where, "train"),
              .test = read_part(where, "t10k")};
  if (set.train.h != set.test.h || set.train.w != set.test.w)
    throw IoError(fmt::format("{}: training images are {}x{} but test images {}x{}; {}", where.string(),
                              set.train.h, set.train.w, set.test.h, set.test.w, kFashionMnistRemedy));
  return set;
}

}  // namespace tinynas::data
