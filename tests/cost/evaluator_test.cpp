#include <atomic>
#include <cstdlib>
#include <new>

#include "random_graphs.h"
#include "support/catch.h"
#include "tinynas/cost/evaluator.h"
#include "tinynas/cost/footprint.h"
#include "tinynas/cost/plan.h"

using namespace tinynas;
using namespace tinynas::cost;
using tinynas::test::RandomGraph;

namespace {

std::atomic<long> allocations = 0;

/// 1x1 convolutions from one number of channels to the next, nearly every one unlike all others.
ir::Graph random_chain(int layers, Rng& rng) {
  ir::Graph graph;
  graph.tensors.push_back({.h = 6, .w = 6, .c = rng.between(1, 3000)});
  for (int l = 0; l < layers; ++l) {
    graph.tensors.push_back({.h = 6, .w = 6, .c = rng.between(1, 3000)});
    graph.layers.push_back({.inputs = {l, -1}, .output = l + 1});
  }
  graph.output = layers;
  return graph;
}

Footprint worked_out(const ir::Graph& graph, const Device& device) {
  Footprint expected = footprint(graph, plan(graph, {.isa = core_info(device.core).isa}), device);
  expected.activation_bytes = expected.scratch_bytes = 0;
  return expected;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("an evaluator that has met more layers than it remembers says the same") {
  const Device device = load_device("stm32f746", "test");
  Evaluator evaluate(device, InputMode::kRows);
  Rng rng(1);
  const ir::Graph first = random_chain(60, rng);
  const Footprint expected = evaluate(first);
  for (int i = 0; i < 300; ++i) {  // 18,000 layers
    const ir::Graph graph = random_chain(60, rng);
    const Footprint found = evaluate(graph);
    if (i % 10 == 0) CHECK(found == worked_out(graph, device));
  }
  CHECK(evaluate(first) == expected);
  CHECK(expected == worked_out(first, device));
}

TEST_CASE("layers alike but for one number are not mistaken for each other") {
  const Device device = load_device("stm32f746", "test");
  Evaluator evaluate(device, InputMode::kRows);
  ir::Graph graph;
  graph.tensors = {{16, 16, 3}, {16, 16, 8}, {14, 14, 8}};
  graph.layers = {{.inputs = {0, -1}, .output = 1},
                  {.kernel_h = 3, .kernel_w = 3, .inputs = {1, -1}, .output = 2}};
  graph.output = 2;
  const ir::Graph plain = graph;
  const auto check = [&](auto change) {
    graph = plain;
    change(graph.layers[1], graph.tensors[2]);
    CHECK(evaluate(plain) == worked_out(plain, device));
    CHECK(evaluate(graph) == worked_out(graph, device));
  };
  check([](ir::Layer&, ir::Shape& out) { out.c = 16; });
  check([](ir::Layer& layer, ir::Shape& out) { layer.stride_h = 2, out.h = 7; });
  check([](ir::Layer& layer, ir::Shape& out) { layer.stride_w = 2, out.w = 7; });
  check([](ir::Layer& layer, ir::Shape& out) { layer.kernel_h = 1, out.h = 16; });
  check([](ir::Layer& layer, ir::Shape& out) { layer.kernel_w = 1, out.w = 16; });
  check([](ir::Layer& layer, ir::Shape& out) { layer.pad_top = 1, out.h = 15; });
  check([](ir::Layer& layer, ir::Shape& out) { layer.pad_right = 1, out.w = 15; });
  check([](ir::Layer& layer, ir::Shape&) { layer.op = ir::OpKind::kDepthwiseConv2d; });
  check([](ir::Layer& layer, ir::Shape&) { layer.op = ir::OpKind::kMaxPool; });
}

TEST_CASE("an evaluator allocates nothing once it knows the layers of a space") {
  std::vector<ir::Graph> graphs;
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    graphs.push_back(RandomGraph(Rng(seed)).network(10, seed % 4 == 0));
  for (const InputMode input : {InputMode::kRows, InputMode::kFrame}) {
    Evaluator evaluate(load_device("stm32f746", "test"), input);
    const auto allocations_of_a_round = [&] {
      const long before = allocations;
      for (const ir::Graph& graph : graphs) (void)evaluate(graph);
      return allocations - before;
    };
    CHECK(allocations_of_a_round() > 0);  // they are counted
    CHECK(allocations_of_a_round() == 0);
  }
}
