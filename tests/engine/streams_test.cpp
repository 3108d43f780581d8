// Streaming networks: generated C keeps rows from call to call as the interpreter does.
#include <fmt/format.h>

#include "engine/host_build.h"
#include "support/catch.h"
#include "support/streaming_graphs.h"
#include "tinynas/cost/plan.h"
#include "tinynas/quant/interpreter.h"

using namespace tinynas;
using test::Images;

namespace {

constexpr int kCalls = 40;

std::vector<engine::GeneratedFile> streaming_firmware(const ir::Graph& graph, const std::string& name,
                                                      cost::InputMode input, const Images& self_test = {}) {
  const cost::Schedule schedule = cost::plan(graph, {.input = input, .isa = cost::KernelIsa::kDsp});
  engine::FirmwareOptions options = test::firmware_options(name);
  options.self_test = {.images = self_test, .source = "noise of a test"};
  return engine::generate_firmware(graph, schedule, options);
}

}  // namespace

TEST_CASE("generated C of streaming networks equals the interpreter call by call") {
  struct Case {
    std::string name;
    Images expected;
  };
  test::HostProgram program;
  std::vector<Case> cases;
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const cost::InputMode input : {cost::InputMode::kRows, cost::InputMode::kFrame}) {
      const Rng rng(seed);
      const ir::Graph graph = test::quantized_streaming_network(rng.fork("graph"));
      const Images calls = test::random_calls(graph, rng.fork("calls"), kCalls);
      Images twice;  // the program gives every call twice: row by row, then at once
      for (const auto& call : calls) twice.insert(twice.end(), 2, call);
      const std::string name = fmt::format("net{}_{}", seed, cost::input_mode_name(input));
      program.add(name, streaming_firmware(graph, name, input), calls);
      cases.push_back({name, quant::run_all(quant::Int8Interpreter(graph), twice)});
    }
  program.build_and_run("gcc");
  for (const Case& expected : cases) {
    INFO(expected.name);
    CHECK(program.outputs(expected.name, 2) == expected.expected);
  }
}

TEST_CASE("a reset forgets earlier calls and half a call, and the self-test begins with one") {
  const Rng rng(7);
  const ir::Graph graph = test::quantized_streaming_network(rng.fork("graph"));
  const Images calls = test::random_calls(graph, rng.fork("calls"), 6);
  test::HostProgram program;
  program.add("net", streaming_firmware(graph, "net", cost::InputMode::kRows, calls), calls);
  program.build_and_run("gcc", {"-DNET_TRACE"}, R"(#include <string.h>
#include "net.h"
#include "net_self_test.h"
#include "net_vectors.h"
_Static_assert(NET_IS_STREAMING, "it streams");
int main(void) {
  net_init();
  if (!net_self_test(NULL)) return 1;
  const int8_t *const rows = net_vectors_inputs[0];
  for (int call = 0; call < 3; ++call) net_run(rows);
  if (memcmp(net_output(), net_vectors_outputs[0], NET_OUTPUT_BYTES) == 0) return 2; /* it remembers */
  net_push_row(rows);
  net_reset();
  if (memcmp(net_run(rows), net_vectors_outputs[0], NET_OUTPUT_BYTES) != 0) return 3;
  net_run(rows);
  if (!net_self_test(NULL)) return 4;
  return memcmp(net_run(rows), net_vectors_outputs[0], NET_OUTPUT_BYTES) == 0 ? 0 : 5;
}
)");
}

TEST_CASE("a folder says that its network streams, and how it is fed") {
  const ir::Graph graph = test::quantized_streaming_network(Rng(8));
  for (const engine::GeneratedFile& file : streaming_firmware(graph, "net", cost::InputMode::kRows)) {
    using Catch::Matchers::Contains;
    if (file.path == "net.h") CHECK_THAT(file.text, Contains("#define NET_IS_STREAMING 1"));
    if (file.path == "net.h") CHECK_THAT(file.text, Contains("void net_reset(void);"));
    if (file.path == "README.md") CHECK_THAT(file.text, Contains("every 3 rows give an output"));
    if (file.path == "examples/image.c") CHECK_THAT(file.text, Contains("until the file\n * ends"));
  }
}
