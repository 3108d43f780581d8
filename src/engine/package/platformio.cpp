// A library for PlatformIO: https://docs.platformio.org/en/latest/manifests/library-json/index.html
#include <algorithm>
#include <cctype>

#include "engine/package/kinds.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kLibrary = R"({
  "name": "@slug@",
  "version": "@version@",
  "description": "@description@.",
  "keywords": "neural-network, machine-learning, tinyml, int8",
  "authors": [{"name": "tinynas"}],
  "frameworks": "*",
  "platforms": "*",
  "headers": "@n@.h",
  "build": {"srcDir": "src", "includeDir": "src", "flags": "-O2"},
  "examples": [
    {"name": "@slug@", "base": "examples/@n@", "files": ["platformio.ini", "src/main.cpp"]}
  ]
}
)";

constexpr std::string_view kPlatformioProject = R"(; @origin@
; pio run -d examples/@n@ -t upload -t monitor. Another board: platform and board.
[env:example]
platform = ststm32
board = nucleo_f746zg
framework = arduino
monitor_speed = 115200
lib_deps = @slug@=symlink://../..
)";

constexpr std::string_view kPlatformioInstall =
    R"(- Copy this folder into the project's `lib/`, or name it in `platformio.ini`: `lib_deps = symlink:///path/to/@n@`.
- `examples/@n@` is a project that runs the network, with Arduino's framework: `pio run -d examples/@n@`.
- The library is compiled with `-O2` (`build.flags` in `library.json`).
)";

/// The registry wants lower case and hyphens.
std::string slug(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
  return name;
}

std::vector<GeneratedFile> write_platformio(const PackageSource& source) {
  const std::vector<Filling> names = {{"slug", slug(source.model.name())}};
  const std::string example = "examples/" + source.model.name();
  return {{"library.json", fill(kLibrary, source, names)},
          {example + "/platformio.ini", fill(kPlatformioProject, source, names)},
          {example + "/src/main.cpp", write_sketch(source)}};
}

}  // namespace

const PackageKind kPlatformio = {
    .name = "platformio", .install = kPlatformioInstall, .write = write_platformio};

}  // namespace tinynas::engine
