#pragma once

#include <filesystem>
#include <string_view>

namespace tinynas {

/// Events go to stderr (and to a run's log file): one line, `event key=value key=value`, units in the keys.
/// The library logs and never prints; results go to stdout or files.
enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

/// Events of this level and above reach stderr (default: kWarning); a log file gets all from kInfo on.
void set_log_level(LogLevel level);
/// Also writes every event, with its time, to this file (appending). An empty path ends it.
void set_log_file(const std::filesystem::path& path);

void log_debug(std::string_view event);
void log_info(std::string_view event);
void log_warning(std::string_view event);

}  // namespace tinynas
