#include <cstdlib>
#include <iostream>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/kernel_program.h"
#include "support/random_layers.h"
#include "tinynas/core/parallel.h"

namespace tinynas::test {
namespace {

bool have(const std::string& program) {
  if (std::system(("command -v " + program + " > /dev/null").c_str()) == 0) return true;
  std::cout << "skipped: " << program << " is not installed\n";
  return false;
}

/// What is wrong with a kind of layer on a core, or nothing.
std::string faults(LayerKind kind, const cost::CoreInfo& core, int shapes) {
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
  std::string wrong;
  for (std::size_t i = 0; i < cases.size(); ++i)
    if (results[i].wrong_bytes != 0)
      wrong += std::string(core.name) + ", kind " + std::to_string(static_cast<int>(kind)) + ", shape " +
               std::to_string(i) + "\n" + ir::dump(cases[i].graph);
  return wrong;
}

/// Every kind of layer on every core, as many programs at a time as there are processors.
void check_kernels(int shapes) {
  if (!have("arm-none-eabi-gcc") || !have("qemu-system-arm")) return;
  constexpr auto kKinds = static_cast<std::size_t>(LayerKind::kCount);
  std::vector<std::string> wrong(cost::kCores.size() * kKinds);
  parallel_for_index(wrong.size(), [&](std::size_t i) {
    wrong[i] = faults(static_cast<LayerKind>(i % kKinds), cost::kCores[i / kKinds], shapes);
  });
  for (const std::string& one : wrong) CHECK(one == "");
}

}  // namespace

TEST_CASE("every kernel on every core equals the interpreter on 500 random shapes", "[qemu][slow]") {
  check_kernels(500);
}

TEST_CASE("every kernel on every core equals the interpreter", "[qemu]") { check_kernels(16); }

TEST_CASE("the register's code bytes are what the compiler makes", "[qemu]") {
  if (!have("arm-none-eabi-gcc") || !have("python3")) return;
  CHECK(std::system("python3 " TINYNAS_SOURCE_TREE "/benchmarks/mcu/code_bytes.py --check") == 0);
}

}  // namespace tinynas::test
