#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>

#include "support/catch.h"
#include "support/fixtures.h"
#include "support/random_layers.h"
#include "tinynas/core/files.h"
#include "tinynas/cost/kernels.h"

namespace tinynas::test {
namespace {

using Sizes = std::map<std::string, Bytes>;

/// Bytes of each section of functions in a C file, compiled for Cortex-M4.
Sizes function_bytes(const std::string& source, const std::filesystem::path& folder) {
  write_file(folder / "unrolled.c", source);
  const std::string object = (folder / "unrolled.o").string(), listing = (folder / "sizes.txt").string();
  REQUIRE(std::system(("arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -O2 -I " TINYNAS_SOURCE_TREE
                       "/src/engine/c -c " +
                       (folder / "unrolled.c").string() + " -o " + object)
                          .c_str()) == 0);
  REQUIRE(std::system(("arm-none-eabi-size -A " + object + " > " + listing).c_str()) == 0);
  Sizes sizes;
  std::istringstream lines(read_file(listing));
  const std::string prefix = ".text.";
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string section;
    Bytes bytes = 0;
    if (words >> section >> bytes && section.starts_with(prefix))
      sizes[section.substr(prefix.size())] = bytes;
  }
  return sizes;
}

/// The code for the sizes of the last layer on DSP cores.
std::optional<cost::UnrolledCode> unrolled_code(const ir::Graph& graph) {
  const ir::Layer& layer = graph.layers.back();
  return cost::kernel_for(graph, layer).unrolled(graph, layer, cost::KernelIsa::kDsp);
}

}  // namespace

TEST_CASE("the register knows the bytes of unrolled code exactly", "[qemu]") {
  if (std::system("command -v arm-none-eabi-gcc > /dev/null") != 0) {
    std::cout << "skipped: arm-none-eabi-gcc is not installed\n";
    return;
  }
  std::string source;
  Sizes expected;
  for (const LayerKind kind :
       {LayerKind::kConvInput, LayerKind::kDepthwise, LayerKind::kAdd, LayerKind::kGlobalPool})
    for (std::uint64_t i = 0; i < 200; ++i) {
      const LayerCase c = random_layer(kind, Rng(60).fork("shape", static_cast<std::uint64_t>(kind), i));
      const auto code = unrolled_code(c.graph);
      if (!code) continue;
      const auto unrolled = engine::pack_layer(c.graph, c.index(), cost::KernelIsa::kDsp).unrolled.value();
      const std::size_t open = unrolled.value.find('(');  // TN_UNROLLED(name)
      const std::string name = unrolled.value.substr(open + 1, unrolled.value.size() - open - 2);
      if (expected.emplace(name, code->bytes()).second)
        source += fmt::format("#include \"{}\"\n{}\n", unrolled.header, unrolled.definition);
    }
  CHECK(expected.size() > 100);
  const TemporaryFolder folder;
  CHECK(function_bytes(source, folder.path()) == expected);
}

TEST_CASE("a depthwise layer whose biases leave 24 bits is one for the kernel that holds any") {
  ir::Layer layer{.op = ir::OpKind::kDepthwiseConv2d};
  layer.kernel_h = layer.kernel_w = 5;
  layer.pad_top = layer.pad_left = layer.pad_bottom = layer.pad_right = 2;
  ir::Graph graph = layer_case(layer, {6, 9, 3}, 3, Rng(1)).graph;
  const auto kernel = [&](std::int32_t bias) {
    graph.quant->layers.back().bias = {0, bias, 0};
    const bool unrolled = unrolled_code(graph).has_value();
    return fmt::format("{}{}", cost::kernel_for(graph, graph.layers.back()).name,
                       unrolled ? ", unrolled" : "");
  };
  CHECK(kernel(-(1 << 23)) == "tn_depthwise_5x5, unrolled");
  CHECK(kernel((1 << 23) - 1) == "tn_depthwise_5x5, unrolled");
  CHECK(kernel(1 << 23) == "tn_depthwise");
  CHECK(kernel(-(1 << 23) - 1) == "tn_depthwise");
}

}  // namespace tinynas::test
