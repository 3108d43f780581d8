#include "tinynas/core/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "tinynas/core/error.h"

namespace tinynas {
namespace {

constexpr int kPollMs = 100;  ///< how soon a stop request is seen

/// Owns a running child and the pipe with its output. Kills it if it is still running at the end.
class Child {
 public:
  Child(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(arguments[0], errno);
    pipe_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const int error = ::posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (error != 0) {
      ::close(pipe_);
      fail(arguments[0], error);
    }
  }
  ~Child() {
    if (running_) {
      kill();
      wait();
    }
    ::close(pipe_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void kill() const { ::kill(pid_, SIGKILL); }
  /// Appends what is there, waiting at most kPollMs; false at the end of the output.
  bool read(std::string& chunk) const {
    chunk.clear();
    pollfd ready{.fd = pipe_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, kPollMs) <= 0) return true;
    std::array<char, 4096> buffer{};
    const ssize_t n = ::read(pipe_, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) return true;
    if (n <= 0) return false;
    chunk.assign(buffer.data(), static_cast<std::size_t>(n));
    return true;
  }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    running_ = false;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  [[noreturn]] static void fail(const std::string& program, int error) {
    throw IoError(fmt::format("{}: cannot be started ({})", program, std::strerror(error)));
  }
  pid_t pid_ = -1;
  int pipe_ = -1;
  bool running_ = true;
};

}  // namespace

std::filesystem::path find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const std::filesystem::path candidate = std::filesystem::path(folders.substr(begin, end - begin)) / name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return {};
}

ProcessResult run_process(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  Child child(arguments, options.folder);
  ProcessResult result;
  bool late = false;
  for (std::string chunk; child.read(chunk);) {
    result.output += chunk;
    if (options.on_output && !chunk.empty()) options.on_output(chunk);
    options.stop.throw_if_stopped(arguments[0]);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (options.timeout_s > 0 && seconds > options.timeout_s && !late) {
      late = true;
      child.kill();
    }
  }
  result.exit_status = child.wait();
  return result;
}

}  // namespace tinynas
