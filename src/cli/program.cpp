#include "cli/program.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "cli/process_settings.h"
#include "tinynas/core/error.h"

namespace tinynas::cli {
namespace {

Shell the_shell;

/// The first signal asks for a stop at the next safe point, the second one kills.
extern "C" void on_signal(int signal) {
  the_shell.stop.request_stop();
  std::signal(signal, SIG_DFL);
}

/// " (did you mean --sram?)" for the first word that nobody took, or nothing.
std::string suggestion(const CLI::App& app, const CLI::App& command) {
  std::vector<std::string> known, words = command.remaining();
  for (const std::string& word : app.remaining()) words.push_back(word);
  if (words.empty()) return {};
  if (words.front().starts_with("-")) {
    for (const CLI::Option* option : command.get_options())
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  } else if (&app == &command) {
    for (const CLI::App* each : app.get_subcommands({})) known.push_back(each->get_name());
  }
  const std::string word = words.front().substr(0, words.front().find('='));
  return known.empty() ? std::string() : " (did you mean " + std::string(nearest_word(word, known)) + "?)";
}

/// One line, with the flag or command that was perhaps meant.
[[noreturn]] void refuse(const CLI::App& app, const CLI::ParseError& error) {
  const auto used = app.get_subcommands();
  const CLI::App& command = used.empty() ? app : *used.front();
  std::string message = error.what();
  for (char& c : message)
    if (c == '\n') c = ' ';
  throw ConfigError("command line: " + message + suggestion(app, command) + "; see " + app.get_name() + " " +
                    (used.empty() ? "" : command.get_name() + " ") + "--help");
}

}  // namespace

std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& answer) {
    return app.exit(answer);
  } catch (const CLI::ParseError& error) {
    refuse(app, error);
  }
  return std::nullopt;
}

int run_program(const char* name, char** argv, const std::function<int(Shell&)>& body) {
  settle_process(argv);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGPIPE, SIG_IGN);
  const auto fail = [name](ExitCode code, const char* message) {
    std::fprintf(stderr, "%s: %s\n", name, message);
    return static_cast<int>(code);
  };
  try {
    return body(the_shell);
  } catch (const Error& error) {
    return fail(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(
        ExitCode::kInternal,
        "out of memory; close other programs, or take less: a smaller batch (--set train.batch=64), a "
        "smaller network");
  } catch (const std::exception& error) {
    return fail(ExitCode::kInternal, error.what());
  }
}

}  // namespace tinynas::cli
