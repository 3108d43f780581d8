#include <fmt/format.h>

#include <iostream>
#include <sstream>

#include "engine/networks.h"
#include "support/catch.h"
#include "support/fixtures.h"
#include "tinynas/core/files.h"
#include "tinynas/core/process.h"
#include "tinynas/engine/firmware.h"
#include "tinynas/engine/toolchain.h"

using namespace tinynas;

namespace {

/// The folder as its receiver sees it, with an image file for the example.
class Delivered {
 public:
  explicit Delivered(const test::Oracle& oracle, cost::Core core = cost::Core::kCortexM7) {
    auto options = test::firmware_options("net", test::test_device(core));
    options.classes.clear();
    for (std::size_t i = 0; i < oracle.expected[0].size(); ++i)
      options.classes.push_back(fmt::format("class{}", i));
    engine::write_firmware(test::generate(oracle, options), folder_.path());
    std::string pixels;
    for (const std::int8_t value : oracle.images[0]) pixels += static_cast<char>(value + 128);
    write_file(folder_ / "image.raw", pixels);
  }
  ProcessResult run(const std::vector<std::string>& command) const {
    return run_process(command, {.folder = folder_.path()});
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  test::TemporaryFolder folder_;
};

/// The int8 values that the example prints, one per class.
std::vector<std::int8_t> printed_values(const std::string& output) {
  std::vector<std::int8_t> values;
  std::istringstream in(output);
  for (std::string label, value, real; in >> label >> value >> real && label.starts_with("class");)
    values.push_back(static_cast<std::int8_t>(std::stoi(value)));
  return values;
}

}  // namespace

TEST_CASE("make in the folder alone builds an example that prints the interpreter's outputs") {
  const test::Oracle oracle(61, 1);
  const Delivered folder(oracle);
  const auto make = folder.run({"make"});
  INFO(make.output);
  REQUIRE(make.exit_status == 0);
  CHECK(make.output.find("warning") == std::string::npos);
  CHECK(printed_values(folder.run({"./net_example", "image.raw"}).output) == oracle.expected[0]);
  CHECK(folder.run({"./net_example"}).exit_status == 2);
  CHECK(folder.run({"./net_example", "/dev/null"}).output.find("shorter than") != std::string::npos);
}

TEST_CASE("a folder whose weights are packed for vectors runs on this computer too") {
  const test::Oracle oracle(64, 2);
  const Delivered folder(oracle, cost::Core::kCortexM55);
  const auto make = folder.run({"make"});
  INFO(make.output);
  REQUIRE(make.exit_status == 0);
  CHECK(make.output.find("warning") == std::string::npos);
  CHECK(printed_values(folder.run({"./net_example", "image.raw"}).output) == oracle.expected[0]);
}

TEST_CASE("CMake builds the folder as a project of its own") {
  const test::Oracle oracle(62, 1);
  const Delivered folder(oracle);
  const auto configured = folder.run({"cmake", "-S", ".", "-B", "build"});
  INFO(configured.output);
  REQUIRE(configured.exit_status == 0);
  const auto built = folder.run({"cmake", "--build", "build"});
  INFO(built.output);
  REQUIRE(built.exit_status == 0);
  CHECK(printed_values(folder.run({"build/net_example", "image.raw"}).output) == oracle.expected[0]);
}

TEST_CASE("make builds the library for every core by its own flags, without a warning", "[qemu]") {
  const Delivered folder(test::Oracle(63, 1), cost::Core::kCortexM3);  // the portable form runs everywhere
  for (const cost::CoreInfo& core : cost::kCores) {
    if (find_program(std::string(engine::toolchain_for(core.core).prefix) + "gcc").empty()) {
      std::cout << "skipped: no compiler for " << core.name << "\n";
      continue;
    }
    const auto make =
        folder.run({"make", "lib", fmt::format("CPU={}", core.name), "CFLAGS=-O2 -DTN_PORTABLE"});
    INFO(make.output);
    CHECK(make.exit_status == 0);
    CHECK(make.output.find("warning") == std::string::npos);
    const Delivered own(test::Oracle(63, 1), core.core);
    const auto planned = own.run({"make", "lib", fmt::format("CPU={}", core.name)});
    INFO(planned.output);
    CHECK(planned.exit_status == 0);
    CHECK(planned.output.find("warning") == std::string::npos);
  }
  const auto unknown = folder.run({"make", "lib", "CPU=cortex-m5"});
  CHECK(unknown.exit_status != 0);
  CHECK(unknown.output.find("CPU=cortex-m5 is not known here; known: cortex-m0plus") != std::string::npos);
}

TEST_CASE("a compiler without the instructions that a folder was planned for is refused", "[qemu]") {
  struct Case {
    cost::Core planned;
    std::string arguments, message;
  };
  for (const Case& c :
       {Case{cost::Core::kCortexM55, "CPU_FLAGS=-mcpu=cortex-m55 -mthumb",  // GCC then leaves the vectors off
             "planned for the instructions of cortex-m55; compile with -mcpu=cortex-m55 -mthumb "
             "-mfloat-abi=hard"},
        Case{cost::Core::kCortexM7, "CPU_FLAGS=-mcpu=cortex-m3 -mthumb",
             "planned for the instructions of cortex-m7; compile with -mcpu=cortex-m7"},
        Case{cost::Core::kCortexM4, "CPU_FLAGS=",  // forgotten
             "planned for the instructions of cortex-m4; compile with -mcpu=cortex-m4"},
        // The arena was planned for a Cortex-M7; the vector kernels of an M55 need more scratch.
        Case{cost::Core::kCortexM7, "CPU_FLAGS=-mcpu=cortex-m55 -mthumb -mfloat-abi=hard",
             "planned for cortex-m7: compile with -DTN_PORTABLE, or plan again"}}) {
    const Delivered folder(test::Oracle(63, 1), c.planned);
    const auto make = folder.run({"make", "lib", "CROSS=arm-none-eabi-", c.arguments});
    INFO(make.output);
    CHECK(make.exit_status != 0);
    CHECK(make.output.find(c.message) != std::string::npos);
    const auto portable =
        folder.run({"make", "lib", "CROSS=arm-none-eabi-", c.arguments, "CFLAGS=-O2 -DTN_PORTABLE"});
    CHECK(portable.exit_status == 0);
  }
}

TEST_CASE("a compiler's every level makes the kernels, in assembly too", "[qemu]") {
  for (const cost::Core core : {cost::Core::kCortexM0Plus, cost::Core::kCortexM7, cost::Core::kCortexM55}) {
    const Delivered folder(test::Oracle(67, 1), core);
    for (const char* level : {"-O0", "-Os", "-Og", "-O3", "-O2 -flto"}) {
      const auto make = folder.run({"make", "lib", fmt::format("CPU={}", cost::core_info(core).name),
                                    fmt::format("CFLAGS={}", level)});
      INFO(make.output);
      CHECK(make.exit_status == 0);
      CHECK(make.output.find("warning") == std::string::npos);
    }
  }
}

TEST_CASE("make makes everything anew when the flags change, and nothing when they do not") {
  const Delivered folder(test::Oracle(66, 1));
  REQUIRE(folder.run({"make"}).exit_status == 0);
  const auto made = [&](const std::string& flags) {
    const std::string output = folder.run({"make", "CFLAGS=" + flags}).output;
    return output.find("net.c") != std::string::npos;
  };
  CHECK_FALSE(made("-O2"));
  CHECK(made("-O2 -DNET_ARENA_PLACE='__attribute__((aligned(64)))'"));
  CHECK_FALSE(made("-O2 -DNET_ARENA_PLACE='__attribute__((aligned(64)))'"));
  CHECK(made("-O2 -DNET_ARENA_FROM_CALLER"));  // the example brings an arena of its own
  CHECK(std::filesystem::exists(folder.path() / "net_example"));
  CHECK(folder.run({"make", "emulate-image"}).output.find("is for this computer") != std::string::npos);
}

TEST_CASE("clang builds the library for a Cortex-M without a warning", "[qemu]") {
  const std::string newlib = "/usr/include/newlib";
  if (find_program("clang").empty() || !std::filesystem::exists(newlib)) {
    std::cout << "skipped: clang or the headers of newlib are not installed\n";
    return;
  }
  const auto check = [&](const Delivered& folder, const std::string& cpu, const std::string& flags = {}) {
    REQUIRE(folder.run({"make", "clean"}).exit_status == 0);
    const auto make = folder.run({"make", "lib", "CC=clang --target=arm-none-eabi -isystem " + newlib,
                                  "CPU=" + cpu, "CFLAGS=-O2 " + flags});
    INFO(make.output);
    CHECK(make.exit_status == 0);
    CHECK(make.output.find("warning") == std::string::npos);
  };
  const Delivered folder(test::Oracle(63, 1));
  check(folder, "cortex-m0plus", "-DTN_PORTABLE");
  for (const char* cpu : {"cortex-m4", "cortex-m7", "cortex-m33"}) check(folder, cpu);
  check(Delivered(test::Oracle(63, 1), cost::Core::kCortexM55), "cortex-m55");
}

TEST_CASE("make builds for a 32-bit RISC-V without a warning, and the example runs there", "[qemu]") {
  if (find_program("riscv64-unknown-elf-gcc").empty()) {
    std::cout << "skipped: riscv64-unknown-elf-gcc is not installed\n";
    return;
  }
  const test::Oracle oracle(65, 1);
  const Delivered folder(oracle, cost::Core::kRiscv32);
  const auto make = folder.run({"env",
                                "LDFLAGS=--oslib=semihost --crt0=semihost -Wl,--defsym=__flash=0x80000000,"
                                "--defsym=__flash_size=4M,--defsym=__ram=0x80400000,--defsym=__ram_size=4M",
                                "make", "CPU=riscv32"});
  INFO(make.output);
  REQUIRE(make.exit_status == 0);
  CHECK(make.output.find("warning") == std::string::npos);
  if (find_program("qemu-system-riscv32").empty()) {
    std::cout << "skipped: qemu-system-riscv32 is not installed\n";
    return;
  }
  const auto example =
      run_process({"qemu-system-riscv32", "-M", "virt", "-bios", "none", "-nographic", "-semihosting-config",
                   "enable=on,target=native,arg=" + (folder.path() / "image.raw").string(), "-kernel",
                   (folder.path() / "net_example").string()},
                  {.timeout_s = 60});
  INFO(example.output);
  CHECK(example.exit_status == 0);
  CHECK(printed_values(example.output) == oracle.expected[0]);
}
