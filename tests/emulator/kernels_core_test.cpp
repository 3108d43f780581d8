#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <span>

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

/// One firmware holds so many layers: to compile the kernels once more costs more than to run them.
constexpr std::size_t kLayersPerProgram = 500;

struct Draw {
  LayerKind kind;
  int shape;
};

/// Which of the layers a core computes wrongly, or nothing.
std::string faults(std::span<const Draw> draws, const cost::CoreInfo& core) {
  KernelProgram program(core.isa);
  std::vector<LayerCase> cases;
  const Rng rng(40);
  for (const Draw& draw : draws) {
    cases.push_back(random_layer(draw.kind, rng.fork("core", static_cast<std::uint64_t>(draw.kind),
                                                     static_cast<std::uint64_t>(draw.shape))));
    program.add(cases.back());
  }
  const TemporaryFolder folder;
  const auto results = program.run(core.core, folder.path());
  std::string wrong;
  for (std::size_t i = 0; i < cases.size(); ++i)
    if (results[i].wrong_bytes != 0)
      wrong += fmt::format("{}, kind {}, shape {}\n{}", core.name, static_cast<int>(draws[i].kind),
                           draws[i].shape, ir::dump(cases[i].graph));
  return wrong;
}

/// Every kind of layer on every core, as many programs at a time as there are processors.
void check_kernels(int shapes) {
  for (const char* program :
       {"arm-none-eabi-gcc", "qemu-system-arm", "riscv64-unknown-elf-gcc", "qemu-system-riscv32"})
    if (!have(program)) return;
  std::vector<Draw> draws;
  for (int kind = 0; kind < static_cast<int>(LayerKind::kCount); ++kind)
    for (int shape = 0; shape < shapes; ++shape) draws.push_back({static_cast<LayerKind>(kind), shape});
  const std::size_t parts = (draws.size() + kLayersPerProgram - 1) / kLayersPerProgram;
  std::vector<std::string> wrong(cost::kCores.size() * parts);
  parallel_for_index(wrong.size(), [&](std::size_t i) {
    const auto from = std::span<const Draw>(draws).subspan(i % parts * kLayersPerProgram);
    wrong[i] = faults(from.first(std::min(from.size(), kLayersPerProgram)), cost::kCores[i / parts]);
  });
  for (const std::string& one : wrong) CHECK(one == "");
}

}  // namespace

TEST_CASE("every kernel on every core equals the interpreter on 500 random shapes", "[qemu][slow]") {
  check_kernels(500);
}

TEST_CASE("every kernel on every core equals the interpreter", "[qemu]") { check_kernels(16); }

TEST_CASE("the register's code bytes are what the compiler makes", "[qemu]") {
  if (!have("arm-none-eabi-gcc") || !have("riscv64-unknown-elf-gcc") || !have("python3")) return;
  CHECK(std::system("python3 " TINYNAS_SOURCE_TREE "/benchmarks/mcu/code_bytes.py --check") == 0);
  CHECK(std::system("python3 " TINYNAS_SOURCE_TREE "/benchmarks/mcu/stack_bytes.py --check") == 0);
}

}  // namespace tinynas::test
