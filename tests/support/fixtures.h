#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>

namespace tinynas::test {

/// A fresh folder below the system's temporary folder, removed at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tinynas-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// The folder with real models and data sets, or nullopt after saying which test is skipped and why.
inline std::optional<std::filesystem::path> test_data(const std::string& relative, const std::string& test) {
  const char* root = std::getenv("TINYNAS_TEST_DATA");
  if (root == nullptr || *root == '\0') {
    std::cout << "skipped: " << test << ": TINYNAS_TEST_DATA is not set\n";
    return std::nullopt;
  }
  const std::filesystem::path path = std::filesystem::path(root) / relative;
  if (!std::filesystem::exists(path)) {
    std::cout << "skipped: " << test << ": " << relative << " is not below TINYNAS_TEST_DATA\n";
    return std::nullopt;
  }
  return path;
}

}  // namespace tinynas::test
