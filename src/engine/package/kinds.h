#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/write/c_text.h"
#include "engine/write/firmware_model.h"

namespace tinynas::engine {

/// What the writer of a package sees.
struct PackageSource {
  const FirmwareModel& model;
  std::string version;               ///< of the package
  std::vector<std::string> sources;  ///< the C files in src/: "door.c", "tinynas_conv.c", ...
};

/// What the archive beside the folder NAME/ holds.
enum class Archive {
  kNone,
  kFolder,   ///< NAME/ itself
  kContent,  ///< what is in NAME/
};

/// A tool chain that takes code as a package of its own. One row per kind in package.cpp.
struct PackageKind {
  std::string_view name;     ///< for --package
  std::string_view install;  ///< template of lines for README.md: how the tool takes it
  std::string (*note)(const PackageSource& source) = nullptr;  ///< a line more, where it depends on the core
  Archive archive = Archive::kNone;
  std::string_view archive_name = {};  ///< template
  /// Description and example, below NAME/. UnsupportedError where none of the tool's cores runs the code.
  std::vector<GeneratedFile> (*write)(const PackageSource& source);
};

extern const PackageKind kArduino, kPlatformio, kZephyr, kEspIdf, kCmsis;

/// Placeholders that every template of a package may use: n (the model's name), U (before its macros),
/// version, origin, description, core, tinynas (its version), url.
std::vector<Filling> package_fillings(const PackageSource& source);
/// A template of a package with these and `more` filled in.
std::string fill(std::string_view text, const PackageSource& source, const std::vector<Filling>& more = {});

/// The sources, each with `before` and `after` around its name.
std::string each_source(const PackageSource& source, std::string_view before, std::string_view after);

/// What differs between the examples in C.
struct ExampleWords {
  std::string_view includes;     ///< lines before that of the model's header
  std::string_view entry;        ///< "int main(void)"
  std::string_view print;        ///< "printf"
  std::string_view begin = {};   ///< a line that starts the clock
  std::string_view time = {};    ///< microseconds since then, a `long`; empty: the example does not measure
  std::string_view finish = {};  ///< the last line
};
/// A program that runs the network on a grey image and prints its outputs.
std::string write_c_example(const PackageSource& source, const ExampleWords& words);
/// The same for the Arduino framework, which is C++.
std::string write_sketch(const PackageSource& source);

}  // namespace tinynas::engine
