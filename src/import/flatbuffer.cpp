#include "import/flatbuffer.h"

#include <fmt/format.h>

#include <algorithm>

#include "tinynas/core/error.h"
#include "tinynas/core/index.h"

namespace tinynas::import {
namespace {

constexpr std::size_t kTableBytes = 16;  // about what an honest table takes
constexpr std::size_t kFieldsHeader = 4;

}  // namespace

std::string_view FlatBuffer::piece(std::size_t at, std::size_t count) const {
  if (at > bytes_.size() || count > bytes_.size() - at)
    throw IoError(
        fmt::format("damaged: byte {} is said to begin {} bytes, the file has {}", at, count, bytes_.size()));
  return bytes_.substr(at, count);
}

void FlatBuffer::keep(std::size_t bytes) {
  if (bytes > left_) throw IoError("damaged: its parts overlap many times");
  left_ -= bytes;
}

Table::Table(FlatBuffer& buffer, std::size_t at) : buffer_(&buffer), at_(at), fields_(at) {
  buffer_->keep(kTableBytes);
  const std::int64_t fields = static_cast<std::int64_t>(at) - buffer_->read<std::int32_t>(at);
  if (fields < 0) throw IoError(fmt::format("damaged: the table at byte {} has no list of fields", at));
  fields_ = tinynas::at(fields);
  fields_bytes_ = buffer_->read<std::uint16_t>(fields_);
  buffer_->piece(fields_, fields_bytes_);
}

std::size_t Table::place(int field) const {
  const std::size_t entry = kFieldsHeader + 2 * tinynas::at(field);
  if (entry + 2 > fields_bytes_) return 0;
  const std::size_t offset = buffer_->read<std::uint16_t>(fields_ + entry);
  return offset == 0 ? 0 : at_ + offset;
}

std::size_t Table::target(int field) const {
  const std::size_t from = place(field);
  return from + buffer_->read<std::uint32_t>(from);
}

Table Table::table(int field) const { return {*buffer_, target(field)}; }

Table::Extent Table::extent(int field, std::size_t element_bytes) const {
  if (!has(field)) return {};
  const std::size_t from = target(field), count = buffer_->read<std::uint32_t>(from);
  buffer_->piece(from + 4, count * element_bytes);
  return {from + 4, count};
}

std::vector<Table> Table::tables(int field) const {
  const Extent entries = extent(field, 4);
  std::vector<Table> tables;
  for (std::size_t i = 0; i < entries.count; ++i) {
    const std::size_t from = entries.first + 4 * i;
    tables.push_back(Table(*buffer_, from + buffer_->read<std::uint32_t>(from)));
  }
  return tables;
}

std::string Table::text(int field) const {
  const Extent letters = extent(field, 1);
  buffer_->keep(letters.count);
  std::string text(buffer_->piece(letters.first, letters.count));
  std::replace_if(
      text.begin(), text.end(), [](char sign) { return sign < ' ' || sign > '~'; }, '?');
  return text;
}

}  // namespace tinynas::import
