// A library for PlatformIO: https://docs.platformio.org/en/latest/manifests/library-json/index.html
#include <fmt/format.h>

#include <algorithm>
#include <array>
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
; pio run -d examples/@n@ -t upload -t monitor
[env:example]
@board@framework = arduino
monitor_speed = 115200
lib_deps = @slug@=symlink://../..
)";

constexpr std::string_view kPlatformioInstall =
    R"(- Copy this folder into the project's `lib/`, or name it in `platformio.ini`: `lib_deps = symlink:///path/to/@n@`.
- `examples/@n@` is a project that runs the network, with Arduino's framework: `pio run -d examples/@n@`.
- The library is compiled with `-O2` (`build.flags` in `library.json`).
)";

/// A board whose processor is the core, and which Arduino's framework knows: boards/BOARD.json in
/// https://github.com/platformio/platform-PLATFORM.
struct Board {
  cost::Core core;
  std::string_view platform, board;  ///< empty: PlatformIO has none
};
constexpr std::array kBoards = {
    Board{cost::Core::kCortexM0Plus, "raspberrypi", "pico"},
    Board{cost::Core::kCortexM3, "ststm32", "nucleo_f103rb"},
    Board{cost::Core::kCortexM4, "ststm32", "nucleo_l4r5zi"},
    Board{cost::Core::kCortexM7, "ststm32", "nucleo_f746zg"},
    Board{cost::Core::kCortexM33, "ststm32", "nucleo_u575zi_q"},
    Board{cost::Core::kCortexM55, "", ""},
    Board{cost::Core::kRiscv32, "espressif32", "esp32-c3-devkitm-1"},
};
static_assert(kBoards.size() == static_cast<std::size_t>(cost::Core::kCount), "one row per Core");

const Board& board_of(const PackageSource& source) {
  const cost::Core core = source.model.options.device.core;
  return *std::find_if(kBoards.begin(), kBoards.end(), [&](const Board& row) { return row.core == core; });
}

/// Lines of platformio.ini.
std::string board_lines(const PackageSource& source) {
  const Board& board = board_of(source);
  if (board.board.empty())
    return fill(
        "; PlatformIO knows no board with a @core@. Fill in platform and board, and the framework that\n"
        "; they have; src/main.cpp is for Arduino's.\n"
        "; platform = ...\n; board = ...\n",
        source);
  return fill(fmt::format("; A board with a @core@, which need not be your device: put yours here.\n"
                          "platform = {}\nboard = {}\n",
                          board.platform, board.board),
              source);
}

std::string board_note(const PackageSource& source) {
  const Board& board = board_of(source);
  if (board.board.empty())
    return fill(
        "- PlatformIO knows no board with a @core@: before the example builds, fill in `platform` and "
        "`board` in its `platformio.ini`.\n",
        source);
  return fill(
      fmt::format("- The example's `platformio.ini` names `{}`, a board with a @core@, which need not be "
                  "your device: put your own `platform` and `board` there.\n",
                  board.board),
      source);
}

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
          {example + "/platformio.ini",
           fill(kPlatformioProject, source, {names[0], {"board", board_lines(source)}})},
          {example + "/src/main.cpp", write_sketch(source)}};
}

}  // namespace

const PackageKind kPlatformio = {
    .name = "platformio", .install = kPlatformioInstall, .note = board_note, .write = write_platformio};

}  // namespace tinynas::engine
