#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tinynas {

/// The whole file. Throws IoError naming the path if it is missing, unreadable or larger than `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::int64_t max_bytes = std::int64_t{4} << 30);
/// Writes whole or not at all: a temporary beside it, flushed, then renamed. Creates missing folders.
/// A link stays, what it names is written; IoError also for what is no regular file, such as a device.
void write_file(const std::filesystem::path& path, std::string_view bytes);
/// Appends one line (with its newline in a single write) to a log such as history.jsonl and flushes it.
void append_line(const std::filesystem::path& path, std::string_view line);
/// Makes a file hold `bytes`: appends what is missing if the file is their beginning, so that who reads it
/// goes on reading, and writes it anew as write_file does otherwise.
void extend_file(const std::filesystem::path& path, std::string_view bytes);
/// The lines of a JSONL file; a last line without its newline (killed while writing) is dropped.
std::vector<std::string> read_complete_lines(const std::filesystem::path& path);
/// Creates the folder and checks that files can be written in it; IoError says what to do otherwise.
void require_writable_folder(const std::filesystem::path& folder);

/// Finds a file that comes with tinynas ("configs/devices/stm32f746.yaml", "search_spaces/mcunet.yaml",
/// "src/engine/c/tinynas_kernels.h"): as given, then below $TINYNAS_HOME, then in the share/tinynas beside
/// the executable's bin/, then in the source tree, or in the package where the program links an installed
/// tinynas. Throws IoError listing where it looked.
std::filesystem::path find_resource(const std::filesystem::path& relative);
/// Stems of the files with `extension` in a resource folder, sorted: names for "did you mean".
std::vector<std::string> list_resources(const std::filesystem::path& folder, std::string_view extension);

}  // namespace tinynas
