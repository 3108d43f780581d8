#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tinynas::import {

/// A FlatBuffer that nobody vouches for. Every read is checked; and as its parts may overlap, all that is
/// copied out of it may not be more than a few times its size. IoError says at which byte it is damaged.
class FlatBuffer {
 public:
  explicit FlatBuffer(std::string_view bytes) : bytes_(bytes), left_(kMostCopies * bytes.size()) {}

  template <typename T>
  T read(std::size_t at) const {
    T value;
    std::memcpy(&value, piece(at, sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::string_view piece(std::size_t at, std::size_t count) const;
  /// Notes that so many bytes are kept.
  void keep(std::size_t bytes);

 private:
  static constexpr std::size_t kMostCopies = 4;
  std::string_view bytes_;
  std::size_t left_;
};

/// A table of it. Fields are numbered as in the schema; one that is absent has its default.
class Table {
 public:
  static Table root(FlatBuffer& buffer) { return {buffer, buffer.read<std::uint32_t>(0)}; }

  template <typename T>
  T number(int field, T otherwise) const {
    const std::size_t at = place(field);
    return at == 0 ? otherwise : buffer_->read<T>(at);
  }
  bool has(int field) const { return place(field) != 0; }
  Table table(int field) const;
  std::vector<Table> tables(int field) const;
  /// Signs that do not print as ASCII become '?': names go into messages, JSON and C.
  std::string text(int field) const;
  /// First byte and number of the elements of a vector.
  struct Extent {
    std::size_t first = 0, count = 0;
  };
  Extent extent(int field, std::size_t element_bytes) const;
  template <typename T>
  std::vector<T> numbers(int field) const {
    const Extent extent = this->extent(field, sizeof(T));
    buffer_->keep(extent.count * sizeof(T));
    std::vector<T> values(extent.count);
    if (extent.count > 0)
      std::memcpy(values.data(), buffer_->piece(extent.first, extent.count * sizeof(T)).data(),
                  extent.count * sizeof(T));
    return values;
  }

 private:
  Table(FlatBuffer& buffer, std::size_t at);
  std::size_t place(int field) const;   ///< of a field, 0 if it is absent
  std::size_t target(int field) const;  ///< of a field that points somewhere

  FlatBuffer* buffer_;
  std::size_t at_, fields_, fields_bytes_ = 0;
};

}  // namespace tinynas::import
