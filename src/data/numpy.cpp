#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "tinynas/core/error.h"
#include "tinynas/data/samples.h"

namespace tinynas::data {
namespace {

constexpr std::string_view kNumpyMagic = "\x93NUMPY";
constexpr const char* kSave = "save it with numpy.save(path, array.astype('float32'))";

struct NumpyType {
  std::string_view descr;
  std::size_t bytes;
  bool is_integer = false, is_byte = false;
};
constexpr std::array kTypes = {NumpyType{.descr = "<f4", .bytes = 4}, NumpyType{.descr = "<f8", .bytes = 8},
                               NumpyType{.descr = "|i1", .bytes = 1, .is_integer = true},
                               NumpyType{.descr = "|u1", .bytes = 1, .is_integer = true, .is_byte = true}};

/// Numbers of one to four bytes, little-endian.
std::size_t number(std::string_view bytes) {
  std::size_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

class NumpyReader {
 public:
  NumpyReader(std::string_view bytes, const std::filesystem::path& path) : bytes_(bytes), path_(path) {}

  NumpyArray read() {
    const std::string_view header = take_header();
    NumpyArray array;
    const NumpyType& type = type_of(quoted(value_of(header, "descr")));
    array.is_integer = type.is_integer;
    array.is_byte = type.is_byte;
    if (!value_of(header, "fortran_order").starts_with("False"))
      fail("its values stand in Fortran order", "save numpy.ascontiguousarray(array)");
    array.shape = shape_of(value_of(header, "shape"));
    const std::size_t count = count_of(array.shape, type.bytes);
    array.values.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      array.values.push_back(value(bytes_.data() + i * type.bytes, type));
    return array;
  }

 private:
  [[noreturn]] void fail(const std::string& what, const char* remedy = kSave) const {
    throw IoError(fmt::format("{}: {}; {}", path_.string(), what, remedy));
  }

  /// The text of the header; what is left of the bytes are the values.
  std::string_view take_header() {
    constexpr std::size_t kVersionAt = 6, kLengthAt = 8;
    if (!bytes_.starts_with(kNumpyMagic) || bytes_.size() < kLengthAt) fail("is no NumPy file");
    const int version = bytes_[kVersionAt];
    if (version < 1 || version > 3) fail(fmt::format("is of version {} of NumPy's format", version));
    const std::size_t length_bytes = version == 1 ? 2 : 4;
    if (bytes_.size() < kLengthAt + length_bytes) fail("ends within its header");
    const std::size_t length = number(bytes_.substr(kLengthAt, length_bytes));
    bytes_.remove_prefix(kLengthAt + length_bytes);
    if (bytes_.size() < length) fail("ends within its header");
    const std::string_view header = bytes_.substr(0, length);
    bytes_.remove_prefix(length);
    return header;
  }

  /// What follows "'key':" in the header.
  std::string_view value_of(std::string_view header, std::string_view key) const {
    const auto found = header.find(fmt::format("'{}':", key));
    if (found == std::string_view::npos) fail(fmt::format("its header has no '{}'", key));
    header.remove_prefix(found + key.size() + 3);
    header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
    return header;
  }

  std::string_view quoted(std::string_view text) const {
    const auto end = text.starts_with('\'') ? text.find('\'', 1) : std::string_view::npos;
    if (end == std::string_view::npos) fail("its type is none of one number");
    return text.substr(1, end - 1);
  }

  const NumpyType& type_of(std::string_view descr) const {
    for (const NumpyType& type : kTypes)
      if (type.descr == descr) return type;
    fail(fmt::format("its values are of type {}; expected float32, float64, int8 or uint8", descr));
  }

  std::vector<std::int64_t> shape_of(std::string_view text) const {
    const auto end = text.find(')');
    if (!text.starts_with('(') || end == std::string_view::npos) fail("its shape is damaged");
    text = text.substr(1, end - 1);
    std::vector<std::int64_t> shape;
    while (text.find_first_of("0123456789") != std::string_view::npos) {
      text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
      const auto [rest, error] =
          std::from_chars(text.data(), text.data() + text.size(), shape.emplace_back());
      if (error != std::errc() || shape.back() < 0) fail("its shape is damaged");
      text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    }
    return shape;
  }

  /// How many values the shape has; the file must hold just these.
  std::size_t count_of(const std::vector<std::int64_t>& shape, std::size_t value_bytes) const {
    const std::size_t held = bytes_.size() / value_bytes;
    std::size_t count = 1;
    bool fits = bytes_.size() % value_bytes == 0;
    for (const std::int64_t extent : shape) {
      fits = fits && (extent == 0 || count <= held / static_cast<std::size_t>(extent));
      count = fits ? count * static_cast<std::size_t>(extent) : 0;
    }
    if (!fits || count != held)
      fail(fmt::format("holds {} bytes of values, which its shape ({}) does not want", bytes_.size(),
                       fmt::join(shape, ", ")),
           "it is damaged or cut off: copy or save it again");
    return count;
  }

  static float value(const char* from, const NumpyType& type) {
    if (type.is_byte) return static_cast<float>(static_cast<unsigned char>(*from));
    if (type.is_integer) return static_cast<float>(static_cast<signed char>(*from));
    static_assert(std::endian::native == std::endian::little);
    if (type.bytes == sizeof(float)) {
      float real = 0;
      std::memcpy(&real, from, sizeof real);
      return real;
    }
    double real = 0;
    std::memcpy(&real, from, sizeof real);
    return static_cast<float>(real);
  }

  std::string_view bytes_;
  const std::filesystem::path& path_;
};

std::string tuple_of(const std::vector<std::int64_t>& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

}  // namespace

NumpyArray read_numpy(std::string_view bytes, const std::filesystem::path& path) {
  return NumpyReader(bytes, path).read();
}

std::string numpy_file(const std::vector<std::int64_t>& shape, std::span<const float> values) {
  constexpr std::size_t kAhead = 10, kAlignment = 64;  // magic, version and length; of the values
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}", tuple_of(shape));
  header.resize((kAhead + header.size() + kAlignment) / kAlignment * kAlignment - kAhead, ' ');
  header.back() = '\n';
  std::string bytes = std::string(kNumpyMagic) + std::string("\1\0", 2);
  bytes.push_back(static_cast<char>(header.size() & 0xff));
  bytes.push_back(static_cast<char>(header.size() >> 8));
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

}  // namespace tinynas::data
