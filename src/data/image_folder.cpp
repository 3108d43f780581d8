#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/decode.h"
#include "data/packed.h"
#include "data/readers.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"
#include "tinynas/core/log.h"
#include "tinynas/core/parallel.h"

namespace tinynas::data {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMaxPictureBytes = std::int64_t{256} << 20;
/// Pictures of different sizes are brought to one square; a supernet never asks for more pixels than this a
/// side.
constexpr int kMaxCommonSide = 256;
constexpr const char* kLayout = "expected FOLDER/train/<class>/*.jpg|png and FOLDER/test/<class>/*.jpg|png";

struct Picture {
  fs::path path;
  std::uint16_t label = 0;
};

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder))
    if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<std::string> class_names(const fs::path& part) {
  if (!fs::is_directory(part)) throw IoError(fmt::format("{}: no such folder; {}", part.string(), kLayout));
  std::vector<std::string> names;
  for (const fs::path& entry : sorted_entries(part))
    if (fs::is_directory(entry)) names.push_back(entry.filename().string());
  if (names.empty()) throw IoError(fmt::format("{}: holds no class folders; {}", part.string(), kLayout));
  return names;
}

std::vector<Picture> list_pictures(const fs::path& part, const std::vector<std::string>& classes) {
  std::vector<Picture> pictures;
  for (const std::string& name : class_names(part)) {
    const auto label = std::find(classes.begin(), classes.end(), name);
    if (label == classes.end())
      throw IoError(fmt::format("{}: the class '{}' has no training images; did you mean '{}'?",
                                (part / name).string(), name, nearest_word(name, classes)));
    const std::size_t before = pictures.size();
    for (const fs::path& entry : sorted_entries(part / name))
      if (is_picture_name(entry))
        pictures.push_back({.path = entry, .label = static_cast<std::uint16_t>(label - classes.begin())});
    if (pictures.size() == before)
      throw IoError(fmt::format("{}: holds no .jpg or .png file; {}", (part / name).string(), kLayout));
  }
  return pictures;
}

/// A number that changes when a picture is added, removed, resized or touched.
std::uint64_t fingerprint(const std::vector<Picture>& train, const std::vector<Picture>& test) {
  std::uint64_t key = fnv1a("image folder 1");
  for (const auto* part : {&train, &test})
    for (const Picture& picture : *part)
      key = fnv1a(
          fmt::format("{}|{}|{}|{}\n", picture.path.string(), picture.label, fs::file_size(picture.path),
                      fs::last_write_time(picture.path).time_since_epoch().count()),
          key);
  return key;
}

/// Runs `body(i)` for every picture, some at a time per task: a task per picture would cost more than a small
/// one.
template <typename Body>
void for_each_picture(std::size_t count, const Body& body) {
  constexpr std::size_t kPicturesPerTask = 64;
  parallel_for_index((count + kPicturesPerTask - 1) / kPicturesPerTask, [&](std::size_t task) {
    for (std::size_t i = task * kPicturesPerTask; i < std::min(count, (task + 1) * kPicturesPerTask); ++i)
      body(i);
  });
}

/// The size every image gets: that of all pictures if they agree, else a square of their median shorter side.
/// One channel only if all pictures are grey.
PictureSize common_size(const std::vector<Picture>& pictures) {
  std::vector<PictureSize> sizes(pictures.size());
  for_each_picture(pictures.size(), [&](std::size_t i) {
    sizes[i] = picture_size(read_file(pictures[i].path, kMaxPictureBytes), pictures[i].path);
  });
  PictureSize common = sizes.front();
  std::vector<int> sides;
  bool agree = true;
  for (const PictureSize& size : sizes) {
    agree = agree && size.h == sizes.front().h && size.w == sizes.front().w;
    common.c = std::max(common.c, size.c);
    sides.push_back(std::min(size.h, size.w));
  }
  if (agree) return common;
  std::nth_element(sides.begin(), sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2), sides.end());
  common.h = common.w = std::min(kMaxCommonSide, sides[sides.size() / 2]);
  return common;
}

/// The largest centred part with the wanted proportions.
ImageSet centre_crop(const ImageSet& image, int want_h, int want_w) {
  const int h =
      std::min<std::int64_t>(image.h, std::max<std::int64_t>(1, std::int64_t{image.w} * want_h / want_w));
  const int w =
      std::min<std::int64_t>(image.w, std::max<std::int64_t>(1, std::int64_t{image.h} * want_w / want_h));
  const int top = (image.h - h) / 2, left = (image.w - w) / 2;
  ImageSet part{.h = h, .w = w, .c = image.c, .pixels = {}, .labels = image.labels};
  for (int y = 0; y < h; ++y) {
    const auto* row = image.pixels.data() + (std::ptrdiff_t{top + y} * image.w + left) * image.c;
    part.pixels.insert(part.pixels.end(), row, row + std::ptrdiff_t{w} * image.c);
  }
  return part;
}

ImageSet decode_all(const std::vector<Picture>& pictures, const PictureSize& size) {
  ImageSet images{.h = size.h, .w = size.w, .c = size.c, .pixels = {}, .labels = {}};
  for (const Picture& picture : pictures) images.labels.push_back(picture.label);
  images.pixels.resize(images.size() * images.image_bytes());
  for_each_picture(pictures.size(), [&](std::size_t i) {
    const fs::path& path = pictures[i].path;
    const std::string bytes = read_file(path, kMaxPictureBytes);
    const PictureSize own = picture_size(bytes, path);
    ImageSet image{
        .h = own.h, .w = own.w, .c = size.c, .pixels = decode_picture(bytes, size.c, path), .labels = {0}};
    if (own.h != size.h || own.w != size.w)
      image = resize(centre_crop(image, size.h, size.w), size.h, size.w);
    std::copy(image.pixels.begin(), image.pixels.end(),
              images.pixels.begin() + static_cast<std::ptrdiff_t>(i * images.image_bytes()));
  });
  return images;
}

void try_write_packed(const fs::path& path, std::uint64_t key, const Dataset& set) {
  try {
    write_packed(path, key, set);
  } catch (const IoError& error) {  // no cache is slower, not wrong
    log_warning(fmt::format("image_cache_not_written reason='{}'", error.what()));
  }
}

}  // namespace

Dataset read_image_folder(const fs::path& folder) {
  if (folder.empty())
    throw ConfigError(fmt::format("data.set: images needs a folder: name it with --data DIR; {}", kLayout));
  const std::vector<std::string> classes = class_names(folder / "train");
  const auto train = list_pictures(folder / "train", classes), test = list_pictures(folder / "test", classes);

  const std::uint64_t key = fingerprint(train, test);
  const fs::path cache = cache_folder();
  const fs::path packed = cache / fmt::format("images-{}.packed", hex(fnv1a(fs::absolute(folder).string())));
  if (!cache.empty())
    if (auto set = read_packed(packed, key)) return *std::move(set);

  std::vector<Picture> all = train;
  all.insert(all.end(), test.begin(), test.end());
  const PictureSize size = common_size(all);
  Dataset set{
      .name = "images", .classes = classes, .train = decode_all(train, size), .test = decode_all(test, size)};
  if (!cache.empty()) try_write_packed(packed, key, set);
  return set;
}

}  // namespace tinynas::data
