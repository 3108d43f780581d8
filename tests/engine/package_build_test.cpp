// Each package is built as its tool would: by the tool's own program where Debian has it (arduino-builder),
// else by the package's own CMake files, with what they call put in their place, or by the files that its
// description names.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>

#include "engine/packages.h"
#include "support/catch.h"
#include "tinynas/engine/package.h"

using namespace tinynas;
using test::operator+;

namespace {

/// What the sketch uses of the Arduino core, for this computer.
constexpr const char* kArduinoH = R"(#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#ifdef __cplusplus
struct Port {
  void begin(long) {}
  operator bool() const { return true; }
  void print(const char *text) { std::fputs(text, stdout); }
  void print(int value) { std::printf("%d", value); }
  void println(int value) { std::printf("%d\n", value); }
  void println(unsigned long value) { std::printf("%lu\n", value); }
};
extern Port Serial;
unsigned long micros();
unsigned long millis();
void delay(unsigned long ms);
void setup();
void loop();
#endif
)";
constexpr const char* kArduinoMain = R"(#include <Arduino.h>
Port Serial;
static unsigned long now = 0;
unsigned long micros() { return now += 7; }
unsigned long millis() { return now / 1000; }
void delay(unsigned long) {}
int main() {
  setup();
  loop();
}
)";

/// Two networks, each packaged under a name of its own into one folder.
class TwoPackages {
 public:
  explicit TwoPackages(const std::string& kind, cost::Core core = cost::Core::kCortexM4) {
    for (const auto& [name, oracle] : {std::pair{"door", &door}, std::pair{"face", &face}})
      engine::write_firmware(test::package_of(*oracle, test::labelled_options(name, *oracle, core), kind),
                             folder.path());
  }
  std::string run(const test::Words& command) const { return test::run_in(folder.path(), command); }
  std::string path(const std::string& name) const { return (folder.path() / name).string(); }

  test::Oracle door{82, 1}, face{83, 2};
  test::TemporaryFolder folder;
};

/// A program of C and C++ sources.
std::string build_and_run(const TwoPackages& made, const test::Words& sources, const test::Words& options) {
  const auto objects = test::compile({}, sources, options, made.folder.path() / "objects");
  made.run(test::Words{"g++", "-o", "program"} + objects);
  return made.run({"./program"});
}

}  // namespace

TEST_CASE(
    "an Arduino library unzips, compiles as the IDE compiles it, and its sketch prints the interpreter's "
    "outputs") {
  if (!test::has_program("unzip", "the Arduino library")) return;
  const TwoPackages made("arduino");
  write_file(made.folder / "core/Arduino.h", kArduinoH);
  write_file(made.folder / "core/main.cpp", kArduinoMain);
  for (const auto& [name, oracle] : {std::pair{"door", &made.door}, std::pair{"face", &made.face}}) {
    made.run({"unzip", "-q", std::string(name) + ".zip", "-d", std::string("libraries-") + name});
    const std::string library = made.path(fmt::format("libraries-{0}/{0}", name));
    const auto output = build_and_run(
        made,
        test::files_below(library + "/src", {".c"}) +
            test::Words{fmt::format("{0}/examples/{1}/{1}.ino", library, name), made.path("core/main.cpp")},
        {"-I" + made.path("core"), "-I" + library + "/src"});
    CHECK(test::printed_values(output) == test::grey_outputs(*oracle));
    CHECK(output.find("microseconds: 7\n") != std::string::npos);
  }
}

TEST_CASE("Arduino's own builder finds both libraries, and a sketch that uses both links", "[qemu]") {
  if (!test::has_program("arduino-builder", "Arduino's builder")) return;
  const TwoPackages made("arduino");
  const std::string core = "hardware/tinynas/host/";
  write_file(
      made.folder / (core + "boards.txt"),
      "pc.name=This computer\npc.build.core=pc\npc.build.board=PC\npc.upload.maximum_size=100000000\n");
  write_file(made.folder / (core + "cores/pc/Arduino.h"), kArduinoH);
  write_file(made.folder / (core + "cores/pc/main.cpp"), kArduinoMain);
  write_file(
      made.folder / (core + "platform.txt"),
      "name=Host\nversion=1.0.0\n"
      "compiler.warning_flags=-Wall -Wextra\n"
      "preproc.macros.flags=-w -x c++ -E -CC\n"
      "recipe.c.o.pattern=gcc -c -Wall -Wextra -Werror -O1 -std=gnu11 {includes} \"{source_file}\" -o "
      "\"{object_file}\"\n"
      "recipe.cpp.o.pattern=g++ -c -Wall -Wextra -Werror -O1 {includes} \"{source_file}\" -o "
      "\"{object_file}\"\n"
      "recipe.ar.pattern=ar rcs \"{archive_file_path}\" \"{object_file}\"\n"
      "recipe.c.combine.pattern=g++ -o \"{build.path}/program\" {object_files} \"{build.path}/core/core.a\"\n"
      "recipe.preproc.macros=g++ -w -x c++ -E -CC {includes} \"{source_file}\" -o "
      "\"{preprocessed_file_path}\"\n"
      "recipe.preproc.includes=g++ -w -x c++ -M -MG -MP {includes} \"{source_file}\"\n"
      "recipe.size.pattern=size \"{build.path}/program\"\nrecipe.size.regex=^\\S+\\s+([0-9]+).*\n"
      "tools.ctags.path=/usr/bin\ntools.ctags.cmd.path={path}/arduino-ctags\n"
      "tools.ctags.pattern=\"{cmd.path}\" -u --language-force=c++ -f - --c++-kinds=svpf --fields=KSTtzns "
      "--line-directives \"{source_file}\"\n");
  std::filesystem::create_directories(made.folder / "tools");
  std::filesystem::create_directories(made.folder / "libraries");
  for (const char* name : {"door", "face"})
    std::filesystem::rename(made.folder / name, made.folder / (std::string("libraries/") + name));
  write_file(made.folder / "both/both.ino",
             "#include <door.h>\n#include <face.h>\n"
             "void setup() { door_init(); face_init(); }\n"
             "void loop() {\n  static int8_t grey[DOOR_INPUT_HEIGHT * DOOR_ROW_BYTES + FACE_INPUT_HEIGHT * "
             "FACE_ROW_BYTES];\n"
             "  show(\"door: \", door_run(grey), DOOR_OUTPUT_BYTES);\n"
             "  show(\"face: \", face_run(grey), FACE_OUTPUT_BYTES);\n}\n"
             "void show(const char *text, const int8_t *output, int count) {\n"  // the builder declares it
             "  for (int i = 0; i < count; ++i) {\n    Serial.print(text);\n    "
             "Serial.println(int(output[i]));\n  }\n"
             "}\n");
  const auto build = [&](const std::string& sketch, const std::string& folder) {
    std::filesystem::create_directories(made.folder / folder);
    made.run({"arduino-builder", "-hardware", made.path("hardware"), "-tools", made.path("tools"),
              "-libraries", made.path("libraries"), "-fqbn", "tinynas:host:pc", "-build-path",
              made.path(folder), "-warnings", "all", made.path(sketch)});
    return test::printed_values(made.run({"./" + folder + "/program"}));
  };
  CHECK(build("libraries/door/examples/door/door.ino", "build-door") == test::grey_outputs(made.door));
  CHECK(build("libraries/face/examples/face/face.ino", "build-face") == test::grey_outputs(made.face));
  auto both = test::grey_outputs(made.door);
  for (const auto value : test::grey_outputs(made.face)) both.push_back(value);
  CHECK(build("both/both.ino", "build-both") == both);
}

TEST_CASE("PlatformIO's example compiles with the library's own flags and prints the interpreter's outputs",
          "[qemu]") {
  const TwoPackages made("platformio");
  write_file(made.folder / "core/Arduino.h", kArduinoH);
  write_file(made.folder / "core/main.cpp", kArduinoMain);
  const auto output =
      build_and_run(made,
                    test::files_below(made.path("door/src"), {".c"}) +
                        test::Words{made.path("door/examples/door/src/main.cpp"), made.path("core/main.cpp")},
                    {"-O2", "-I" + made.path("core"), "-I" + made.path("door/src")});
  CHECK(test::printed_values(output) == test::grey_outputs(made.door));
}

namespace {

/// What Zephyr's CMake package does for an application, as far as the module's and the sample's files ask for
/// it.
constexpr const char* kZephyr = R"(
enable_language(C)
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
file(STRINGS ${CMAKE_SOURCE_DIR}/prj.conf options REGEX "^CONFIG_[A-Z0-9_]+=y$")
foreach(option ${options})
  string(REGEX REPLACE "=y$" "" option ${option})
  set(${option} y)
endforeach()
function(zephyr_include_directories)
  set_property(GLOBAL APPEND PROPERTY zephyr_includes ${ARGN})
endfunction()
macro(zephyr_library_named name)
  set(ZEPHYR_CURRENT_LIBRARY ${name})
  add_library(${name} STATIC)
  set_property(GLOBAL APPEND PROPERTY zephyr_libraries ${name})
endmacro()
function(zephyr_library_sources)
  target_sources(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGN})
endfunction()
function(zephyr_library_compile_options)
  target_compile_options(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGN})
endfunction()
foreach(module ${EXTRA_ZEPHYR_MODULES})
  add_subdirectory(${module}/zephyr ${CMAKE_BINARY_DIR}/modules/${module})
endforeach()
get_property(libraries GLOBAL PROPERTY zephyr_libraries)
get_property(includes GLOBAL PROPERTY zephyr_includes)
add_executable(app)
target_include_directories(app PRIVATE ${includes} $ENV{ZEPHYR_BASE}/include)
# Zephyr links all its libraries whole.
target_link_libraries(app PRIVATE -Wl,--whole-archive ${libraries} -Wl,--no-whole-archive)
set(Zephyr_FOUND TRUE)
)";
constexpr const char* kZephyrKernelH = R"(#include <stdint.h>
static inline uint32_t k_cycle_get_32(void) { return 0; }
static inline uint32_t k_cyc_to_us_floor32(uint32_t cycles) { return cycles; }
)";

/// What ESP-IDF's tools/cmake/project.cmake does for a project.
constexpr const char* kIdfProject = R"(
function(idf_component_register)
  cmake_parse_arguments(C "" "" "SRCS;INCLUDE_DIRS;REQUIRES" ${ARGN})
  get_filename_component(name ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  add_library(${name} STATIC ${C_SRCS})
  target_include_directories(${name} PUBLIC ${C_INCLUDE_DIRS})
  target_link_libraries(${name} PUBLIC ${C_REQUIRES})
  set(COMPONENT_LIB ${name} PARENT_SCOPE)
endfunction()
macro(project name)
  _project(${name} C)
  add_library(esp_timer INTERFACE)
  target_include_directories(esp_timer INTERFACE $ENV{IDF_PATH}/include)
  foreach(component ${EXTRA_COMPONENT_DIRS} ${CMAKE_CURRENT_LIST_DIR}/main)
    get_filename_component(component ${component} ABSOLUTE)
    get_filename_component(component_name ${component} NAME)
    add_subdirectory(${component} ${CMAKE_BINARY_DIR}/${component_name})
  endforeach()
  add_executable(app $ENV{IDF_PATH}/start.c)
  target_link_libraries(app PRIVATE main)
endmacro()
)";
constexpr const char* kIdfStart = "void app_main(void);\nint main(void) {\n  app_main();\n  return 0;\n}\n";

/// Configures and builds with every warning an error; the program's path in the build folder.
void cmake(const TwoPackages& made, const std::string& variable, const std::string& value,
           const std::string& source, const std::string& build, const test::Words& options) {
  made.run(
      test::Words{"env", variable + "=" + value, "cmake", "-S", made.path(source), "-B", made.path(build)} +
      options);
  made.run({"cmake", "--build", made.path(build)});
}
const std::string kCFlags = "-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Werror ";

test::Words cross(const std::string& prefix, const std::string& flags) {
  return {"-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
          "-DCMAKE_C_COMPILER=" + prefix + "gcc", kCFlags + flags};
}

void write_zephyr(const TwoPackages& made) {
  write_file(made.folder / "zephyr/ZephyrConfig.cmake", kZephyr);
  write_file(made.folder / "zephyr/include/zephyr/kernel.h", kZephyrKernelH);
  write_file(made.folder / "zephyr/include/zephyr/sys/printk.h",
             "#include <stdio.h>\n#define printk printf\n");
}
void write_idf(const TwoPackages& made) {
  write_file(made.folder / "idf/tools/cmake/project.cmake", kIdfProject);
  write_file(made.folder / "idf/start.c", kIdfStart);
  write_file(made.folder / "idf/include/esp_timer.h",
             "#include <stdint.h>\nstatic inline int64_t esp_timer_get_time(void) { return 0; }\n");
}

}  // namespace

TEST_CASE(
    "Zephyr's sample builds with the module by their own CMake files, and prints the interpreter's outputs",
    "[qemu]") {
  const TwoPackages made("zephyr");
  write_zephyr(made);
  cmake(made, "ZEPHYR_BASE", made.path("zephyr"), "door/samples/door", "build", {kCFlags});
  CHECK(test::printed_values(made.run({"build/app"})) == test::grey_outputs(made.door));
  // Both modules in one image.
  write_file(made.folder / "face/samples/face/prj.conf", "CONFIG_TINYNAS_FACE=y\nCONFIG_TINYNAS_DOOR=y\n");
  cmake(made, "ZEPHYR_BASE", made.path("zephyr"), "face/samples/face", "build-both",
        {kCFlags, "-DEXTRA_ZEPHYR_MODULES=" + made.path("door")});
  CHECK(test::printed_values(made.run({"build-both/app"})) == test::grey_outputs(made.face));
  // Without its option a module adds nothing.
  write_file(made.folder / "door/samples/door/prj.conf", "");
  CHECK_THROWS_WITH(
      cmake(made, "ZEPHYR_BASE", made.path("zephyr"), "door/samples/door", "build-off", {kCFlags}),
      Catch::Matchers::Contains("door.h"));
}

TEST_CASE("a Zephyr module compiles for the core it was planned for, without a warning", "[qemu]") {
  for (const cost::Core core : {cost::Core::kCortexM0Plus, cost::Core::kCortexM4, cost::Core::kCortexM55}) {
    const auto& toolchain = engine::toolchain_for(core);
    if (!test::has_program(std::string(toolchain.prefix) + "gcc", "a Zephyr module")) return;
    const TwoPackages made("zephyr", core);
    write_zephyr(made);
    const auto options =
        cross(std::string(toolchain.prefix), engine::flags_text(toolchain) + " --specs=rdimon.specs");
    CHECK_NOTHROW(cmake(made, "ZEPHYR_BASE", made.path("zephyr"), "door/samples/door", "build", options));
  }
}

TEST_CASE("ESP-IDF's example builds with the component by their own CMake files, here and on a RISC-V",
          "[qemu]") {
  const TwoPackages made("esp-idf", cost::Core::kCortexM3);
  write_idf(made);
  cmake(made, "IDF_PATH", made.path("idf"), "door/examples/door", "build", {kCFlags});
  CHECK(test::printed_values(made.run({"build/app"})) == test::grey_outputs(made.door));
  if (!test::has_program("riscv64-unknown-elf-gcc", "ESP-IDF's example on a RISC-V")) return;
  cmake(made, "IDF_PATH", made.path("idf"), "face/examples/face", "riscv",
        cross("riscv64-unknown-elf-", "-march=rv32imac -mabi=ilp32 --specs=picolibc.specs") +
            test::Words{"-DCMAKE_EXE_LINKER_FLAGS=--oslib=semihost --crt0=semihost "
                        "-Wl,--defsym=__flash=0x80000000,--defsym=__flash_size=4M,--defsym=__ram=0x80400000,"
                        "--defsym=__ram_size=4M"});
  if (!test::has_program("qemu-system-riscv32", "ESP-IDF's example on a RISC-V")) return;
  const auto output = made.run({"qemu-system-riscv32", "-M", "virt", "-bios", "none", "-nographic",
                                "-semihosting-config", "enable=on,target=native", "-kernel", "riscv/app"});
  CHECK(test::printed_values(output) == test::grey_outputs(made.face));
}

TEST_CASE(
    "the sources and the template that a CMSIS-Pack names make a program with the interpreter's outputs",
    "[qemu]") {
  if (!test::has_program("unzip", "the pack") || !test::has_program("xmllint", "the pack")) return;
  const TwoPackages made("cmsis");
  for (const auto& [name, oracle] : {std::pair{"door", &made.door}, std::pair{"face", &made.face}}) {
    const std::string folder = std::string("pack-") + name;
    made.run({"unzip", "-q", fmt::format("tinynas.{}.1.0.0.pack", name), "-d", folder});
    const std::string pdsc = made.path(fmt::format("{}/tinynas.{}.pdsc", folder, name));
    std::istringstream named(made.run({"xmllint", "--xpath", "//file[@category='source']/@name", pdsc}));
    test::Words sources;
    for (std::string word; named >> word;)
      if (const auto begin = word.find('"'); begin != std::string::npos)
        sources.push_back(made.path(folder + "/" + word.substr(begin + 1, word.rfind('"') - begin - 1)));
    CHECK(test::files_below(made.path(folder + "/src"), {".c"}).size() + 1 == sources.size());
    const auto output = build_and_run(made, sources, {"-I" + made.path(folder + "/src")});
    CHECK(test::printed_values(output) == test::grey_outputs(*oracle));
  }
}

namespace {

/// The C between the fences of a README.
std::string code_of(const std::string& readme) {
  const std::string fence = "  ```c\n";
  const auto begin = readme.find(fence);
  if (begin == std::string::npos) throw std::runtime_error("no code in the README's list");
  return readme.substr(begin + fence.size(), readme.find("  ```\n", begin + 1) - begin - fence.size());
}

}  // namespace

TEST_CASE(
    "programs of extras run as the README says, with the counter that it writes for Espressif's processors",
    "[qemu]") {
  const test::Oracle oracle(84, 2);
  auto options = test::labelled_options("door", oracle, cost::Core::kRiscv32);
  options.self_test = {.images = oracle.images, .source = "noise of a test"};
  const test::TemporaryFolder folder;
  const auto path = [&](const std::string& name) { return (folder.path() / name).string(); };
  engine::write_firmware(test::package_of(oracle, options, "esp-idf"), folder.path());
  write_file(folder / "esp_cpu.h",
             "#include <stdint.h>\n"
             "static uint32_t ticks = 0xFFFF0000;\n"  // it wraps
             "static inline uint32_t esp_cpu_get_cycle_count(void) { return ticks += 100; }\n");
  write_file(folder / "counter.c", code_of(read_file(folder / "door/README.md")));
  write_file(folder / "board.c",
             "#include <stdio.h>\n#include <stdlib.h>\n#include \"board.h\"\n"
             "void board_init(void) {}\nvoid board_put(char byte) { putchar(byte); }\n"
             "int board_get(void) { return -1; }\n_Noreturn void board_exit(int status) { exit(status); }\n");
  const auto sources =
      test::files_below(path("door/src"), {".c"}) + test::Words{path("board.c"), path("counter.c")};
  const auto run = [&](const std::string& program) {
    const auto objects = test::compile({}, sources + test::Words{path("door/extras/" + program + ".c")},
                                       {"-DDOOR_TRACE", "-DCYCLES_OF_BOARD", "-I" + path("door/src"),
                                        "-I" + path("door/extras"), "-I" + folder.path().string()},
                                       folder.path() / "objects");
    test::run_in(folder.path(), test::Words{"gcc", "-o", program} + objects);
    return test::run_in(folder.path(), {"./" + program});
  };
  CHECK_THAT(run("self_test"), Catch::Matchers::Contains("pass"));
  const auto sheet = run("benchmark");
  CHECK_THAT(sheet, Catch::Matchers::Contains("# benchmark of door"));
  CHECK(sheet.find("18446744") == std::string::npos);  // a difference below zero
  CHECK_THAT(read_file(folder / "door/README.md"), Catch::Matchers::Contains("`extras/self_test.c`"));
}
