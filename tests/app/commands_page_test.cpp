// docs/commands.md is complete: every key with its default, every command, every flag.
#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>

#include "app/support.h"
#include "support/catch.h"

namespace tinynas {
namespace {

std::string commands_page() {
  return read_file(std::filesystem::path(TINYNAS_SOURCE_TREE) / "docs/commands.md");
}

/// The line of a table that names a key; empty if there is none.
std::string table_line(const std::string& page, const std::string& key) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("| `") && !line.starts_with("| `-") &&
        line.find("`" + key + "`") != std::string::npos)
      return line;
  return {};
}

/// "`5000`", or "not set" for a key that a fresh experiment leaves out.
std::string default_text(const yaml::Node& defaults, const std::string& key) {
  const auto dot = key.find('.');
  const auto section = dot == std::string::npos ? std::optional(defaults) : defaults.find(key.substr(0, dot));
  const auto value =
      section ? section->find(key.substr(dot == std::string::npos ? 0 : dot + 1)) : std::nullopt;
  return value && !value->text().empty() ? "`" + value->text() + "`" : "not set";
}

std::string help_of(const std::string& command) {
  const test::TemporaryFolder folder;
  const std::string out = folder / "help";
  REQUIRE(std::system(("'" TINYNAS_EXECUTABLE "' " + command + " --help >'" + out + "'").c_str()) == 0);
  return read_file(out);
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern, std::regex::multiline);
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at)
    found.insert((*at)[1]);
  return found;
}

TEST_CASE("docs/commands.md has every key of the experiment file, with its default") {
  const std::string page = commands_page();
  const yaml::Node defaults = yaml::Node::parse(app::to_yaml(app::Experiment()), "defaults");
  for (const std::string& key : app::experiment_keys()) {
    CAPTURE(key);
    const std::string line = table_line(page, key);
    CHECK_FALSE(line.empty());
    CHECK(line.find(default_text(defaults, key)) != std::string::npos);
  }
}

TEST_CASE("docs/commands.md has a heading for every command, and names all its flags") {
  const std::string page = commands_page();
  const std::set<std::string> commands = matches(help_of(""), "^  ([a-z]+)  ");
  CHECK(commands.size() > 10);
  for (const std::string& command : commands) {
    CAPTURE(command);
    CHECK(page.find("\n## tinynas " + command + "\n") != std::string::npos);
    for (const std::string& flag : matches(help_of(command), "^  (?:-.,)?(--[a-z-]+)")) {
      CAPTURE(flag);
      CHECK(std::regex_search(page, std::regex("`" + flag + "[ `]")));
    }
  }
}

}  // namespace
}  // namespace tinynas
