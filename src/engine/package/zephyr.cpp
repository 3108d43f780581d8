// A module for Zephyr: https://docs.zephyrproject.org/latest/develop/modules.html
#include "engine/package/kinds.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kModule = R"(# @origin@
name: @n@
build:
  cmake: zephyr
  kconfig: zephyr/Kconfig
)";

constexpr std::string_view kKconfig = R"(# @origin@
config TINYNAS_@U@
	bool "@n@: a neural network"
	help
	  @description@.
	  Include @n@.h.
)";

constexpr std::string_view kCMake = R"(# @origin@
if(CONFIG_TINYNAS_@U@)
  zephyr_include_directories(${CMAKE_CURRENT_LIST_DIR}/../src)
  zephyr_library_named(tinynas_@n@)
  zephyr_library_compile_options(-O2)
  zephyr_library_sources(
@sources@  )
endif()
)";

constexpr std::string_view kSample = R"(# @origin@
cmake_minimum_required(VERSION 3.20.0)
# This module, should the workspace not list it.
list(APPEND EXTRA_ZEPHYR_MODULES ${CMAKE_CURRENT_LIST_DIR}/../..)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(@n@_sample)
target_sources(app PRIVATE src/main.c)
)";

constexpr std::string_view kTwister = R"(# @origin@
# Twister cannot know which boards have the instructions of a @core@: name one, -p BOARD.
sample:
  name: @n@
  description: "@description@."
tests:
  sample.tinynas.@n@:
    build_only: true
)";

constexpr std::string_view kZephyrInstall =
    R"(- Add this folder to the workspace: a project in `west.yml`, or `-DEXTRA_ZEPHYR_MODULES=/path/to/@n@` for CMake.
- `CONFIG_TINYNAS_@U@=y` in `prj.conf` compiles it, with `-O2`.
- `samples/@n@` runs the network: `west build -b BOARD samples/@n@`. Twister builds it by its `sample.yaml`:
  `west twister -T samples/@n@ -p BOARD`.
)";

std::vector<GeneratedFile> write_zephyr(const PackageSource& source) {
  const std::string sample = "samples/" + source.model.name();
  return {
      {"zephyr/module.yml", fill(kModule, source)},
      {"zephyr/Kconfig", fill(kKconfig, source)},
      {"zephyr/CMakeLists.txt",
       fill(kCMake, source,
            {{"sources", each_source(source, "    ${CMAKE_CURRENT_LIST_DIR}/../src/", "\n")}})},
      {sample + "/CMakeLists.txt", fill(kSample, source)},
      {sample + "/sample.yaml", fill(kTwister, source)},
      {sample + "/prj.conf", fill("CONFIG_TINYNAS_@U@=y\n", source)},
      {sample + "/src/main.c",
       write_c_example(source, {.includes = "#include <zephyr/kernel.h>\n#include <zephyr/sys/printk.h>\n",
                                .entry = "int main(void)",
                                .print = "printk",
                                .begin = "const uint32_t begin = k_cycle_get_32();",
                                .time = "(long)k_cyc_to_us_floor32(k_cycle_get_32() - begin)",
                                .finish = "return 0;"})}};
}

}  // namespace

const PackageKind kZephyr = {.name = "zephyr", .install = kZephyrInstall, .write = write_zephyr};

}  // namespace tinynas::engine
