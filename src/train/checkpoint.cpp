#include "tinynas/train/checkpoint.h"

#include <fmt/format.h>

#include <sstream>

#include "tinynas/core/error.h"
#include "tinynas/core/files.h"

namespace tinynas::train {

void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  torch::serialize::OutputArchive archive;
  archive.write("values", checkpoint.values.cpu());
  archive.write("momenta", checkpoint.momenta.cpu());
  if (checkpoint.averages.defined()) archive.write("averages", checkpoint.averages.cpu());
  archive.write("step", torch::IValue(checkpoint.step));
  archive.write("fingerprint", torch::IValue(checkpoint.fingerprint));
  std::ostringstream bytes;
  archive.save_to(bytes);
  write_file(path, bytes.str());
}

std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& path,
                                          const std::optional<std::string>& fingerprint,
                                          std::int64_t parameters) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string bytes = read_file(path);
  Checkpoint checkpoint;
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(bytes.data(), bytes.size());
    archive.read("values", checkpoint.values);
    archive.read("momenta", checkpoint.momenta);
    archive.try_read("averages", checkpoint.averages);
    torch::IValue step, print;
    archive.read("step", step);
    archive.read("fingerprint", print);
    checkpoint.step = step.toInt();
    checkpoint.fingerprint = print.toStringRef();
  } catch (const c10::Error&) {
    throw IoError(
        fmt::format("{}: is not a whole checkpoint of tinynas; delete it to train anew", path.string()));
  }
  if ((fingerprint && checkpoint.fingerprint != *fingerprint) || checkpoint.values.numel() != parameters)
    throw ConfigError(fmt::format(
        "{}: comes from a training with other settings (space, recipe, seed or data); use another "
        "run folder, or delete it to train anew",
        path.string()));
  return checkpoint;
}

}  // namespace tinynas::train
