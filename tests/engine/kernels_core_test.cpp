#include <cstdlib>
#include <iostream>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/kernel_program.h"
#include "support/random_layers.h"

namespace tinynas::test {
namespace {

bool have(const std::string& program) {
  if (std::system(("command -v " + program + " > /dev/null").c_str()) == 0) return true;
  std::cout << "skipped: " << program << " is not installed\n";
  return false;
}

void check_kind_on(LayerKind kind, const cost::CoreInfo& core, int shapes) {
  KernelProgram program(core.isa);
  std::vector<LayerCase> cases;
  const Rng rng(40);
  for (int i = 0; i < shapes; ++i) {
    cases.push_back(random_layer(
        kind, rng.fork("core", static_cast<std::uint64_t>(kind), static_cast<std::uint64_t>(i))));
    program.add(cases.back());
  }
  const TemporaryFolder folder;
  const auto results = program.run(core.core, folder.path());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(core.name << ", kind " << static_cast<int>(kind) << ", shape " << i << "\n"
                   << ir::dump(cases[i].graph));
    REQUIRE(results[i].wrong_bytes == 0);
  }
}

}  // namespace

TEST_CASE("every kernel on every core equals the interpreter on 500 random shapes", "[qemu]") {
  if (!have("arm-none-eabi-gcc") || !have("qemu-system-arm")) return;
  for (const cost::CoreInfo& core : cost::kCores) DYNAMIC_SECTION(core.name) {
      for (int kind = 0; kind < static_cast<int>(LayerKind::kCount); ++kind)
        check_kind_on(static_cast<LayerKind>(kind), core, 500);
    }
}

TEST_CASE("the register's code bytes are what the compiler makes", "[qemu]") {
  if (!have("arm-none-eabi-gcc") || !have("python3")) return;
  CHECK(std::system("python3 " TINYNAS_SOURCE_TREE "/benchmarks/mcu/code_bytes.py --check") == 0);
}

}  // namespace tinynas::test
