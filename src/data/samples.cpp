#include "tinynas/data/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "data/decode.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/rng.h"
#include "tinynas/data/dataset.h"

namespace tinynas::data {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kMostFileBytes = std::int64_t{2} << 30;
using Dimensions = std::vector<std::int64_t>;

Dimensions without_ones(Dimensions shape) {
  std::erase(shape, 1);
  return shape;
}

std::string text_of(const Dimensions& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

std::string extension(const fs::path& path) {
  std::string text = path.extension().string();
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool is_sample_name(const fs::path& path) {
  return is_picture_name(path) || extension(path) == ".npy" || extension(path) == ".bin";
}

class SampleReader {
 public:
  explicit SampleReader(const SampleSettings& settings)
      : settings_(settings),
        rows_first_{settings.h, settings.w, settings.c},
        channels_first_{settings.c, settings.h, settings.w} {
    size_ = static_cast<std::size_t>(settings.h) * static_cast<std::size_t>(settings.w) *
            static_cast<std::size_t>(settings.c);
  }

  void read(const fs::path& path, Rng rng) {
    if (is_picture_name(path))
      read_picture(path);
    else if (extension(path) == ".npy")
      read_array(path, rng);
    else
      read_raw(path);
  }

  bool is_full() const {
    return !settings_.in_order && samples_.values.size() >= static_cast<std::size_t>(settings_.most);
  }
  Samples take() { return std::move(samples_); }

 private:
  void read_picture(const fs::path& path) {
    if (settings_.c != 1 && settings_.c != 3)
      throw IoError(
          fmt::format("{}: a picture has 1 or 3 channels, the network takes {}; give .npy files of "
                      "shape {}",
                      path.string(), settings_.c, text_of(rows_first_)));
    const std::string bytes = read_file(path, kMostFileBytes);
    const PictureSize size = picture_size(bytes, path);
    const ImageSet picture{.h = size.h,
                           .w = size.w,
                           .c = settings_.c,
                           .pixels = decode_picture(bytes, settings_.c, path),
                           .labels = {0}};
    const ImageSet sized = resize(picture, settings_.h, settings_.w);
    add(path, {sized.pixels.begin(), sized.pixels.end()}, SampleKind::kByte);
  }

  void read_array(const fs::path& path, Rng& rng) {
    const NumpyArray array = read_numpy(read_file(path, kMostFileBytes), path);
    const bool transposed = is_transposed(array.shape, path);
    std::vector<std::size_t> order(array.values.size() / size_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (!settings_.in_order) rng.shuffle(std::span(order));
    const SampleKind kind = array.is_byte      ? SampleKind::kByte
                            : array.is_integer ? SampleKind::kInt8
                                               : SampleKind::kReal;
    for (const std::size_t i : order) {
      if (is_full()) return;
      const auto from = array.values.begin() + static_cast<std::ptrdiff_t>(i * size_);
      std::vector<float> values(from, from + static_cast<std::ptrdiff_t>(size_));
      add(path, transposed ? rows_first(values) : std::move(values), kind);
      if (order.size() > 1) samples_.names.back() += fmt::format("[{}]", i);
    }
  }

  /// Does the shape say channels, rows, columns? IoError if it is none of the network's.
  bool is_transposed(const Dimensions& shape, const fs::path& path) const {
    const Dimensions whole = without_ones(shape);
    const Dimensions each(whole.begin() + (whole.empty() ? 0 : 1), whole.end());
    const Dimensions flat = without_ones({static_cast<std::int64_t>(size_)});
    for (const Dimensions& have : {whole, each}) {
      const bool is_rows_first = have == without_ones(rows_first_);
      const bool is_channels_first = have == without_ones(channels_first_);
      if (is_rows_first || is_channels_first)
        return is_rows_first && is_channels_first ? settings_.channels_first : is_channels_first;
      if (have == flat) return settings_.channels_first;
    }
    throw IoError(fmt::format("{}: has shape {}; expected {} as the network's input, or N of these: {}",
                              path.string(), text_of(shape),
                              text_of(settings_.channels_first ? channels_first_ : rows_first_),
                              "reshape it before numpy.save"));
  }

  void read_raw(const fs::path& path) {
    const std::string bytes = read_file(path, kMostFileBytes);
    const bool is_real = bytes.size() == size_ * sizeof(float);
    if (!is_real && bytes.size() != size_)
      throw IoError(
          fmt::format("{}: has {} bytes; expected {} (float32) or {} (bytes), one input {} of the "
                      "network in a file",
                      path.string(), bytes.size(), size_ * sizeof(float), size_,
                      text_of(settings_.channels_first ? channels_first_ : rows_first_)));
    std::vector<float> values(size_);
    if (is_real)
      std::memcpy(values.data(), bytes.data(), bytes.size());
    else
      std::transform(bytes.begin(), bytes.end(), values.begin(), [&](char byte) {
        return settings_.raw_is_int8 ? static_cast<float>(static_cast<signed char>(byte))
                                     : static_cast<float>(static_cast<unsigned char>(byte));
      });
    add(path, settings_.channels_first ? rows_first(values) : std::move(values),
        is_real                 ? SampleKind::kReal
        : settings_.raw_is_int8 ? SampleKind::kInt8
                                : SampleKind::kByte);
  }

  std::vector<float> rows_first(const std::vector<float>& planes) const {
    const auto channels = static_cast<std::size_t>(settings_.c), pixels = size_ / channels;
    std::vector<float> values(size_);
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < pixels; ++i) values[i * channels + c] = planes[c * pixels + i];
    return values;
  }

  void add(const fs::path& path, std::vector<float> values, SampleKind kind) {
    if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
      throw IoError(path.string() + ": holds values that are not finite; remove them or the file");
    if (kind != SampleKind::kReal)
      for (float& value : values) value = (value - settings_.mean) / settings_.std;
    samples_.values.push_back(std::move(values));
    samples_.kinds.push_back(kind);
    samples_.names.push_back(path.filename().string());
  }

  SampleSettings settings_;
  Dimensions rows_first_, channels_first_;
  std::size_t size_ = 0;
  Samples samples_;
};

std::vector<fs::path> sample_files(const fs::path& from) {
  if (!fs::exists(from))
    throw IoError(from.string() + ": no such file or folder; give a folder of pictures, .npy or .bin files");
  if (!fs::is_directory(from)) {
    if (!is_sample_name(from))
      throw IoError(from.string() + ": expected a .jpg, .png, .npy or .bin file, or a folder of them");
    return {from};
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(from))
    if (entry.is_regular_file() && is_sample_name(entry.path())) files.push_back(entry.path());
  if (files.empty())
    throw IoError(from.string() +
                  ": holds no .jpg, .png, .npy or .bin file; give a folder of inputs like "
                  "those in use");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Samples read_samples(const fs::path& from, const SampleSettings& settings) {
  std::vector<fs::path> files = sample_files(from);
  const Rng rng(settings.seed);
  Rng order = rng.fork("samples");
  if (!settings.in_order) order.shuffle(std::span(files));
  SampleReader reader(settings);
  for (std::size_t i = 0; i < files.size() && !reader.is_full(); ++i)
    reader.read(files[i], rng.fork("file", i));
  Samples samples = reader.take();
  if (samples.values.empty()) throw IoError(from.string() + ": holds no values; expected at least one input");
  return samples;
}

}  // namespace tinynas::data
