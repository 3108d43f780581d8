#include "import/row.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <sstream>
#include <utility>

#include "engine/host_build.h"
#include "tinynas/app/model.h"
#include "tinynas/core/error.h"
#include "tinynas/cost/engines.h"
#include "tinynas/cost/plan.h"
#include "tinynas/emulator/emulator.h"
#include "tinynas/engine/board.h"

namespace tinynas::bench {
namespace fs = std::filesystem;
namespace {

using Tell = std::function<void(const std::string& cell, const std::string& value)>;

/// "Quant: it rounds to 3 bits; SVDF, LSTM: ..." of the lines that name nodes.
std::string in_one_line(const std::string& refusal) {
  std::istringstream lines(refusal);
  std::vector<std::pair<std::string, std::string>> reasons;  // and the operators that share one
  std::string line, all;
  for (std::getline(lines, line); std::getline(lines, line);) {
    const auto node = line.find(" (node"), why = line.find("): ", node), instead = line.find("; instead: ");
    if (node == std::string::npos || why == std::string::npos) continue;
    const std::string reason =
        line.substr(why + 3, instead == std::string::npos ? instead : instead - why - 3);
    const std::string operation = line.substr(2, node - 2);
    const auto same = std::ranges::find(reasons, reason, &std::pair<std::string, std::string>::first);
    if (same == reasons.end())
      reasons.emplace_back(reason, operation);
    else
      same->second += ", " + operation;
  }
  for (const auto& [reason, operations] : reasons)
    all += fmt::format("{}{}: {}", all.empty() ? "" : "; ", operations, reason);
  return all.empty() ? refusal.substr(refusal.find(": ") + 2) : all;
}

/// A board that no budget binds, with a core's instructions.
engine::FirmwareOptions options_for(cost::Core core) {
  return {.name = "net", .device = {.name = "board", .core = core, .clock_hz = 1e8}, .source = "network"};
}

std::vector<engine::GeneratedFile> generate_for(cost::Core core, const ir::Graph& graph) {
  return engine::generate_firmware(graph, cost::plan(graph, {.isa = cost::core_info(core).isa}),
                                   options_for(core));
}

test::Images expected_of(const ir::Graph& graph, const test::Images& inputs) {
  test::Images expected;
  for (const auto& output : quant::run_all(quant::Int8Interpreter(graph), inputs))
    expected.push_back(test::in_planes(graph, output));
  return expected;
}

/// "equal", or how many bytes are not.
std::string compare(const test::Images& made, const test::Images& expected) {
  if (made == expected) return "equal";
  std::size_t bytes = 0, different = 0;
  for (std::size_t i = 0; i < std::min(made.size(), expected.size()); ++i)
    for (std::size_t k = 0; k < std::min(made[i].size(), expected[i].size()); ++k, ++bytes)
      different += made[i][k] != expected[i][k] ? 1 : 0;
  return fmt::format("{} of {} bytes differ", different, bytes);
}

/// Each input twice: rows pushed, then the whole input.
std::string on_host(const ir::Graph& graph, const test::Images& inputs, const fs::path& build) {
  test::HostProgram program(build);
  program.add("net", generate_for(cost::Core::kCortexM7, graph), inputs);
  program.build_and_run("gcc");
  test::Images twice;
  for (const auto& input : inputs) twice.insert(twice.end(), 2, input);
  return compare(program.outputs("net", at(ir::output_elements(graph))), expected_of(graph, twice));
}

std::string on_board(cost::Core core, const ir::Graph& graph, const test::Images& inputs,
                     const fs::path& scratch) {
  const cost::CoreInfo& info = cost::core_info(core);
  const engine::Board& board = engine::board_for(core);
  const cost::Schedule schedule = cost::plan(graph, {.isa = info.isa});
  const cost::Footprint needs = cost::footprint(graph, schedule, options_for(core).device);
  const Bytes ram = needs.sram_bytes + ir::input_elements(graph);  // the test program holds an input
  if (needs.flash_bytes > board.code_bytes)
    return fmt::format("too large: {} bytes of code", needs.flash_bytes);
  if (ram > board.ram_bytes) return fmt::format("too large: {} bytes of RAM", ram);
  const test::TemporaryFolder folder;
  engine::write_firmware(engine::generate_firmware(graph, schedule, options_for(core)), folder.path());
  const emulator::EmulateOptions options{.name = "net",
                                         .core = core,
                                         .image_rows = graph.tensor(graph.input).h,
                                         .image_bytes = ir::input_elements(graph),
                                         .output_bytes = ir::output_elements(graph)};
  const emulator::Emulation made =
      emulator::emulate(folder.path(), options, inputs, scratch / std::string(info.name), {}, {});
  return compare(made.outputs, expected_of(graph, inputs));
}

/// What `work` returns, or the first line of its error.
std::string cell(const std::function<std::string()>& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    const std::string what = error.what();
    return "failed: " + what.substr(0, what.find('\n'));
  }
}

void tell_costs(const ir::Graph& graph, const cost::Footprint& costs, const cost::Device& device,
                const Tell& tell) {
  tell("macs", std::to_string(costs.macs));
  tell("sram", std::to_string(costs.sram_bytes));
  tell("flash", std::to_string(costs.flash_bytes));
  tell("ms", fmt::format("{:.1f}", costs.latency_ms));
  for (const cost::Engine engine : {cost::Engine::kTinyEngine, cost::Engine::kTfliteMicro})
    tell(std::string(cost::engine_name(engine)),
         cell([&] { return std::to_string(cost::BaselineEvaluator(device, engine)(graph).sram_bytes); }));
}

/// The import, timed, as `tinynas compile` does it; nothing if the file is refused.
std::optional<ir::Graph> import_to_c(const fs::path& file, const Settings& settings, const Tell& tell) {
  const auto start = std::chrono::steady_clock::now();
  app::Model model;
  try {
    model = app::read_model(file, {}, app::Uncalibrated::kCosted);
  } catch (const UnsupportedError& error) {
    tell("refused", in_one_line(error.what()));
    return {};
  }
  const test::TemporaryFolder folder;
  tell("read", model.in_float ? "float" : "int8");
  const report::Profile made = app::compile_model(model, folder.path(), {.device = settings.device});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  tell("seconds", fmt::format("{:.2f}", seconds.count()));
  tell("peak_mb", fmt::format("{:.0f}", static_cast<double>(used.ru_maxrss) * 1024 / 1e6));
  tell_costs(made.graph, made.footprint, settings.device, tell);
  return made.graph;
}

void work_on(const fs::path& file, const Settings& settings, const Tell& tell) {
  try {
    const auto graph = import_to_c(file, settings, tell);
    if (!graph) return;
    const test::Images inputs = test::random_images(*graph, Rng(7), settings.inputs);
    tell("host", cell([&] { return on_host(*graph, inputs, settings.scratch / "host"); }));
    for (const cost::Core core : settings.cores)
      tell(std::string(cost::core_info(core).name),
           cell([&] { return on_board(core, *graph, inputs, settings.scratch); }));
  } catch (const std::exception& error) {
    const std::string what = error.what();
    tell("died", what.substr(0, what.find('\n')));
  }
}

/// Lines "cell value".
Row read_row(std::FILE* from) {
  std::string text;
  for (int c = std::fgetc(from); c != EOF; c = std::fgetc(from)) text += static_cast<char>(c);
  std::istringstream lines(text);
  Row row;
  for (std::string line; std::getline(lines, line);) {
    const auto space = line.find(' ');
    row[line.substr(0, space)] = line.substr(space + 1);
  }
  return row;
}

}  // namespace

Row measure(const fs::path& file, const Settings& settings) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw IoError("cannot make a pipe");
  const pid_t child = fork();
  if (child < 0) throw IoError("cannot start a process");
  if (child == 0) {
    close(ends[0]);
    std::FILE* const out = fdopen(ends[1], "w");
    work_on(file, settings, [out](const std::string& name, const std::string& value) {
      fmt::print(out, "{} {}\n", name, value);
      std::fflush(out);
    });
    _exit(0);
  }
  close(ends[1]);
  std::FILE* const in = fdopen(ends[0], "r");
  Row row = read_row(in);
  std::fclose(in);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) row["died"] = fmt::format("signal {}", WTERMSIG(status));
  return row;
}

}  // namespace tinynas::bench
