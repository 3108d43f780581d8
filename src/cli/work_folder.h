#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace tinynas::cli {

/// A temporary folder, removed when it goes out of scope.
class WorkFolder {
 public:
  explicit WorkFolder(const std::string& command)
      : path_(std::filesystem::temp_directory_path() / fmt::format("tinynas-{}-{}", command, ::getpid())) {}
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tinynas::cli
