// Networks of other people: read, costed, written as C, and computed on the host and on emulated boards.
#include <fmt/format.h>

#include <algorithm>

#include "benchmark.h"
#include "import/large.h"
#include "import/row.h"
#include "support/fixtures.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

using namespace tinynas;
namespace fs = std::filesystem;

namespace {

struct Options {
  std::vector<std::string> files = {}, cores = {"cortex-m4", "cortex-m55"};
  std::string device = "stm32f746";
  int inputs = 2;
  bool no_emulator = false, large = false;
};

/// SRAM of tensors and scratch in other engines, measured in the emulator of bench_mcu_networks: CMSIS-NN
/// 99f736a6, TinyEngine 47bb283, TFLite Micro 90b983c2b.
struct Measured {
  std::string_view file, engine;
  double sram;
};
constexpr Measured kMeasured[] = {
    {"mcunet-vww1.tflite", "tflite-micro", 219'808},
    {"mcunet-vww1.tflite", "tinyengine", 93'992},
    {"mlperf-kws_int8.tflite", "tflite-micro", 22'820},
    {"mlperf-resnet8-int8.tflite", "tflite-micro", 54'996},
    {"mlperf-vww_96_int8.tflite", "tflite-micro", 100'708},
};
constexpr std::string_view kBesideOthers[] = {"mcunet-vww1.tflite", "mlperf-ad01_int8.tflite",
                                              "mlperf-kws_int8.tflite", "mlperf-resnet8-int8.tflite",
                                              "mlperf-vww_96_int8.tflite"};

std::vector<fs::path> files_of(const Options& options) {
  std::vector<fs::path> files;
  for (const fs::path given : options.files) {
    if (!fs::exists(given)) throw IoError(given.string() + ": there is no such file or folder");
    if (!fs::is_directory(given)) {
      files.push_back(given);
      continue;
    }
    std::vector<fs::path> in_folder;
    for (const auto& entry : fs::directory_iterator(given))
      if (entry.path().extension() == ".tflite" || entry.path().extension() == ".onnx")
        in_folder.push_back(entry.path());
    std::ranges::sort(in_folder);
    files.insert(files.end(), in_folder.begin(), in_folder.end());
  }
  return files;
}

std::string cell(const bench::Row& row, const std::string& name) {
  const auto found = row.find(name);
  return found == row.end() ? "-" : found->second;
}

struct Named {
  std::string name;
  bench::Row row;
};

/// 1234567 as 1,234,567.
std::string grouped(std::string digits) {
  for (auto at = static_cast<int>(digits.size()) - 3; at > 0 && digits.find('-') == std::string::npos;
       at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

void print_head(const std::vector<std::string>& cores) {
  fmt::print("| network | read | s | MB | MACs | SRAM | Flash | ms | host |");
  for (const std::string& core : cores) fmt::print(" {} |", core);
  fmt::print("\n|---|---|---|---|---|---|---|---|---|");
  for (std::size_t i = 0; i < cores.size(); ++i) fmt::print("---|");
  fmt::print("\n");
}

void print_row(const Named& one, const std::vector<std::string>& cores) {
  const bench::Row& row = one.row;
  fmt::print("| {} | {} | {} | {} | {} | {} | {} | {} | {} |", one.name, cell(row, "read"),
             cell(row, "seconds"), cell(row, "peak_mb"), grouped(cell(row, "macs")),
             grouped(cell(row, "sram")), grouped(cell(row, "flash")), cell(row, "ms"),
             cell(row, row.contains("died") ? "died" : "host"));
  for (const std::string& core : cores) fmt::print(" {} |", cell(row, core));
  fmt::print("\n");
  std::fflush(stdout);
}

template <typename Rule>
auto count(const std::vector<Named>& all, const Rule& rule) {
  return std::ranges::count_if(all, [&](const Named& one) { return rule(one.row); });
}

void print_counts(const std::vector<Named>& all, const std::vector<std::string>& cores) {
  const auto is = [&](const std::string& name, const std::string& value) {
    return count(all, [&](const bench::Row& row) { return cell(row, name).starts_with(value); });
  };
  const auto int8 = is("read", "int8"), in_float = is("read", "float");
  fmt::print(
      "\n{} files: {} read ({} in int8, {} in float), {} refused, {} failed. C equal to the interpreter: "
      "host {}",
      all.size(), int8 + in_float, int8, in_float,
      count(all, [](const bench::Row& row) { return row.contains("refused"); }),
      count(all, [](const bench::Row& row) { return row.contains("died"); }), is("host", "equal"));
  for (const std::string& core : cores)
    fmt::print(", {} {} ({} too large for its board)", core, is(core, "equal"), is(core, "too large"));
  fmt::print(".\n");
}

void print_beside_others(const std::vector<Named>& all) {
  bool first = true;
  const auto print = [&](const Named& one, std::string_view engine, std::string_view how, double theirs) {
    if (first)
      fmt::print(
          "\nSRAM beside other engines\n\n| network | engine | its SRAM | tinynas, rows pushed | share |\n"
          "|---|---|---|---|---|\n");
    first = false;
    const double ours = std::stod(cell(one.row, "sram"));
    fmt::print("| {} | {}, {} | {} | {} | {:.2f} |\n", one.name, engine, how,
               grouped(fmt::format("{:.0f}", theirs)), grouped(cell(one.row, "sram")), ours / theirs);
  };
  for (const Named& one : all) {
    if (std::ranges::find(kBesideOthers, one.name) == std::end(kBesideOthers)) continue;
    if (!one.row.contains("sram")) continue;
    for (const Measured& other : kMeasured)
      if (other.file == one.name) print(one, other.engine, "measured", other.sram);
    for (const std::string engine : {"tflite-micro", "tinyengine"})
      if (const std::string theirs = cell(one.row, engine);
          theirs.find_first_not_of("0123456789") == std::string::npos)
        print(one, engine, "modelled", std::stod(theirs));
  }
}

void compare(const Options& options) {
  const test::TemporaryFolder scratch;
  bench::Settings settings{.device = cost::load_device(options.device, "--device"),
                           .inputs = options.inputs,
                           .scratch = scratch.path()};
  const std::vector<std::string> cores = options.no_emulator ? std::vector<std::string>{} : options.cores;
  for (const std::string& core : cores) settings.cores.push_back(cost::parse_core(core, "--core"));
  std::vector<fs::path> files = files_of(options);
  if (options.large) {
    files.push_back(scratch / "3-MB-of-convolutions.tflite");
    write_file(files.back(), bench::large_tflite());
  }
  if (files.empty()) throw ConfigError("nothing to read: name .tflite or .onnx files, or a folder of them");
  std::vector<Named> read, refused;
  for (const fs::path& file : files) {
    fmt::print(stderr, "{} of {}: {}\n", read.size() + refused.size() + 1, files.size(), file.string());
    Named one{file.filename().string(), bench::measure(file, settings)};
    if (one.row.contains("refused")) {
      refused.push_back(std::move(one));
      continue;
    }
    if (read.empty()) print_head(cores);
    print_row(one, cores);
    read.push_back(std::move(one));
  }
  if (!refused.empty()) fmt::print("\nRefused:\n\n");
  for (const Named& one : refused) fmt::print("- {}: {}\n", one.name, one.row.at("refused"));
  print_beside_others(read);
  read.insert(read.end(), refused.begin(), refused.end());
  print_counts(read, cores);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{
      "Networks of other people, each in a process of its own: read and written as C (seconds, and peak "
      "memory "
      "of the process), SRAM, Flash and latency on a device, and whether the C computes what the interpreter "
      "does, bit for bit on random inputs, on this computer under sanitizers and on emulated boards. "
      "Networks "
      "in float are quantized on 4 random inputs first. Prints tables in Markdown.",
      "bench_import_networks"};
  app.add_option("files", options.files, ".tflite or .onnx files, or folders of them");
  app.add_option("--core", options.cores, "whose boards are emulated")->capture_default_str();
  app.add_option("--device", options.device, "for SRAM, Flash and latency")->capture_default_str();
  app.add_option("--inputs", options.inputs, "random inputs for each network; calls in order if it streams")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_flag("--no-emulator", options.no_emulator, "on this computer alone");
  app.add_flag("--large", options.large, "a file of 3 MB as well, which is made for it");
  app.footer(
      "Needs gcc, and the cores' compilers and emulators.\nExample:\n  bench_import_networks models "
      "--no-emulator");
  return bench::run(app, argc, argv, [&] { compare(options); });
}
