#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "emulator/build.h"
#include "tinynas/core/error.h"
#include "tinynas/core/files.h"
#include "tinynas/core/index.h"
#include "tinynas/core/process.h"
#include "tinynas/emulator/emulator.h"

namespace tinynas::emulator {
namespace fs = std::filesystem;
namespace {

void check_sizes(const std::vector<std::vector<std::int8_t>>& images, Bytes image_bytes) {
  for (const auto& image : images)
    if (static_cast<Bytes>(image.size()) != image_bytes)
      throw ConfigError(
          fmt::format("emulate: an image has {} bytes, the network takes {}", image.size(), image_bytes));
}

/// images.bin as emulate.c reads it: their number, then the images.
std::string pack_images(const std::vector<std::vector<std::int8_t>>& images) {
  const auto count = static_cast<std::uint32_t>(images.size());
  std::string bytes(sizeof count, '\0');
  std::memcpy(bytes.data(), &count, sizeof count);  // both machines are little-endian
  for (const auto& image : images) bytes.append(reinterpret_cast<const char*>(image.data()), image.size());
  return bytes;
}

/// What emulate.c writes after the images.
struct Seen {
  std::uint32_t stack_bytes, guard_below, guard_above, arena_unused;
};

/// Reads values one after another from a file's bytes.
class ByteReader {
 public:
  explicit ByteReader(std::string bytes) : bytes_(std::move(bytes)) {}
  void read(void* to, std::size_t count) {
    if (at_ + count > bytes_.size()) throw IoError("emulate: results.bin is shorter than expected");
    std::memcpy(to, bytes_.data() + at_, count);
    at_ += count;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

Emulation read_results(std::string bytes, std::size_t images, Bytes output_bytes,
                       double instructions_per_tick) {
  ByteReader reader(std::move(bytes));
  Emulation emulation;
  std::uint64_t ticks = 0;
  for (std::size_t i = 0; i < images; ++i) {
    std::vector<std::int8_t> output(at(output_bytes));
    std::uint64_t image_ticks = 0;
    reader.read(output.data(), output.size());
    reader.read(&image_ticks, sizeof image_ticks);
    ticks += image_ticks;
    emulation.outputs.push_back(std::move(output));
  }
  Seen seen{};
  reader.read(&seen, sizeof seen);
  TINYNAS_CHECK(seen.guard_below == 0 && seen.guard_above == 0, "the firmware wrote outside its arena");
  emulation.stack_bytes = seen.stack_bytes;
  emulation.arena_unused_bytes = seen.arena_unused;
  const double mean_ticks =
      static_cast<double>(ticks) / static_cast<double>(std::max<std::size_t>(images, 1));
  emulation.instructions = static_cast<std::int64_t>(mean_ticks * instructions_per_tick + 0.5);
  return emulation;
}

}  // namespace

std::string run_on_board(const BuiltFirmware& firmware, cost::Core core,
                         const std::vector<std::vector<std::int8_t>>& images, const EmulatorRun& run) {
  const std::string qemu = require_emulator(core);
  const engine::Board& board = engine::board_for(core);
  write_file(run.folder / "images.bin", pack_images(images));
  std::vector<std::string> command = {qemu,
                                      "-M",
                                      std::string(board.machine),
                                      "-display",
                                      "none",
                                      "-monitor",
                                      "none",
                                      "-serial",
                                      "none",
                                      "-semihosting-config",
                                      "enable=on,target=native",
                                      "-icount",
                                      "shift=0",
                                      "-kernel",
                                      firmware.elf.string()};
  const std::vector<std::string>& options = engine::emulator_for(core).options;
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), run.extra_arguments.begin(), run.extra_arguments.end());
  const ProcessResult result =
      run_process(command, {.folder = run.folder, .on_output = run.on_output, .stop = run.stop});
  if (result.exit_status != 0) {
    const std::size_t words = std::min(result.output.find_first_not_of('.'), result.output.size());
    throw IoError(fmt::format("{} -M {} ended with status {}: {}", qemu, board.machine, result.exit_status,
                              result.output.substr(words)));
  }
  return read_file(run.folder / "results.bin");
}

Emulation emulate(const fs::path& folder, const EmulateOptions& options,
                  const std::vector<std::vector<std::int8_t>>& images, const fs::path& build_folder,
                  const ProgressFn& progress, const StopToken& stop) {
  require_emulator(options.core);
  check_sizes(images, options.image_bytes);
  const BuiltFirmware firmware = build_for_board(folder, options.name, options.core, build_folder);

  double done = 0;
  const auto count_dots = [&](std::string_view text) {
    done += static_cast<double>(std::count(text.begin(), text.end(), '.'));
    if (progress)
      progress({.done = done, .total = static_cast<double>(images.size()), .note = "images emulated"});
  };
  std::string results =
      run_on_board(firmware, options.core, images,
                   {.folder = fs::absolute(build_folder), .on_output = count_dots, .stop = stop});
  Emulation emulation = read_results(std::move(results), images.size(), options.output_bytes,
                                     engine::board_for(options.core).instructions_per_tick);
  emulation.sizes = firmware.sizes;
  if (options.count_steps && !images.empty())
    emulation.steps = count_step_instructions(folder, options, images[0], build_folder / "steps", stop);
  return emulation;
}

}  // namespace tinynas::emulator
