#pragma once

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/catch.h"
#include "tinynas/core/files.h"

namespace tinynas::test {

struct Answer {
  int code = 0;
  std::string out, err;
};

/// Runs `tinynas arguments` by the shell, in `folder`.
inline Answer run_tinynas(const std::filesystem::path& folder, const std::string& arguments) {
  const std::string out = folder / ".stdout", err = folder / ".stderr";
  const std::string command =
      "cd '" + folder.string() + "' && '" TINYNAS_EXECUTABLE "' " + arguments + " >" + out + " 2>" + err;
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
}

/// A refusal is one line that begins with the program's name.
inline void check_one_line(const Answer& answer) {
  CAPTURE(answer.err);
  CHECK(answer.err.rfind("tinynas: ", 0) == 0);
  CHECK(std::count(answer.err.begin(), answer.err.end(), '\n') == 1);
  CHECK(answer.out.empty());
}

}  // namespace tinynas::test
