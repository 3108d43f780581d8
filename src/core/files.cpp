#include "tinynas/core/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>

#include "tinynas/core/error.h"

namespace tinynas {

/// The source tree. In a program that links the installed package, cmake/package_files.cpp.in replaces this.
__attribute__((weak)) const char* package_files() { return TINYNAS_SOURCE_TREE; }

namespace fs = std::filesystem;
namespace {

/// Owns a POSIX file descriptor.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool open() const { return fd_ >= 0; }
  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  bool sync() const { return ::fsync(fd_) == 0; }

 private:
  int fd_;
};

std::vector<fs::path> resource_roots() {
  std::vector<fs::path> roots;
  if (const char* home = std::getenv("TINYNAS_HOME")) roots.emplace_back(home);
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  if (!error) roots.push_back((executable.parent_path() / TINYNAS_SHARE_BESIDE_BIN).lexically_normal());
  roots.emplace_back(package_files());
  return roots;
}

void make_folder(const fs::path& folder) {
  if (folder.empty()) return;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw IoError(fmt::format("{}: cannot create this folder ({}); choose another or change its permissions",
                              folder.string(), error.message()));
}

void append(const fs::path& path, std::string_view bytes) {
  make_folder(path.parent_path());
  const Descriptor file(path, O_WRONLY | O_CREAT | O_APPEND);
  if (!file.open() || !file.write(bytes))
    throw IoError(fmt::format("{}: cannot be appended to ({})", path.string(), std::strerror(errno)));
}

}  // namespace

std::string read_file(const fs::path& path, std::int64_t max_bytes) {
  std::error_code error;
  if (fs::is_directory(path, error))
    throw IoError(fmt::format("{}: is a folder, a file was expected", path.string()));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw IoError(fmt::format("{}: cannot be read ({})", path.string(), std::strerror(errno)));
  const auto size = static_cast<std::int64_t>(fs::file_size(path, error));
  if (!error && size > max_bytes)
    throw IoError(fmt::format("{}: has {} bytes, more than the {} this reader accepts", path.string(), size,
                              max_bytes));
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) throw IoError(fmt::format("{}: reading failed ({})", path.string(), std::strerror(errno)));
  return bytes;
}

void write_file(const fs::path& given, std::string_view bytes) {
  std::error_code error;
  const fs::file_status status = fs::status(given, error);
  if (fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status))
    throw IoError(fmt::format("{}: is no regular file; name another", given.string()));
  const bool is_link = fs::is_symlink(fs::symlink_status(given, error)) && fs::exists(status);
  const fs::path path =
      is_link ? fs::canonical(given) : given;  // what a link names is written, the link stays
  make_folder(path.parent_path());
  const fs::path temporary = path.string() + fmt::format(".{}.tmp", ::getpid());
  bool good = false;
  {
    const Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    good = file.open() && file.write(bytes) && file.sync();
  }
  if (good) good = ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!good) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    throw IoError(fmt::format("{}: cannot be written ({}); check the folder's permissions and free space",
                              path.string(), std::strerror(reason)));
  }
}

void append_line(const fs::path& path, std::string_view line) { append(path, std::string(line) + "\n"); }

void extend_file(const fs::path& path, std::string_view bytes) {
  std::error_code error;
  const std::string there = fs::exists(path, error) ? read_file(path) : std::string();
  if (there.empty() || !bytes.starts_with(there)) return write_file(path, bytes);
  if (there.size() < bytes.size()) append(path, bytes.substr(there.size()));
}

std::vector<std::string> read_complete_lines(const fs::path& path) {
  std::vector<std::string> lines;
  if (!fs::exists(path)) return lines;
  const std::string text = read_file(path);
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text.substr(begin, end - begin));
  return lines;
}

void require_writable_folder(const fs::path& folder) {
  make_folder(folder);
  const fs::path probe = folder / fmt::format(".tinynas-write-probe.{}", ::getpid());
  const bool good = Descriptor(probe, O_WRONLY | O_CREAT | O_TRUNC).open();
  const int reason = errno;
  ::unlink(probe.c_str());
  if (!good)
    throw IoError(fmt::format(
        "{}: this folder cannot be written to ({}); choose another with --run or change its permissions",
        folder.string(), std::strerror(reason)));
}

fs::path find_resource(const fs::path& relative) {
  std::error_code error;
  if (fs::exists(relative, error)) return relative;
  std::string looked = fs::current_path(error).string();
  if (relative.is_relative()) {
    for (const fs::path& root : resource_roots()) {
      if (fs::exists(root / relative, error)) return root / relative;
      looked += ", " + root.string();
    }
  }
  throw IoError(fmt::format("{}: not found (looked in {}); set TINYNAS_HOME if tinynas was moved",
                            relative.string(), looked));
}

std::vector<std::string> list_resources(const fs::path& folder, std::string_view extension) {
  std::set<std::string> names;
  std::vector<fs::path> roots = resource_roots();
  roots.emplace_back("");
  for (const fs::path& root : roots) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(root / folder, error))
      if (entry.path().extension() == extension) names.insert(entry.path().stem().string());
  }
  return {names.begin(), names.end()};
}

}  // namespace tinynas
