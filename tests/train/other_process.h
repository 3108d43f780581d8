#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/fixtures.h"
#include "tinynas/train/processes.h"

extern char** environ;

namespace tinynas::test {

/// A TCP port that nobody listens at.
inline int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) std::abort();
  ::close(fd);
  return ntohs(address.sin_port);
}

/// This test program once more, as one process of a training: runs the test cases of `tag`.
class OtherProcess {
 public:
  OtherProcess(const std::string& tag, const train::Rendezvous& where,
               const std::vector<std::string>& more = {}) {
    std::vector<std::string> variables = {"RANK=" + std::to_string(where.rank),
                                          "WORLD_SIZE=" + std::to_string(where.size),
                                          "MASTER_ADDR=" + where.address,
                                          "MASTER_PORT=" + std::to_string(where.port),
                                          "TINYNAS_TIMEOUT=" + std::to_string(where.timeout.count()) + "ms",
                                          "OMP_WAIT_POLICY=passive"};
    variables.insert(variables.end(), more.begin(), more.end());
    std::vector<char*> environment;
    for (std::string& variable : variables) environment.push_back(variable.data());
    for (char** inherited = environ; *inherited != nullptr; ++inherited) environment.push_back(*inherited);
    environment.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    const std::string output = (folder_ / "output").string();
    ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT, 0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    std::string program = "/proc/self/exe", argument = tag;
    char* const arguments[] = {program.data(), argument.data(), nullptr};
    if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environment.data()) != 0)
      std::abort();
    ::posix_spawn_file_actions_destroy(&actions);
  }
  ~OtherProcess() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  void signal(int number) const { ::kill(pid_, number); }

  /// Its exit code (a signal's number + 128); -1 if it runs longer than this.
  int wait(std::chrono::seconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    int status = 0;
    while (::waitpid(pid_, &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) return -1;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::string output() const {
    std::ifstream file(folder_ / "output");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  TemporaryFolder folder_;
  pid_t pid_ = 0;
};

}  // namespace tinynas::test
