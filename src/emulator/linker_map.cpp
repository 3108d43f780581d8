#include "emulator/linker_map.h"

#include <charconv>
#include <sstream>
#include <vector>

#include "tinynas/core/error.h"

namespace tinynas::emulator {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

Bytes parse_hex(std::string_view text) {
  Bytes value = 0;
  if (text.starts_with("0x")) text.remove_prefix(2);
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

/// The member of the sums that a section belongs to; nullptr for what takes no memory on the target.
Bytes* bucket(LinkedSizes& sizes, std::string_view section) {
  if (section.starts_with(".text")) return &sizes.text;
  if (section.starts_with(".rodata") || section.starts_with(".srodata") || section.starts_with(".ARM.ex"))
    return &sizes.rodata;
  if (section.starts_with(".data") || section.starts_with(".sdata")) return &sizes.data;
  if (section.starts_with(".bss") || section.starts_with(".sbss") || section == "COMMON") return &sizes.bss;
  return nullptr;
}

}  // namespace

LinkedSizes sizes_from_map(std::string_view map, const std::set<std::string>& objects,
                           std::string_view arena_section) {
  // Before this heading the map lists what was dropped, in the same form.
  const std::size_t begin = map.find("Linker script and memory map");
  if (begin == std::string_view::npos) throw IoError("linker map: expected GNU ld's -Map format");
  std::istringstream in{std::string(map.substr(begin))};
  LinkedSizes sizes;
  std::string section;
  for (std::string line; std::getline(in, line);) {
    // " .text.name  0xaddress  0xsize  file.o"; a long name stands on a line of its own.
    if (line.size() < 2 || line[0] != ' ') continue;
    std::vector<std::string> words = words_of(line);
    if (line[1] != ' ') {
      section = words[0];
      words.erase(words.begin());
    }
    if (words.size() != 3 || !words[0].starts_with("0x") || !words[1].starts_with("0x")) continue;
    const std::string object = words[2].substr(words[2].find_last_of('/') + 1);
    if (!objects.contains(object)) continue;
    if (Bytes* sum = bucket(sizes, section)) *sum += parse_hex(words[1]);
    if (section == arena_section) sizes.arena += parse_hex(words[1]);
  }
  return sizes;
}

}  // namespace tinynas::emulator
