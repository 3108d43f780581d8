#include "data/packed.h"

#include <cstdlib>
#include <cstring>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/hash.h"

namespace tinynas::data {
namespace {

constexpr std::string_view kMagic = "tinynas packed images 1\n";

/// Appends numbers and blocks to a byte string. Native byte order: the file stays on the machine that wrote
/// it.
class Packer {
 public:
  void number(std::uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void block(std::string_view bytes) {
    number(bytes.size());
    bytes_ += bytes;
  }
  template <typename T>
  void array(const std::vector<T>& values) {
    block({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }
  std::string& bytes() { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what Packer wrote. After reading beyond the end everything is 0 or empty, and good() is false.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    const std::string_view raw = take(sizeof value);
    if (!raw.empty()) std::memcpy(&value, raw.data(), raw.size());  // nothing has no address
    return value;
  }
  std::string_view block() { return take(number()); }
  template <typename T>
  std::vector<T> array() {
    const std::string_view raw = block();
    std::vector<T> values(raw.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), raw.data(), values.size() * sizeof(T));
    return values;
  }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view take(std::uint64_t count) {
    good_ = good_ && count <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view rest_;
  bool good_ = true;
};

void pack(Packer& packer, const ImageSet& images) {
  for (const int extent : {images.h, images.w, images.c}) packer.number(static_cast<std::uint64_t>(extent));
  packer.array(images.labels);
  packer.array(images.pixels);
}

ImageSet unpack_images(Unpacker& unpacker) {
  ImageSet images;
  for (int* extent : {&images.h, &images.w, &images.c}) *extent = static_cast<int>(unpacker.number());
  images.labels = unpacker.array<std::uint16_t>();
  images.pixels = unpacker.array<std::uint8_t>();
  return images;
}

bool consistent(const ImageSet& images) {
  return images.pixels.size() == images.size() * images.image_bytes();
}

}  // namespace

void write_packed(const std::filesystem::path& path, std::uint64_t key, const Dataset& set) {
  Packer packer;
  packer.bytes() = kMagic;
  packer.number(key);
  packer.block(set.name);
  packer.number(set.classes.size());
  for (const std::string& name : set.classes) packer.block(name);
  pack(packer, set.train);
  pack(packer, set.test);
  packer.number(fnv1a(packer.bytes()));
  write_file(path, packer.bytes());
}

std::optional<Dataset> read_packed(const std::filesystem::path& path, std::uint64_t key) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  const std::string bytes = read_file(path);
  constexpr std::size_t kChecksumBytes = sizeof(std::uint64_t);
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kChecksumBytes) return std::nullopt;
  const auto body = std::string_view(bytes).substr(0, bytes.size() - kChecksumBytes);
  Unpacker checksum(std::string_view(bytes).substr(body.size()));
  Unpacker unpacker(body.substr(kMagic.size()));
  if (unpacker.number() != key || checksum.number() != fnv1a(body)) return std::nullopt;
  Dataset set;
  set.name = unpacker.block();
  const std::uint64_t classes = unpacker.number();
  for (std::uint64_t i = 0; i < classes && unpacker.good(); ++i) set.classes.emplace_back(unpacker.block());
  set.train = unpack_images(unpacker);
  set.test = unpack_images(unpacker);
  if (!unpacker.good() || !unpacker.at_end() || !consistent(set.train) || !consistent(set.test))
    return std::nullopt;
  return set;
}

std::filesystem::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0')
    return std::filesystem::path(cache) / "tinynas";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return std::filesystem::path(home) / ".cache" / "tinynas";
  return {};
}

}  // namespace tinynas::data
