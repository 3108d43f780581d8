#include "app/metadata.h"

namespace tinynas::app {

std::string metadata_or(const std::map<std::string, std::string>& metadata, const char* key,
                        const std::string& otherwise) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? otherwise : found->second;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find('\n');
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

}  // namespace tinynas::app
