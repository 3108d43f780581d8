#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/networks.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"
#include "tinynas/core/process.h"
#include "tinynas/cost/plan.h"
#include "tinynas/engine/package.h"
#include "tinynas/engine/toolchain.h"

namespace tinynas::test {

using Words = std::vector<std::string>;

inline Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline bool has_program(const std::string& program, const std::string& test) {
  if (!find_program(program).empty()) return true;
  std::cout << "skipped: " << test << ": " << program << " is not installed (tools/install-deps --tests)\n";
  return false;
}

inline std::string run_in(const std::filesystem::path& folder, const Words& command) {
  const auto result = run_process(command, {.folder = folder, .timeout_s = 300});
  if (result.exit_status != 0)
    throw std::runtime_error(fmt::format("{} {}: {}", command.front(), command.back(), result.output));
  return result.output;
}

/// Made for a Cortex-M4 unless `core` says otherwise, with labels class0, class1, ...
inline engine::FirmwareOptions labelled_options(const std::string& name, const Oracle& oracle,
                                                cost::Core core = cost::Core::kCortexM4) {
  auto options = firmware_options(name, test_device(core));
  for (std::size_t i = 0; i < oracle.expected[0].size(); ++i)
    options.classes.push_back(fmt::format("class{}", i));
  return options;
}

inline std::vector<engine::GeneratedFile> package_of(const Oracle& oracle,
                                                     const engine::FirmwareOptions& options,
                                                     const std::string& kind,
                                                     const std::string& version = "1.0.0") {
  const cost::KernelIsa isa = cost::core_info(options.device.core).isa;
  return engine::generate_package(oracle.graph, cost::plan(oracle.graph, {.isa = isa}), options,
                                  {.kind = kind, .version = version});
}

/// What the interpreter makes of the image that a package's example runs on: pixels of 128, which are 0 in
/// int8.
inline std::vector<std::int8_t> grey_outputs(const Oracle& oracle) {
  return quant::Int8Interpreter(oracle.graph).run(std::vector<std::int8_t>(oracle.images[0].size(), 0));
}

/// The values that an example prints as "LABEL: VALUE".
inline std::vector<std::int8_t> printed_values(const std::string& output) {
  std::vector<std::int8_t> values;
  std::istringstream in(output);
  for (std::string line; std::getline(in, line);)
    if (const auto at = line.find(": "); at != std::string::npos && !line.starts_with("microseconds"))
      values.push_back(static_cast<std::int8_t>(std::stoi(line.substr(at + 2))));
  return values;
}

/// Paths of the files below a folder with one of the extensions, sorted.
inline Words files_below(const std::filesystem::path& folder, const std::vector<std::string>& extensions) {
  Words files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (std::find(extensions.begin(), extensions.end(), entry.path().extension()) != extensions.end())
      files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

/// Compilers and what they are told, as a tool chain would.
struct Compilers {
  std::string prefix = {};
  Words flags = {};  ///< of compiler and linker
};
inline Compilers compilers_for(cost::Core core) {
  const engine::Toolchain& toolchain = engine::toolchain_for(core);
  return {std::string(toolchain.prefix), toolchain.flags};
}

/// Compiles each source to an object of its own below `objects`, warnings being errors; the objects.
inline Words compile(const Compilers& compilers, const Words& sources, const Words& options,
                     const std::filesystem::path& objects) {
  std::filesystem::create_directories(objects);
  Words made;
  for (const std::string& source : sources) {
    const bool c = source.ends_with(".c");
    made.push_back((objects / fmt::format("{}.o", made.size())).string());
    run_in(objects,
           Words{compilers.prefix + (c ? "gcc" : "g++")} + compilers.flags +
               Words{"-Wall", "-Wextra", "-Werror", "-O1", "-ffunction-sections", "-fdata-sections"} +
               options + (c ? Words{} : Words{"-x", "c++", "-std=c++17"}) +
               Words{"-c", "-o", made.back(), source});
  }
  return made;
}

}  // namespace tinynas::test
