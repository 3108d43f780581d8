#include "tinynas/core/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tinynas/core/error.h"

namespace tinynas {
namespace {

struct OpenFile {
  int descriptor;
  explicit OpenFile(int opened) : descriptor(opened) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(descriptor); }
};

}  // namespace

std::shared_ptr<void> try_lock_file(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0)
    throw IoError(fmt::format("{}: cannot be written ({}); choose a folder that can be written to",
                              path.string(), std::strerror(errno)));
  auto file = std::make_shared<OpenFile>(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return nullptr;
  return file;
}

}  // namespace tinynas
