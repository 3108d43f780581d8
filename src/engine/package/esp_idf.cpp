// A component for ESP-IDF:
// https://docs.espressif.com/projects/esp-idf/en/stable/esp32/api-guides/build-system.html and
// https://docs.espressif.com/projects/idf-component-manager/en/latest/reference/manifest_file.html
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/package/kinds.h"
#include "tinynas/core/error.h"

namespace tinynas::engine {
namespace {

constexpr std::string_view kManifest = R"(# @origin@
# No `targets`: it is plain C, which all of Espressif's processors run.
version: "@version@"
description: "@description@."
url: "@url@"
)";

constexpr std::string_view kComponent = R"(# @origin@
idf_component_register(
  SRCS
@sources@  INCLUDE_DIRS
    src)
target_compile_options(${COMPONENT_LIB} PRIVATE -O2)
)";

constexpr std::string_view kEspIdfProject = R"(# @origin@
cmake_minimum_required(VERSION 3.16)
set(EXTRA_COMPONENT_DIRS ${CMAKE_CURRENT_LIST_DIR}/../..)
include($ENV{IDF_PATH}/tools/cmake/project.cmake)
project(@n@_example)
)";

constexpr std::string_view kMain = R"(idf_component_register(SRCS main.c REQUIRES @n@ esp_timer)
)";

constexpr std::string_view kEspIdfInstall =
    R"(- Copy this folder into the project's `components/`; a component that calls it says `REQUIRES @n@`.
- `examples/@n@` is a project that runs the network: `idf.py set-target esp32c3 build flash monitor` there.
- It is compiled with `-O2`.
- An ESP32-C3 has no `mcycle`, which `extras/cycles.h` reads on RISC-V, and Xtensa has none either. Programs that count
  cycles (`benchmark.c`, `mlperf_tiny.c`) are compiled with `-DCYCLES_OF_BOARD` there, and you supply the functions:

  ```c
  #include "cycles.h"
  #include "esp_cpu.h"

  static uint32_t last;
  static uint64_t passed;
  uint64_t cycles_now(void) { /* often enough to see each wrap of the counter, which has 32 bits */
    const uint32_t now = esp_cpu_get_cycle_count();
    passed += (uint32_t)(now - last);
    last = now;
    return passed;
  }
  void cycles_start(void) { last = esp_cpu_get_cycle_count(); }
  bool cycles_narrow(void) { return false; }
  ```
- Before you publish it, put your address and a `license` into `idf_component.yml`.
)";

/// Espressif's processors, Xtensa and RISC-V, run the portable form.
void require_portable(const FirmwareModel& model) {
  const cost::CoreInfo& planned = cost::core_info(model.options.device.core);
  if (planned.isa == cost::KernelIsa::kPortable) return;
  std::vector<std::string_view> portable;
  for (const cost::CoreInfo& core : cost::kCores)
    if (core.isa == cost::KernelIsa::kPortable) portable.push_back(core.name);
  throw UnsupportedError(fmt::format(
      "package 'esp-idf': Espressif's processors do not have the instructions of {}, which {} was "
      "planned for; take a --device whose core runs plain C: {}",
      planned.name, plain_text(model.options.device.name), fmt::join(portable, ", ")));
}

std::vector<GeneratedFile> write_esp_idf(const PackageSource& source) {
  require_portable(source.model);
  const std::string example = "examples/" + source.model.name();
  return {{"idf_component.yml", fill(kManifest, source)},
          {"CMakeLists.txt", fill(kComponent, source, {{"sources", each_source(source, "    src/", "\n")}})},
          {example + "/CMakeLists.txt", fill(kEspIdfProject, source)},
          {example + "/main/CMakeLists.txt", fill(kMain, source)},
          {example + "/main/main.c",
           write_c_example(source, {.includes = "#include <stdio.h>\n\n#include \"esp_timer.h\"",
                                    .entry = "void app_main(void)",
                                    .print = "printf",
                                    .begin = "const int64_t begin = esp_timer_get_time();",
                                    .time = "(long)(esp_timer_get_time() - begin)"})}};
}

}  // namespace

const PackageKind kEspIdf = {.name = "esp-idf", .install = kEspIdfInstall, .write = write_esp_idf};

}  // namespace tinynas::engine
