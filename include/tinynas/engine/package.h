#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tinynas/engine/firmware.h"

namespace tinynas::engine {

/// What generate_package() makes: "arduino", "platformio", ...
std::vector<std::string_view> package_kinds();

struct PackageOptions {
  std::string kind;               ///< one of package_kinds()
  std::string version = "1.0.0";  ///< of the package, which its tool compares: three numbers
};

/// Firmware as a tool chain installs it. The folder NAME/ has the tool's description of the package, all
/// sources and headers in NAME/src, and an example; for some kinds the same also lies in one archive beside
/// it. Same input, same bytes. Throws ConfigError for a kind, version or name that the tools do not take,
/// UnsupportedError where none of the tool's cores runs the code, and what generate_firmware() throws.
std::vector<GeneratedFile> generate_package(const ir::Graph& graph, const cost::Schedule& schedule,
                                            const FirmwareOptions& options, const PackageOptions& package);
/// Writes them. Kernels that an earlier package left in NAME/src and this one does not have are removed:
/// tools compile whatever lies there.
void write_package(const std::vector<GeneratedFile>& files, const std::filesystem::path& folder);

}  // namespace tinynas::engine
