#include "tinynas/core/error.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <vector>

namespace tinynas {

void check_failed(const char* condition, std::string_view message, std::source_location where) {
  const std::string file = std::filesystem::path(where.file_name()).filename().string();
  throw InternalError(file + ":" + std::to_string(where.line()) + ": internal error: " +
                      std::string(message) + " (" + condition + " does not hold); please report this");
}

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

}  // namespace tinynas
