// Two models in one image: as libraries linked whole, as all their objects; and the linker's refusal of two
// versions.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <map>

#include "engine/packages.h"
#include "support/catch.h"
#include "tinynas/core/version.h"

using namespace tinynas;
using test::operator+;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kProgram = R"(#include <stdio.h>
#include "door.h"
#include "face.h"

static void show(const int8_t *output, int count) {
  for (int i = 0; i < count; ++i) printf("value: %d\n", output[i]);
}

int main(void) {
  static int8_t grey[DOOR_INPUT_HEIGHT * DOOR_ROW_BYTES + FACE_INPUT_HEIGHT * FACE_ROW_BYTES];
  door_init();
  face_init();
  show(door_run(grey), DOOR_OUTPUT_BYTES);
  show(face_run(grey), FACE_OUTPUT_BYTES);
  return 0;
}
)";

/// Start-up for QEMU, which loads .data to its place and leaves RAM zero; the C library prints by
/// semihosting.
constexpr const char* kStart = R"(#include <stdint.h>
#include <stdlib.h>
int main(void);
void initialise_monitor_handles(void);
void _init(void) {}
void _fini(void) {}
__attribute__((noreturn)) void _start(void) {
#ifdef __ARM_FP
  *(volatile uint32_t *)0xE000ED88 |= 0xFU << 20; /* CPACR: the FPU */
  __asm__ volatile("dsb\nisb");
#endif
  initialise_monitor_handles();
  exit(main());
}
__attribute__((section(".vectors"), used)) static const void *const vectors[] = {(void *)0x20400000, (void *)_start};
)";

const char* const kNames[] = {"door", "face"};

/// The plain folders of two networks, compiled for this computer or a core.
class TwoModels {
 public:
  explicit TwoModels(test::Compilers compilers = {}, cost::Core core = cost::Core::kCortexM4)
      : compilers_(std::move(compilers)) {
    write(door, kNames[0], core);
    write(face, kNames[1], core);
    write_file(folder_ / "main.c", kProgram);
  }
  /// The folder now claims to be made by tinynas 0.2.0.
  void rename_version(const std::string& name) const {
    const auto header = folder_ / (name + "/tinynas_runtime.h");
    std::string text = read_file(header);
    const std::string version = "kernels_0_1_0", other = "kernels_0_2_0";
    REQUIRE(text.find(version) != std::string::npos);
    for (std::size_t at = 0; (at = text.find(version, at)) != std::string::npos;)
      text.replace(at, version.size(), other);
    write_file(header, text);
  }
  const test::Words& objects(const std::string& name, const test::Words& flags = {}) {
    test::Words& made = objects_[name];
    if (!made.empty()) return made;
    test::Words sources;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / name))
      if (entry.path().extension() == ".c") sources.push_back(entry.path().string());
    std::sort(sources.begin(), sources.end());
    return made = test::compile(compilers_, sources, flags, folder_ / ("objects-" + name));
  }
  std::string archive(const std::string& name) {
    const std::string library = "lib" + name + ".a";
    std::filesystem::remove(folder_ / library);
    test::run_in(folder_.path(), test::Words{compilers_.prefix + "ar", "rcs", library} + objects(name));
    return library;
  }
  test::Words main_object() const {
    return test::compile(compilers_, {(folder_ / "main.c").string()},
                         {"-I" + (folder_ / "door").string(), "-I" + (folder_ / "face").string()},
                         folder_ / "objects-main");
  }
  ProcessResult link(const test::Words& inputs) const {
    return run_process(
        test::Words{compilers_.prefix + "gcc"} + compilers_.flags + test::Words{"-o", "program"} + inputs,
        {.folder = folder_.path()});
  }
  std::string run(const test::Words& command) const { return test::run_in(folder_.path(), command); }
  void add(const std::string& name, const std::string& text) const { write_file(folder_ / name, text); }

  std::vector<std::int8_t> expected() const {
    auto values = test::grey_outputs(door);
    for (const auto value : test::grey_outputs(face)) values.push_back(value);
    return values;
  }

  test::Oracle door{84, 2}, face{85, 3};

 private:
  void write(const test::Oracle& oracle, const std::string& name, cost::Core core) const {
    engine::write_firmware(test::generate(oracle, test::labelled_options(name, oracle, core)),
                           folder_ / name);
  }
  test::Compilers compilers_;
  std::map<std::string, test::Words> objects_ = {};
  test::TemporaryFolder folder_;
};

/// "--whole-archive" and the two libraries.
test::Words whole(TwoModels& models) {
  return {"-Wl,--whole-archive", models.archive("door"), models.archive("face"), "-Wl,--no-whole-archive"};
}

}  // namespace

TEST_CASE("two models link whole into one program, as libraries and as all their objects") {
  TwoModels models;
  for (const test::Words& inputs : {whole(models), models.objects("door") + models.objects("face"),
                                    test::Words{"-Wl,--start-group", models.archive("door"),
                                                models.archive("face"), "-Wl,--end-group"}}) {
    const auto linked = models.link(models.main_object() + inputs);
    INFO(linked.output);
    REQUIRE(linked.exit_status == 0);
    CHECK(test::printed_values(models.run({"./program"})) == models.expected());
  }
}

TEST_CASE("two models link whole for a Cortex-M and run there", "[qemu]") {
  if (!test::has_program("arm-none-eabi-gcc", "two models on a Cortex-M") ||
      !test::has_program("qemu-system-arm", "two models on a Cortex-M"))
    return;
  for (const auto& [core, machine] :
       {std::pair{cost::Core::kCortexM4, "mps2-an386"}, std::pair{cost::Core::kCortexM7, "mps2-an500"}}) {
    TwoModels models(test::compilers_for(core), core);
    models.add("start.c", kStart);
    for (const test::Words& inputs : {whole(models), models.objects("door") + models.objects("face")}) {
      const auto linked =
          models.link(models.main_object() + inputs +
                      test::Words{"-std=c11", "start.c", "--specs=rdimon.specs", "-nostartfiles",
                                  "-Wl,--section-start=.vectors=0,-Ttext=0x400,-Tdata=0x20000000"});
      INFO(linked.output);
      REQUIRE(linked.exit_status == 0);
      const auto output = models.run({"qemu-system-arm", "-M", machine, "-nographic", "-semihosting-config",
                                      "enable=on,target=native", "-kernel", "program"});
      CHECK(test::printed_values(output) == models.expected());
    }
  }
}

TEST_CASE("models of two versions are an error of the linker that names it", "[qemu]") {
  std::vector<test::Compilers> all = {{}};
  if (!find_program("arm-none-eabi-gcc").empty()) all.push_back(test::compilers_for(cost::Core::kCortexM4));
  for (const test::Compilers& compilers : all) {
    INFO(compilers.prefix);
    TwoModels models(compilers);
    models.rename_version("face");
    const test::Words specs = compilers.prefix.empty() ? test::Words{} : test::Words{"--specs=rdimon.specs"};
    const test::Words main = models.main_object();
    for (const test::Words& inputs : {whole(models), models.objects("door") + models.objects("face"),
                                      test::Words{models.archive("door"), models.archive("face")}}) {
      const auto linked = models.link(main + inputs + specs);
      CHECK(linked.exit_status != 0);
      CHECK_THAT(linked.output,
                 Contains("multiple definition of `tinynas_kernels_of_two_versions_or_cores_in_one_image'"));
    }
    // face's own files, but the kernels of door.
    const test::Words &door = models.objects("door"), &face = models.objects("face");
    const test::Words own = {face[0], face[1]};  // face.c, face_weights.c come first
    const test::Words archive = {models.archive("door")};
    for (const test::Words& kernels : {door, archive}) {
      const auto linked = models.link(main + own + kernels + specs);
      CHECK(linked.exit_status != 0);
      CHECK_THAT(linked.output, Contains("undefined reference to `tinynas_kernels_0_2_0_"));
    }
  }
}

TEST_CASE("the kernels' version symbol is that of tinynas") {
  std::string symbol = "tinynas_kernels_" + std::string(kVersion);
  std::replace(symbol.begin(), symbol.end(), '.', '_');
  const std::string header = read_file(find_resource("src/engine/c/tinynas_runtime.h"));
  for (const char* form : {"mve", "dsp", "portable"})
    CHECK_THAT(header, Contains("#define TN_KERNELS_VERSION " + symbol + "_" + form + "\n"));
}

TEST_CASE("models compiled for two forms of the kernels are an error of the linker", "[qemu]") {
  if (find_program("arm-none-eabi-gcc").empty()) {
    std::cout << "skipped: arm-none-eabi-gcc is not installed\n";
    return;
  }
  // Each would link with kernels that need more scratch than the other has.
  test::Compilers compilers = test::compilers_for(cost::Core::kCortexM4);
  TwoModels models(compilers);
  const test::Words door = models.objects("door");
  const auto linked = models.link(models.main_object() + door + models.objects("face", {"-DTN_PORTABLE"}) +
                                  test::Words{"--specs=rdimon.specs"});
  CHECK(linked.exit_status != 0);
  CHECK_THAT(linked.output,
             Contains("multiple definition of `tinynas_kernels_of_two_versions_or_cores_in_one_image'"));
}

TEST_CASE("a C++ program includes the header and links the model") {
  const test::Oracle oracle(86, 1);
  auto options = test::labelled_options("door", oracle);
  const test::TemporaryFolder folder;
  engine::write_firmware(test::generate(oracle, options), folder / "door");
  write_file(folder / "main.cpp", R"(#include "door.h"
#include <array>
#include <cstdint>
#include <cstdio>
int main() {
  static std::array<std::int8_t, DOOR_INPUT_HEIGHT * DOOR_ROW_BYTES> grey{};
  door_init();
  const std::int8_t *output = door_run(grey.data());
  for (int i = 0; i < DOOR_OUTPUT_BYTES; ++i) std::printf("%s: %d\n", door_labels[i], output[i]);
}
)");
  test::Words sources;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "door"))
    if (entry.path().extension() == ".c") sources.push_back(entry.path().string());
  sources.push_back((folder / "main.cpp").string());
  for (const test::Words& switches : {test::Words{}, test::Words{"-DDOOR_TRACE", "-DDOOR_PUSH_SAMPLES"}}) {
    const auto objects = test::compile(
        {}, sources, test::Words{"-Wpedantic", "-Wconversion", "-I" + (folder / "door").string()} + switches,
        folder / "objects");
    test::run_in(folder.path(), test::Words{"g++", "-o", "program"} + objects);
    CHECK(test::printed_values(test::run_in(folder.path(), {"./program"})) == test::grey_outputs(oracle));
  }
  CHECK_THAT(read_file(folder / "door/README.md"), Contains("The sources are C11, for a C compiler"));
}
